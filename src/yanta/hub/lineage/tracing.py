"""Where one value comes from: the record, who wrote it when, the merged value, the delivered row and its run."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from yanta.hub import queries as hub
from yanta.hub.elements import ELEMENTS, PERSON_FIELDS, Element
from yanta.hub.lineage.lineage import ELSEWHERE
from yanta.hub.models import ElementValue
from yanta.hub.subjects import Field, Subject
from yanta.hub.subjects.showing import EMPTY, SEALED, shown
from yanta.kernel.people.models import Person

SHOWN_WRITES = 20


@dataclass(frozen=True, slots=True)
class Written:
    """One change of the value: when, who, by which operation, what it was after."""

    at: datetime
    who: str
    operation: str
    value: str


@dataclass
class Trace:
    """The way back of one value."""

    subject: Subject
    field: Field
    row: Any
    value: str
    writes: list[Written] = dataclasses.field(default_factory=list)
    element: Element | None = None
    person: Person | None = None
    merged: hub.ValueView | None = None


def trace(subject: Subject, one: Field, row: Any) -> Trace:
    """From a subject's row and field back to where the value was first written down."""
    holder = _holder(row, one.via)
    raw = _raw(holder, one) if holder is not None else None
    found = Trace(subject, one, row, shown(one, raw, is_clear=True))
    if holder is not None:
        found.writes = list(_writes(holder, one))[:SHOWN_WRITES]
    found.person, found.element = _merged_as(subject, one, row, holder)
    if found.person is not None and found.element is not None:
        found.merged = _merged(found.person, found.element)
    return found


def _holder(row: Any, via: str) -> Any:
    """The record that keeps the value; a link's own key is kept by the record that holds the link."""
    for step in via.split("__") if via else []:
        row = getattr(row, step)
        if row is None:
            return None
    return row


def _raw(holder: Any, one: Field) -> Any:
    return getattr(holder, one.path.rpartition("__")[2])


def _writes(holder: Any, one: Field) -> Iterator[Written]:
    """Changes of the column, newest first, out of the history; repeated values are one."""
    model = type(holder)
    if not getattr(model, "history", False):
        return
    name = one.path.rpartition("__")[2]
    events = holder.history_events.select_related("pgh_context").order_by("pgh_id")
    before: Any = object()
    written = []
    for event in events:
        value = getattr(event, name, None)
        plain = bytes(value) if isinstance(value, memoryview) else value
        if plain != before:
            context = event.pgh_context.metadata if event.pgh_context_id and event.pgh_context else {}
            said = (EMPTY if not plain else SEALED) if one.is_sealed else shown(one, plain)
            written.append(
                Written(event.pgh_created_at, _who(context), str(context.get("operation", "")), said)
            )
        before = plain
    yield from reversed(written)


def _who(context: dict[str, Any]) -> str:
    name = str(context.get("actor") or context.get("user") or "")
    return "系统" if not name or name.startswith("system:") else name


def _merged_as(subject: Subject, one: Field, row: Any, holder: Any) -> tuple[Person | None, Element | None]:
    """The person and the hub's element that the value is, where it is one."""
    if isinstance(holder, Person):
        column = one.path.rpartition("__")[2]
        name = next((name for name, kept in PERSON_FIELDS.items() if kept == column), None)
        return holder, ELEMENTS.get(name or "")
    path = subject.model.person_path
    name = next((name for name, kept in ELSEWHERE.items() if kept == f"{subject.name}.{one.name}"), None)
    person = _holder(row, path) if path not in (None, "self") else None
    return (person, ELEMENTS.get(name or "")) if name else (None, None)


def _merged(person: Person, element: Element) -> hub.ValueView | None:
    if not ElementValue.objects.filter(person=person, element=element.name).exists():
        return None
    views = hub.record_of(person, with_others=True)
    return next((view for view in views if view.element.name == element.name), None)
