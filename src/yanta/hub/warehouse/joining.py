"""A subject with what its links lead to: `programme.years` beside `programme`, one step far."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from django.db.models import QuerySet

from yanta.hub import subjects
from yanta.hub.subjects import Field, Level, Subject
from yanta.kernel.base import Actor
from yanta.kernel.base.scope import permission_of

SEPARATOR = "."


@cache
def widened(name: str) -> Subject:
    """The subject of that name with the fields of the subjects that it points to."""
    subject = subjects.subject(name)
    return _with(subject, (*subject.fields, *_joined(subject)))


def _with(subject: Subject, fields: tuple[Field, ...]) -> Subject:
    return Subject(subject.name, subject.title, subject.model, subject.owner, subject.key, fields)


def _joined(subject: Subject) -> Iterator[Field]:
    by_model = {one.model._meta.label_lower: one for one in subjects.all_subjects()}
    for link in subject.fields:
        target = by_model.get(link.refers)
        if target is None or not link.via:
            continue
        for field in target.fields:
            if field.name not in (target.key, "name") and not field.is_sealed:
                yield _behind(link, field)


def _behind(link: Field, field: Field) -> Field:
    return Field(
        f"{link.name}{SEPARATOR}{field.name}", f"{link.title} · {field.title}", f"{link.via}__{field.path}", field.kind,
        field.level, field.owner, field.element, field.standard, field.code_set, field.choices, field.is_sealed, field.refers,
    )  # fmt: skip


def may_ask(subject: Subject, actor: Actor) -> bool:
    """Whether the actor sees rows of this subject at all."""
    return actor.may(permission_of(subject.model, "view"))


def open_subjects(actor: Actor) -> list[Subject]:
    return [one for one in subjects.all_subjects() if may_ask(one, actor)]


def open_to(name: str, actor: Actor) -> Subject:
    """The widened subject with the fields that this actor may choose.

    What lies behind a link is offered when it is public, or when the actor reaches all rows of that subject; so no row
    out of reach is read through another.
    """
    subject = widened(name)
    by_model = {one.model._meta.label_lower: one for one in subjects.all_subjects()}
    links = {field.name: by_model.get(field.refers) for field in subject.fields}

    def is_open(field: Field) -> bool:
        link, _, behind = field.name.partition(SEPARATOR)
        target = links.get(link)
        if not behind or target is None:
            return True
        permission = permission_of(target.model, "view")
        return actor.may(permission) and (field.level == Level.PUBLIC or actor.reach(permission).everything)

    return _with(subject, tuple(field for field in subject.fields if is_open(field)))


def rows_of(subject: Subject, actor: Actor) -> QuerySet[Any]:
    """The rows the actor reaches."""
    return subject.rows(actor, permission_of(subject.model, "view"))
