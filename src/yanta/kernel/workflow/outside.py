"""To-dos of other systems: put and cleared by their own key, as often as they like."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from yanta.kernel.base import Refused
from yanta.kernel.people.models import Person
from yanta.kernel.workflow.models import OutsideTodo


@dataclass(frozen=True, slots=True)
class Source:
    """The other system: its code and what people call it."""

    code: str
    title: str


def put(
    source: Source, key: str, *, to: Collection[str], title: str, link: str, detail: str = "",
    due_at: datetime | None = None,
) -> int:  # fmt: skip
    """One to-do for these people (numbers); putting it again changes it, and asks again whoever it was cleared for."""
    people = dict(Person.objects.filter(number__in=to, merged_into=None).values_list("number", "pk"))
    unknown = sorted(set(to) - set(people))
    if unknown:
        raise Refused(f"没有人员号 {unknown[0]}", field="to", rule="people")
    if not link.startswith(("https://", "http://", "/")):
        raise Refused("链接应以 https:// 开头", field="link", rule="link")
    said: dict[str, Any] = {"source_title": source.title, "title": title[:200], "detail": detail[:300], "link": link[:500],
                            "due_at": due_at, "cleared_at": None}  # fmt: skip
    rows = [OutsideTodo(source=source.code, key=key[:120], person_id=one, **said) for one in people.values()]
    OutsideTodo.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["source", "key", "person"], update_fields=list(said)
    )
    return len(rows)


def clear(source: Source, key: str, *, of: Collection[str] | None = None) -> int:
    """Done there: of these people, or of everybody; returns how many were open."""
    rows = OutsideTodo.objects.filter(source=source.code, key=key, cleared_at=None)
    if of is not None:
        rows = rows.filter(person__number__in=of)
    return rows.update(cleared_at=timezone.now())


def open_of(person_id: int) -> QuerySet[OutsideTodo]:
    """What other systems ask of a person."""
    return OutsideTodo.objects.filter(person_id=person_id, cleared_at=None).order_by("due_at", "-pk")
