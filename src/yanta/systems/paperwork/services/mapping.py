"""What each slot is filled with, decided by a person cell by cell."""

from __future__ import annotations

from typing import Annotated

from yanta.kernel.base import Actor, Refused
from yanta.kernel.base.elements import Element, declared
from yanta.kernel.documents.model import Binding
from yanta.kernel.documents.values import STYLES, ConditionError, answer, names_in
from yanta.kernel.operation import Label, operation
from yanta.systems.paperwork import rules
from yanta.systems.paperwork.models import Edition
from yanta.systems.paperwork.queries import applications

Text = Annotated[str, Label("写成", "可写字和 {数据项}，如 {student.department}{student.class}")]
When = Annotated[str, Label("仅当", "条件，如 student.level == '本科'")]


@operation(
    "对应", icon="arrows-join", bulk=False, when=lambda edition: edition.status == Edition.Status.DRAFT
)
def bind(
    edition: Edition, *, actor: Actor, slot: Annotated[str, Label("空格")], element: Annotated[str, Label("数据项")] = "",
    text: Text = "", when: When = "", style: Annotated[str, Label("写法")] = "", by_hand: Annotated[bool, Label("手填")] = False,
    is_required: Annotated[bool, Label("必填")] = True, step: Annotated[str, Label("哪一步的意见")] = "",
) -> None:  # fmt: skip
    """One slot is decided: an element, a text with elements, the opinion of a step, or the pen."""
    found = next((one for one in edition.found if one.key == slot), None)
    if found is None:
        raise Refused("这份表格里没有这一格", field="slot")
    before = edition.bound.get(slot)
    label = found.label if found.kind == "opinion" else ""
    made = Binding(
        slot, found.label, found.kind, element=element, text=text.strip(), when=when.strip(), style=style,
        step=step or (before.step if before and before.step else label), by_hand=by_hand, is_required=is_required,
        columns=_columns(before, _element(element, edition), found.columns),
    )  # fmt: skip
    _check(made, edition)
    others = [one for one in edition.bindings if one["slot"] != slot]
    edition.bindings = [*others, rules.kept_binding(made, confirmed=True)]
    edition.save(update_fields=["bindings", "updated_at"])


def _element(name: str, edition: Edition) -> Element | None:
    return declared().get(name) or applications.elements(edition.form.service).get(name)


def _columns(before: Binding | None, element: Element | None, labels: tuple[str, ...]) -> tuple[str, ...]:
    """Columns follow from the labels anew when another rows element is chosen."""
    from yanta.kernel.documents.suggesting import columns_for

    if before is not None and element is not None and before.element == element.name and before.columns:
        return before.columns
    return columns_for(element, labels)


def _check(binding: Binding, edition: Edition) -> None:
    service = edition.form.service
    if binding.by_hand:
        return
    if binding.kind == "opinion":
        _check_step(binding, service)
        return
    if not binding.element and not binding.text:
        raise Refused("请选择数据项，或写明内容，或标为手填", field="element")
    if binding.element:
        _check_element(binding, _element(binding.element, edition))
    if binding.style and binding.style not in STYLES:
        raise Refused("没有这种日期写法", field="style")
    names = declared().keys() | applications.elements(service).keys()
    try:
        answer(binding, {})
    except ConditionError as error:
        raise Refused(f"条件“{error}”无法判断，请写成 student.level == '本科' 这样", field="when") from error
    if binding.text and "{" in binding.text and not names_in(binding, names):
        raise Refused("花括号里须是数据项，如 {student.class}", field="text")


def _check_step(binding: Binding, service: str) -> None:
    """Of a form that belongs to a service, an opinion is of a step of its process."""
    if service and binding.step not in dict(applications.steps(service)):
        raise Refused("请选择这是流程里哪一步的意见，没有这一步就留空手填", field="step")


def _check_element(binding: Binding, element: Element | None) -> None:
    if element is None:
        raise Refused(f"没有数据项 {binding.element}", field="element")
    special = {"rows", "photo"} & {element.kind, binding.kind}
    if special and element.kind != binding.kind:
        raise Refused(f"“{element.label}”不能填进这样的格", field="element")


@operation(
    "全部采用建议", icon="checks", bulk=False, when=lambda edition: edition.status == Edition.Status.DRAFT
)
def confirm_all(edition: Edition, *, actor: Actor) -> None:
    """Every suggestion holds, and what has none is left to the pen."""
    bound = {one["slot"]: {**one, "confirmed": True} for one in edition.bindings}
    for slot in edition.found:
        if slot.key not in bound:
            by_hand = Binding(slot.key, slot.label, slot.kind, by_hand=True)
            bound[slot.key] = rules.kept_binding(by_hand, confirmed=True)
    edition.bindings = list(bound.values())
    edition.save(update_fields=["bindings", "updated_at"])
