"""A department's own service: publish a version of its form, close it, open it again."""

from __future__ import annotations

from typing import Annotated, Any

from django.utils import timezone

from yanta.kernel.base import Actor, Refused, elements
from yanta.kernel.operation import Label, operation
from yanta.kernel.resource import resource_of, writing
from yanta.systems.hall.models import Design, Version
from yanta.systems.hall.queries import designed
from yanta.systems.hall.rules import forms

State = Design.State
LONGEST = 200_000


@operation("发布", icon="rocket", bulk=False)
def publish(design: Design, *, actor: Actor, note: Annotated[str, Label("这一版改了什么")] = "") -> None:
    """The draft form becomes the next version, and the service is open; what was handed in keeps its version."""
    faults = faults_of(design.layout)
    if faults:
        raise Refused("表单还不能发布：" + "；".join(faults))
    latest = design.versions.first()
    if latest is None or latest.layout != design.layout:
        Version.objects.create(
            design=design, number=(latest.number if latest else 0) + 1, layout=design.layout, note=note,
            by_name=actor.name, published_at=timezone.now(),
        )  # fmt: skip
    elif design.state == State.OPEN:
        raise Refused("表单和正在使用的版本相同，没有要发布的内容")
    design.state = State.OPEN
    design.save(update_fields=["state", "updated_at"])


@operation(
    "停办", icon="player-pause", danger=True, bulk=False, when=lambda design: design.state == State.OPEN
)
def close(design: Design, *, actor: Actor, reason: str) -> None:
    """No new matters; those under way go on."""
    if design.state != State.OPEN:
        raise Refused("只有受理中的事项可以停办")
    design.state = State.CLOSED
    design.save(update_fields=["state", "updated_at"])


@operation("恢复受理", icon="player-play", bulk=False, when=lambda design: design.state == State.CLOSED)
def reopen(design: Design, *, actor: Actor) -> None:
    """With the form it was closed with."""
    if design.state != State.CLOSED:
        raise Refused("只有已停办的事项可以恢复受理")
    design.state = State.OPEN
    design.save(update_fields=["state", "updated_at"])


def refusal_of_process(key: str) -> str | None:
    """Why this process cannot decide matters of a designed service, or None."""
    known = designed.processes()
    return None if key in known else f"没有可用于自建事项的流程 {key}；可用：{'、'.join(known.values())}"


def faults_of(schema: Any) -> list[str]:
    """Everything that keeps a form from being published."""
    try:
        form = forms.read(schema)
    except forms.FormError as error:
        return error.faults
    known = elements.declared()
    return [
        f"“{one.label}”绑定的数据元 {one.element} 不存在" for one in form.questions if one.element and one.element not in known
    ]  # fmt: skip


def draw(design: Design, schema: Any, *, actor: Actor) -> None:
    """Keep the draft, however unfinished; only nonsense is refused. Whoever may edit the service may draw its form."""
    if not isinstance(schema, dict) or not isinstance(schema.get("parts"), list):
        raise Refused("表单内容不完整，请刷新后重试")
    if len(str(schema)) > LONGEST:
        raise Refused("表单太大，请拆成两个事项")
    design.layout = schema
    resource = resource_of(Design)
    if resource is None:
        raise LookupError("the noun of designed services is not registered")
    writing.save(resource, design, actor=actor)
