"""What a filter may ask of one attribute, compiled to SQL; nothing of a filter is ever evaluated here."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

NOTHING = Q(pk__in=[])
ORDERING = {"gt": "gt", "ge": "gte", "lt": "lt", "le": "lte"}
_TEXT = {"eq": "iexact", "co": "icontains", "sw": "istartswith", "ew": "iendswith"}


class UnfitFilter(ValueError):  # noqa: N818 - what somebody asked, not a fault of ours
    """The attribute cannot be asked this way; the words are for the client's developer."""


@dataclass(frozen=True, slots=True)
class Column:
    """One attribute: `path` of a plain value, or `rows`, which turns a condition on `path` into one on the account.

    `kind` is text (compared without case), exact, sealed (equality only, by its blind index), flag or time.
    """

    path: str
    kind: str = "text"
    rows: Callable[[Q], Q] | None = None
    # What the client writes to what is stored; None when nothing stored can match.
    stored: Callable[[Any], Any] | None = None

    def where(self, operator: str, value: Any) -> Q:
        """`eq ne co sw ew gt ge lt le like pr`; `ne` is what `eq` is not, also where there is no value."""
        if operator == "ne":
            return ~self.where("eq", value)
        condition = self._present() if operator == "pr" else self._compared(operator, value)
        return self.rows(condition) if self.rows else condition

    def _present(self) -> Q:
        present = Q(**{f"{self.path}__isnull": False})
        return present & ~Q(**{self.path: ""}) if self.kind in ("text", "exact") else present

    def _compared(self, operator: str, value: Any) -> Q:
        if value is None:
            return Q(**{f"{self.path}__isnull": True})
        if self.stored is not None:
            value = self.stored(value)
            if value is None:
                return NOTHING
        if isinstance(value, (list, set, frozenset)) and operator != "like":
            return Q(**{f"{self.path}__in": list(value)}) if operator == "eq" else _unfit(operator)
        return Q(**{f"{self.path}__{self._lookup(operator)}": _checked(value, operator)})

    def _lookup(self, operator: str) -> str:
        if operator == "eq":
            return "iexact" if self.kind == "text" else "exact"
        if self.kind in ("text", "exact") and operator in _TEXT:
            return _TEXT[operator]
        if self.kind in ("text", "exact") and operator == "like":
            return "iregex"
        if self.kind in ("text", "exact", "time") and operator in ORDERING:
            return ORDERING[operator]
        _unfit(operator)
        raise AssertionError


def _unfit(operator: str) -> Q:
    raise UnfitFilter(f"这个属性不能用 {operator} 查询")


def _checked(value: Any, operator: str) -> Any:
    if isinstance(value, str) and "\0" in value:
        raise UnfitFilter("查询条件含有不可用的字符")
    return pattern_of(value) if operator == "like" else value


def pattern_of(parts: Sequence[str]) -> str:
    """A PostgreSQL expression for texts in this order: the first begins, the last ends, empty ones are open."""
    first, *middle, last = list(parts)
    escaped = [re.sub(r"(\W)", r"\\\1", one) for one in (first, *(one for one in middle if one), last)]
    return f"^{'.*'.join(escaped)}$"


def column(columns: Mapping[str, Column | None], name: str) -> Column | None:
    """The column of an attribute; None where policy does not tell it, so that nothing can be found out by asking."""
    if name not in columns:
        raise UnfitFilter(f"没有“{name}”这个属性，或不能按它查询")
    return columns[name]


def where(columns: Mapping[str, Column | None], name: str, operator: str, value: Any) -> Q:
    """One comparison; an attribute that is not told is like one without a value."""
    found = column(columns, name)
    if found is None:
        return ~NOTHING if operator == "ne" or (operator == "eq" and value is None) else NOTHING
    return found.where(operator, value)
