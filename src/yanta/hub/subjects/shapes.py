"""What a subject and a field are."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Literal

from django.db import models

from yanta.kernel.base import Actor, Refused
from yanta.kernel.base.models import Record

Kind = Literal["text", "integer", "decimal", "date", "instant", "flag"]


class Level(IntEnum):
    """How much harm a leak does (GB/T 35273 personal information; GB/T 43697-2024 grading of data)."""

    PUBLIC = 1
    INTERNAL = 2
    SENSITIVE = 3
    HIGH = 4

    @property
    def label(self) -> str:
        return ("公开", "内部", "敏感", "高度敏感")[self - 1]


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a subject. `path` leads from the subject's model; `element` is `SUBSET.IDENTIFIER`, or nothing;
    `refers` names the model whose key the value is."""

    name: str
    title: str
    path: str
    kind: Kind
    level: Level
    owner: str = ""
    element: str = ""
    standard: str = ""
    code_set: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    is_sealed: bool = False
    refers: str = ""

    @property
    def via(self) -> str:
        """The links from the subject's model to the model that keeps the value."""
        return self.path.rpartition("__")[0]


@dataclass(frozen=True, slots=True)
class Subject:
    """One kind of thing that the school keeps data about; `key` is the field that names a row for people."""

    name: str
    title: str
    model: type[Record]
    owner: str
    key: str
    fields: tuple[Field, ...]

    def field(self, name: str) -> Field:
        """The field of that name; refuses an unknown one in words."""
        for one in self.fields:
            if one.name == name:
                return one
        raise Refused(f"“{self.title}”没有“{name}”这一项")

    @property
    def is_personal(self) -> bool:
        """Whether a row says something about one person."""
        return self.model.person_path is not None

    def rows(self, actor: Actor | None = None, permission: str | None = None) -> models.QuerySet[Any]:
        """What the actor reaches; without an actor the whole school, for what is decided or counted."""
        found = self.model.objects.order_by("pk")
        return found if actor is None else found.visible_to(actor, permission)
