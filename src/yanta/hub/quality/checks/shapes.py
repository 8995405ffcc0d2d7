"""What a check is made of: a template, the spec that fills it in, and what it asks of the world."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar, Literal, Protocol

import ibis
from ibis import ir

from yanta.hub import subjects
from yanta.hub.subjects import Field, Subject, conditions
from yanta.kernel.base import Refused

APPLIES, FAILS, CLEAR = "_applies", "_fails", "__clear"
Kind = Literal[
    "text",
    "number",
    "flag",
    "choice",
    "condition",
    "subject",
    "other_field",
    "own_field",
    "element",
    "source",
]


class Dimension(StrEnum):
    """The six sides of quality (GB/T 36344-2018), with what compares sources set apart."""

    COMPLETE = "complete"
    UNIQUE = "unique"
    VALID = "valid"
    CONSISTENT = "consistent"
    REFERENCE = "reference"
    CROSS_SOURCE = "cross_source"
    TIMELY = "timely"

    @property
    def label(self) -> str:
        return DIMENSIONS[self]


DIMENSIONS = {
    Dimension.COMPLETE: "完整", Dimension.UNIQUE: "唯一", Dimension.VALID: "有效", Dimension.CONSISTENT: "一致",
    Dimension.REFERENCE: "参照", Dimension.CROSS_SOURCE: "跨源", Dimension.TIMELY: "及时",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Parameter:
    """One more thing that a template asks for."""

    name: str
    label: str
    kind: Kind = "text"
    required: bool = True
    help: str = ""
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Spec:
    """A rule without its administration: what is to hold of which rows."""

    template: str
    subject: Subject
    fields: tuple[str, ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    when: Mapping[str, Any] = field(default_factory=lambda: conditions.EVERYTHING)

    def field(self, at: int = 0) -> Field:
        return self.subject.field(self.fields[at])

    def titles(self) -> str:
        return "、".join(self.subject.field(name).title for name in self.fields)

    def text(self, name: str) -> str:
        value = self.parameters.get(name)
        return "" if value is None else str(value).strip()


@dataclass(frozen=True, slots=True)
class Needs:
    """The fields to read, those of them in clear, and the other subjects that are looked at."""

    fields: tuple[str, ...] = ()
    clear: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


class World(Protocol):
    """What lies beside the table that is judged."""

    on: date
    now: datetime

    def relation(self, subject: str, names: Sequence[str], where: Mapping[str, Any]) -> ir.Table: ...
    def codes(self, set_id: str) -> ir.Table: ...
    def changed(self, subject: Subject) -> ir.Table: ...
    def spoken(self) -> ir.Table: ...
    def believed(self, element: str) -> ir.Table: ...
    def delivered(self, element: str, left: str, right: str) -> ir.Table: ...


class Template(ABC):
    """A family of rules. `whole`: one row cannot be judged without all the others."""

    code: ClassVar[str]
    title: ClassVar[str]
    dimension: ClassVar[Dimension]
    help: ClassVar[str] = ""
    least: ClassVar[int] = 1
    most: ClassVar[int] = 1
    parameters: ClassVar[tuple[Parameter, ...]] = ()
    whole: ClassVar[bool] = False
    shown: ClassVar[tuple[tuple[str, str], ...]] = ()

    def offers(self, subject: Subject) -> bool:
        """Whether the template makes sense for a subject at all."""
        return subject.name != "data_source"

    def accepts(self, one: Field) -> bool:
        return True

    def check(self, spec: Spec) -> None:  # noqa: B027 - most templates have nothing of their own to refuse
        """Refuses nonsense in words; what holds for every template is checked before."""

    @abstractmethod
    def words(self, spec: Spec) -> str:
        """The rule as a clerk says it."""

    def needs(self, spec: Spec) -> Needs:
        return Needs(spec.fields)

    def judge(self, table: ir.Table, spec: Spec, world: World) -> ir.Table:
        """The table with `_applies` and `_fails`, whatever is null meaning no."""
        table = self.beside(table, spec, world)
        applies, fails = self.verdict(table, spec, world)
        return table.mutate(**{APPLIES: applies.fill_null(False), FAILS: fails.fill_null(False)})

    def beside(self, table: ir.Table, spec: Spec, world: World) -> ir.Table:
        """The table with what is looked at beside the row joined on; a row stays one row."""
        return table

    @abstractmethod
    def verdict(self, table: ir.Table, spec: Spec, world: World) -> tuple[ir.BooleanValue, ir.BooleanValue]:
        """Which rows the rule speaks of, and which of them break it."""


def cell(table: ir.Table, name: str) -> Any:
    """The column, in clear where it was read so."""
    return table[f"{name}{CLEAR}"] if f"{name}{CLEAR}" in table.columns else table[name]


def filled(table: ir.Table, name: str) -> ir.BooleanValue:
    column = table[name]
    there = column.notnull()
    return there & (column.strip() != "").fill_null(False) if column.type().is_string() else there


def all_filled(table: ir.Table, names: Sequence[str]) -> ir.BooleanValue:
    return ibis.and_(*(filled(table, name) for name in names))


def scope(table: ir.Table, spec: Spec) -> ir.BooleanValue:
    """The rows that the rule speaks of."""
    return conditions.expression(table, spec.subject, spec.when)


def whole_number(spec: Spec, name: str, label: str, *, least: int = 0) -> int | None:
    """A number parameter, or None when it is left empty."""
    text = spec.text(name)
    if not text:
        return None
    try:
        value = int(text)
    except ValueError as error:
        raise Refused(f"{label}应为整数", field=f"parameter_{name}") from error
    if value < least:
        raise Refused(f"{label}不能小于 {least}", field=f"parameter_{name}")
    return value


def other_subject(spec: Spec, name: str = "other") -> Subject:
    return subjects.subject(spec.text(name))


COMPARISONS: dict[str, tuple[str, Any]] = {
    "eq": ("等于", lambda a, b: a == b),
    "ne": ("不等于", lambda a, b: a != b),
    "lt": ("早于或小于", lambda a, b: a < b),
    "le": ("不晚于或不大于", lambda a, b: a <= b),
    "gt": ("晚于或大于", lambda a, b: a > b),
    "ge": ("不早于或不小于", lambda a, b: a >= b),
}
COMPARISON_OPTIONS = tuple((code, words) for code, (words, _) in COMPARISONS.items())


def comparison(spec: Spec, name: str = "op") -> tuple[str, Any]:
    found = COMPARISONS.get(spec.text(name) or "eq")
    if found is None:
        raise Refused(f"没有“{spec.text(name)}”这种比较", field=f"parameter_{name}")
    return found
