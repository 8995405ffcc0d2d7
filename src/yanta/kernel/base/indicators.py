"""Declaring figures: a system says in its `indicators.py` what it can count; the warehouse computes, keeps and shows it.

```python
from yanta.kernel.base.indicators import count, indicator, total

indicator(
    "equipment.intact_rate", "设备完好率", owner="资产处", unit="%", decimals=1, better="higher", target="95",
    parts={"fit": count("asset", "在用和闲置的设备", {"field": "status", "is": "in", "value": ["in_use", "idle"]}),
           "all": count("asset", "全部在册设备")},
    expression="fit / all * 100",
)
```
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

Measure = Literal["count", "sum", "mean", "distinct", "least", "most"]
Better = Literal["higher", "lower", "neither"]
Clock = Literal["now", "9-30", "school_year", "calendar_year"]

EVERYTHING: Mapping[str, Any] = {"all": []}


@dataclass(frozen=True, slots=True)
class Part:
    """A count or sum over the rows of one subject that meet a condition.

    `unit_field` names the field that says whose row it is, where the subject itself belongs to nobody.
    """

    subject: str
    title: str
    where: Mapping[str, Any] = field(default_factory=lambda: dict(EVERYTHING))
    measure: Measure = "count"
    field: str = ""
    unit_field: str = ""

    def as_json(self) -> dict[str, Any]:
        found = {
            "subject": self.subject, "title": self.title, "where": dict(self.where), "measure": self.measure,
            "field": self.field, "unit_field": self.unit_field,
        }  # fmt: skip
        return {name: value for name, value in found.items() if value != ""}


@dataclass(frozen=True, slots=True)
class Other:
    """The value of another indicator."""

    indicator: str

    def as_json(self) -> dict[str, Any]:
        return {"indicator": self.indicator}


@dataclass(frozen=True, slots=True)
class Declared:
    """One figure with its meaning: how it is computed, whose it is, what is good, on which document it rests.

    `coverage` says what of the official formula the data allow, and what not.
    """

    code: str
    title: str
    owner: str
    parts: Mapping[str, Part | Other]
    expression: str
    group: str = ""
    unit: str = ""
    decimals: int = 0
    better: Better = "neither"
    target: Decimal | None = None
    warn: Decimal | None = None
    dimensions: tuple[str, ...] = ()
    clock: Clock = "now"
    basis: str = ""
    coverage: str = ""
    order: int = 100

    def parts_as_json(self) -> dict[str, Any]:
        return {name: part.as_json() for name, part in self.parts.items()}


_declared: dict[str, Declared] = {}


def indicator(
    code: str, title: str, *, owner: str, parts: Mapping[str, Part | Other] | Part, expression: str = "",
    target: str | None = None, warn: str | None = None, dimensions: tuple[str, ...] = (), **more: Any,
) -> Declared:  # fmt: skip
    """Put a figure into the dictionary of figures; `expression` joins the parts by + - * / and brackets."""
    if code in _declared:
        raise TypeError(f"two indicators are called {code}")
    named = {"n": parts} if isinstance(parts, Part) else parts
    _declared[code] = Declared(
        code, title, owner, named, expression or next(iter(named)), target=Decimal(target) if target else None,
        warn=Decimal(warn) if warn else None, dimensions=dimensions, **more,
    )  # fmt: skip
    return _declared[code]


def declared() -> tuple[Declared, ...]:
    """Every declared figure, in its order."""
    return tuple(sorted(_declared.values(), key=lambda one: (one.order, one.code)))


def count(subject: str, title: str, where: Mapping[str, Any] = EVERYTHING, *, unit_field: str = "") -> Part:
    """How many rows."""
    return Part(subject, title, where, "count", "", unit_field)


def total(
    subject: str, name: str, title: str, where: Mapping[str, Any] = EVERYTHING, *, unit_field: str = ""
) -> Part:
    """The sum of a field."""
    return Part(subject, title, where, "sum", name, unit_field)


def distinct(
    subject: str, name: str, title: str, where: Mapping[str, Any] = EVERYTHING, *, unit_field: str = ""
) -> Part:
    """How many different values of a field."""
    return Part(subject, title, where, "distinct", name, unit_field)


def other(code: str) -> Other:
    """The value of another indicator."""
    return Other(code)
