"""The school's own code sets whose codes are master data: the set is a view of it, never a copy."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from yanta.kernel.base import Actor
from yanta.kernel.codes.rules import CodeTable, Entry, Validated, fold


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns of the master data are the code, its name, its parent and its validity."""

    code: str = "code"
    name: str = "name"
    parent: str = ""
    valid_from: str = ""
    valid_to: str = ""


@dataclass(frozen=True)
class LiveSet:
    """A code set provided by master data."""

    set_id: str
    title: str
    standard: str
    domain: str
    owner: str
    width: int
    columns: Columns
    rows: Callable[[], QuerySet[Any]]

    def entries(self, rows: QuerySet[Any] | None = None) -> list[Entry]:
        """The codes as they stand now."""
        used = {name: path for name in Columns.__dataclass_fields__ if (path := getattr(self.columns, name))}
        values = (self.rows() if rows is None else rows).values(*used.values())
        return [_entry({name: row[path] for name, path in used.items()}) for row in values]

    def seen_by(self, actor: Actor) -> LiveSet:
        """The same set with only the rows that this person may see."""
        return replace(self, rows=lambda: self.rows().visible_to(actor))  # type: ignore[attr-defined]

    def table(self) -> CodeTable:
        return self._table(self.entries())

    def validate(self, value: object, *, on: date | None = None) -> Validated:
        """Judge one value by looking up only the rows that could be meant."""
        written = str(value).strip()
        wanted = [written, fold(written)]
        meant = Q(**{f"{self.columns.code}__in": wanted}) | Q(**{f"{self.columns.name}__in": wanted})
        return self._table(self.entries(self.rows().filter(meant))).validate(value, on=on)

    def names(self, codes: Iterable[str]) -> dict[str, str]:
        """code → name, for a whole page in one query."""
        rows = self.rows().filter(**{f"{self.columns.code}__in": list(codes)})
        return dict(rows.values_list(self.columns.code, self.columns.name))

    def _table(self, entries: Iterable[Entry]) -> CodeTable:
        return CodeTable(self.set_id, self.title, {entry.code: entry for entry in entries})


_sets: dict[str, LiveSet] = {}

Rows = Callable[[], QuerySet[Any]]


def code_set_provider(
    set_id: str,
    *,
    title: str,
    owner: str,
    width: int,
    standard: str = "学校信息编码标准",
    domain: str = "学校",
    columns: Columns | None = None,
) -> Callable[[Rows], Rows]:
    """Declare a set whose codes are the rows of a query; `owner` is the department in charge."""

    def declare(rows: Rows) -> Rows:
        declared = LiveSet(set_id, title, standard, domain, owner, width, columns or Columns(), rows)
        if set_id in _sets and _sets[set_id].rows.__module__ != rows.__module__:
            raise ValueError(f"{set_id} has two providers")
        _sets[set_id] = declared
        return rows

    return declare


def source_of(set_id: str) -> LiveSet | None:
    return _sets.get(set_id)


def live_sets() -> list[LiveSet]:
    """Every set that master data provides."""
    return list(_sets.values())


def _entry(values: dict[str, Any]) -> Entry:
    kept = {name: value for name, value in values.items() if value is not None}
    return replace(Entry(code="", name=""), **kept)
