"""The decisions that change the organisation tree."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from yanta.kernel.base import Actor, Refused
from yanta.kernel.events import publish
from yanta.kernel.operation import Label, operation
from yanta.kernel.organisation import events
from yanta.kernel.organisation.models import OrgChange, OrgSuccession, OrgUnit, OrgUnitSpell

Kind = OrgChange.Kind
Document = Annotated[str, Label("依据文件", "如 西科办发〔2016〕10号")]
Effective = Annotated[date, Label("生效日期")]
Parent = Annotated[OrgUnit, Label("新上级单位")]
Into = Annotated[OrgUnit, Label("并入单位")]


def _is_current(unit: OrgUnit) -> bool:
    return unit.valid_to is None


def _require_current(*units: OrgUnit) -> None:
    for unit in units:
        if unit.valid_to is not None:
            raise Refused(f"“{unit.name}”已于 {unit.valid_to} 撤销")


def _require_free_code(code: str) -> None:
    if OrgUnit.objects.filter(code=code).exists():
        raise Refused(f"单位号 {code} 已被使用；单位号不重复使用", field="code")


def _close_spell(unit: OrgUnit, on: date) -> None:
    """End the spell in force; one that began the same day is replaced."""
    spell = unit.spells.filter(valid_to=None).first()
    if spell is None:
        return
    if spell.valid_from > on:
        raise Refused(f"“{unit.name}”的上一次调整在 {spell.valid_from}，生效日期不能早于它", field="on")
    if spell.valid_from == on:
        spell.delete()
        return
    spell.valid_to = on
    spell.save(update_fields=["valid_to", "updated_at"])


def _open_spell(unit: OrgUnit, on: date, document: str) -> None:
    OrgUnitSpell.objects.create(
        unit=unit, name=unit.name, short_name=unit.short_name, parent=unit.get_parent(update=True), valid_from=on,
        document=document,
    )  # fmt: skip


def _change(kind: Kind, on: date, document: str, summary: str, units: Sequence[OrgUnit]) -> OrgChange:
    change = OrgChange.objects.create(kind=kind, decided_on=on, document=document, summary=summary)
    publish(events.UnitsChanged(change_id=change.pk, kind=kind, unit_ids=tuple(unit.pk for unit in units)))
    return change


def _planted(parent: OrgUnit | None, *, code: str, name: str, kind: str, on: date, document: str) -> OrgUnit:
    _require_free_code(code)
    fields = {"code": code, "name": name, "kind": kind, "valid_from": on}
    unit: OrgUnit = parent.add_child(**fields) if parent is not None else OrgUnit.add_root(**fields)
    _open_spell(unit, on, document)
    return unit


def _end(unit: OrgUnit, on: date) -> None:
    if unit.get_children().filter(valid_to=None).exists():
        raise Refused(f"“{unit.name}”还有下级单位，请先调整它们")
    _close_spell(unit, on)
    unit.valid_to = on
    unit.save(update_fields=["valid_to", "updated_at"])


@operation("设立下级单位", icon="plus", bulk=False, when=_is_current)
def establish(
    parent: OrgUnit,
    *,
    actor: Actor,
    code: str,
    name: str,
    kind: OrgUnit.Kind,
    on: Effective,
    document: Document = "",
) -> OrgUnit:
    """A new unit under this one."""
    _require_current(parent)
    unit = _planted(parent, code=code, name=name, kind=kind, on=on, document=document)
    _change(Kind.ESTABLISHED, on, document, f"设立{name}", [unit])
    return unit


@operation("更名", icon="writing", bulk=False, when=_is_current)
def rename(
    unit: OrgUnit, *, actor: Actor, name: str, short_name: str = "", on: Effective, document: Document = ""
) -> None:
    """The same unit under a new name; the old one stays readable for its time."""
    _require_current(unit)
    before = unit.name
    if before == name and unit.short_name == short_name:
        raise Refused("名称没有变化", field="name")
    _close_spell(unit, on)
    unit.name, unit.short_name = name, short_name or unit.short_name
    unit.save(update_fields=["name", "short_name", "updated_at"])
    _open_spell(unit, on, document)
    _change(Kind.RENAMED, on, document, f"{before}更名为{name}", [unit])


@operation("调整隶属", icon="arrows-move", bulk=False, when=_is_current)
def move(unit: OrgUnit, *, actor: Actor, parent: Parent, on: Effective, document: Document = "") -> None:
    """The unit, with all below it, under another one."""
    _require_current(unit, parent)
    if parent.pk == unit.pk or parent.is_descendant_of(unit):
        raise Refused("不能移到自己或自己的下级之下", field="parent")
    _close_spell(unit, on)
    unit.move(parent, pos="last-child")
    unit.refresh_from_db()
    _open_spell(unit, on, document)
    _change(Kind.MOVED, on, document, f"{unit.name}划归{parent.name}", [unit])


@operation("合并到", icon="arrow-merge", bulk=False, danger=True, when=_is_current)
def merge(unit: OrgUnit, *, actor: Actor, into: Into, on: Effective, document: Document = "") -> None:
    """This unit ends; the other carries it on. Rows keep the unit they were made under."""
    _require_current(unit, into)
    if into.pk == unit.pk:
        raise Refused("不能并入自己", field="into")
    for child in unit.get_children().filter(valid_to=None):
        _close_spell(child, on)
        child.move(OrgUnit.objects.get(pk=into.pk), pos="last-child")
        child.refresh_from_db()
        _open_spell(child, on, document)
    unit.refresh_from_db()
    _end(unit, on)
    change = _change(Kind.MERGED, on, document, f"{unit.name}并入{into.name}", [unit, into])
    OrgSuccession.objects.create(change=change, predecessor=unit, successor=into)


@operation("拆分", icon="arrows-split", bulk=False, danger=True, when=_is_current)
def split(
    unit: OrgUnit, *, actor: Actor, codes: Annotated[str, Label("新单位号", "用逗号分开，与名称一一对应")],
    names: Annotated[str, Label("新单位名称", "用逗号分开，至少两个")], on: Effective, document: Document = "",
) -> None:  # fmt: skip
    """This unit ends; several new ones beside it carry it on."""
    _require_current(unit)
    wanted = list(zip(_listed(codes), _listed(names), strict=False))
    if len(wanted) < 2 or len(_listed(codes)) != len(_listed(names)):
        raise Refused("请给出至少两个新单位，单位号与名称一一对应", field="names")
    parent = unit.get_parent()
    units = [
        _planted(
            parent and OrgUnit.objects.get(pk=parent.pk),
            code=code,
            name=name,
            kind=unit.kind,
            on=on,
            document=document,
        )
        for code, name in wanted
    ]
    unit.refresh_from_db()
    _end(unit, on)
    change = _change(
        Kind.SPLIT, on, document, f"{unit.name}拆分为{'、'.join(name for _, name in wanted)}", [unit, *units]
    )
    OrgSuccession.objects.bulk_create(
        OrgSuccession(change=change, predecessor=unit, successor=successor) for successor in units
    )


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.replace("，", ",").replace("、", ",").split(",") if part.strip()]


@operation("撤销", icon="circle-minus", bulk=False, danger=True, when=_is_current)
def abolish(unit: OrgUnit, *, actor: Actor, on: Effective, document: Document = "") -> None:
    """The unit ends and nobody carries it on."""
    _require_current(unit)
    _end(unit, on)
    _change(Kind.ABOLISHED, on, document, f"撤销{unit.name}", [unit])
