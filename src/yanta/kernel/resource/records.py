"""The record page: facts in groups, related rows as tabs, what happened as a timeline."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models

from yanta.kernel.base import Actor
from yanta.kernel.base.fields import BlindIndexField, SealedField
from yanta.kernel.base.scope import covers
from yanta.kernel.operation import Operation
from yanta.kernel.resource.declare import Column, Related, Resource, Section
from yanta.kernel.resource.paths import Path, field_of, path_of, shown, with_related_rows
from yanta.kernel.resource.registry import resource_of

RELATED_ROWS = 10
TIMELINE_EVENTS = 20


@dataclass(frozen=True, slots=True)
class Fact:
    """One value with what its quiet mark needs: the data element it stands for, and where a link leads.

    A `picture` is shown from where its link leads; a `table` has its columns and its rows as `raw`.
    """

    name: str
    label: str
    kind: str
    value: str
    raw: Any
    element: str
    url: str


@dataclass(frozen=True, slots=True)
class FactGroup:
    title: str
    note: str
    facts: Sequence[Fact]


@dataclass(frozen=True, slots=True)
class Tab:
    title: str
    count: int
    columns: Sequence[Path]
    rows: Sequence[Any]
    base_url: str
    more_url: str


@dataclass(frozen=True, slots=True)
class Moment:
    """One entry of the timeline."""

    at: datetime
    what: str
    who: str
    changes: Sequence[tuple[str, str, str]]


def sections_of(resource: Resource) -> Sequence[Section]:
    """The declared facts, else the form's sections, else the list's columns."""
    if resource.facts:
        return resource.facts
    if resource.form:
        return resource.form
    return [Section("基本信息", [name for name in resource.columns if isinstance(name, str)])]


def element_of(model: type[models.Model], name: str) -> str:
    """The data element that a field is bound to by `Standard`, or nothing."""
    standard = getattr(model, "Standard", None)
    return str(standard.fields.get(name, "")) if standard is not None else ""


def _url(path: Path, value: Any, actor: Actor) -> str:
    if not isinstance(value, models.Model):
        return ""
    target = resource_of(type(value))
    return f"{target.base_url}{value.pk}/" if target and reaches(target, value, actor, "view") else ""


def reaches(resource: Resource, row: Any, actor: Actor, verb: str) -> bool:
    """Whether the actor's permission extends to this row: no page offers a link or a button that will be refused."""
    known = covers(row, actor, resource.permission(verb))
    return resource.visible_to(actor, verb).filter(pk=row.pk).exists() if known is None else known


def fact_of(row: Any, name: str, actor: Actor) -> Fact:
    model: Any = type(row)
    path = path_of(model, name)
    value = path.raw(row)
    return Fact(
        name, path.label, path.kind, shown(path, value), value if path.kind != "sealed" else None,
        element_of(model, name), _url(path, value, actor),
    )  # fmt: skip


def facts_of(resource: Resource, row: Any, actor: Actor) -> list[FactGroup]:
    """What no field holds; fields, and columns of the list that are computed, by their names."""
    computed = resource.computed_columns
    return [*resource.further_facts(row)] + [
        FactGroup(
            section.title, section.note,
            [_computed(computed[name], row) if name in computed else fact_of(row, name, actor) for name in section.fields],
        )
        for section in sections_of(resource)
    ]  # fmt: skip


def _computed(column: Column, row: Any) -> Fact:
    value = column.value(row)
    return Fact(column.name, column.label, column.kind, "" if value is None else str(value), value, "", "")


def fact_names(resource: Resource) -> list[str]:
    """What has to be joined for the facts, and for knowing whether their links will be open."""
    computed = resource.computed_columns
    named = [name for section in sections_of(resource) for name in section.fields]
    read = [each for name in named for each in (computed[name].needs if name in computed else (name,))]
    return read + [f"{name}__{way}" for name in read if (way := _way_to_unit(resource.model, name))]


def _way_to_unit(model: Any, name: str) -> str:
    """From a linked row to the unit that decides who reaches it; '' where nothing leads there or the row is one."""
    target = None if name == "__str__" else field_of(model, name).related_model
    way = getattr(target, "org_path", None)
    return way if isinstance(target, type) and way and way != "self" and resource_of(target) else ""


def _tab(related: Related, row: Any, actor: Actor) -> Tab | None:
    target = resource_of(related.model)
    if target is None or not actor.may(target.permission("view")):
        return None
    rows = target.visible_to(actor).filter(**{related.path: row.pk}).order_by(*target.order)
    names = related.columns or [name for name in target.columns if name != related.path][:5]
    found = list(with_related_rows(target.model, rows, names)[: RELATED_ROWS + 1])
    count = len(found) if len(found) <= RELATED_ROWS else rows.count()
    more = f"{target.base_url}?{related.path}={row.pk}" if related.path in target.filters else ""
    columns = [path_of(target.model, name) for name in names]
    return Tab(related.title, count, columns, found[:RELATED_ROWS], target.base_url, more)


def tabs_of(resource: Resource, row: Any, actor: Actor) -> list[Tab]:
    found = (_tab(related, row, actor) for related in resource.related)
    return [tab for tab in found if tab is not None]


def actions_for(resource: Resource, row: Any, actor: Actor) -> list[Operation[..., Any]]:
    """The verbs that make sense for this row, of which this person may do each to this row."""
    return [
        one for one in resource.actions
        if not one.on_collection and one.offered_to(actor, row) and may_do(resource, row, actor, one.name)
    ]  # fmt: skip


def may_do(resource: Resource, seen: Any, actor: Actor, verb: str) -> bool:
    """Whether the actor may do this to a row that the actor sees; asks the database only where it reaches less far."""
    as_far = actor.reach(resource.permission(verb)) == actor.reach(resource.permission("view"))
    return as_far or reaches(resource, seen, actor, verb)


def _event_model(model: type[models.Model]) -> type[models.Model] | None:
    return getattr(model, "pgh_event_model", None)


def timeline_of(row: Any) -> list[Moment]:
    """The row's history, newest first, from the trigger's table."""
    event_model = _event_model(type(row))
    if event_model is None:
        return []
    events = list(
        event_model._default_manager.filter(pgh_obj_id=row.pk)
        .select_related("pgh_context")
        .order_by("-pgh_id")[: TIMELINE_EVENTS + 1]
    )
    pairs = zip(events, [*events[1:], None], strict=False)
    return [_moment(type(row), event, before) for event, before in pairs][:TIMELINE_EVENTS]


def _moment(model: type[models.Model], event: Any, before: Any) -> Moment:
    context = event.pgh_context.metadata if event.pgh_context_id and event.pgh_context else {}
    words = {"insert": "新增", "update": "修改", "delete": "删除"}
    what = _operation_title(model, context.get("operation", "")) or words.get(
        event.pgh_label, event.pgh_label
    )
    changes = list(_changes(model, event, before)) if before is not None else []
    return Moment(event.pgh_created_at, what, _who(context.get("actor", "")), changes)


def _who(name: str) -> str:
    return "系统" if not name or name.startswith("system:") else name


def _operation_title(model: type[models.Model], permission: str) -> str:
    resource = resource_of(model)
    verb = permission.rpartition(".")[2]
    for action in resource.actions if resource else ():
        if action.permission == permission:
            return action.title
    return {"add": "新增", "edit": "修改", "delete": "删除", "import": "导入"}.get(verb, "")


def _changes(model: type[models.Model], event: Any, before: Any) -> Iterator[tuple[str, str, str]]:
    for field in model._meta.concrete_fields:
        unread = isinstance(field, BlindIndexField | models.JSONField)
        if not field.editable or unread or not hasattr(event, field.attname):
            continue
        old, new = getattr(before, field.attname), getattr(event, field.attname)
        if old == new:
            continue
        path = path_of(model, field.name)
        if isinstance(field, models.ForeignKey):
            old, new = getattr(before, field.name, None), getattr(event, field.name, None)
        if isinstance(field, SealedField):
            old, new = (old and "***"), (new and "***")
        yield path.label, shown(path, old) or "（空）", shown(path, new) or "（空）"
