"""A formula as the engine reads it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from yanta.hub.subjects import Subject, conditions
from yanta.hub.warehouse import formulas, joining
from yanta.kernel.base import Refused
from yanta.kernel.base.indicators import EVERYTHING

MEASURES = {
    "count": "行数", "sum": "合计", "mean": "平均", "distinct": "不同值个数", "least": "最小", "most": "最大",
}  # fmt: skip
NUMBERS = ("integer", "decimal")


@dataclass(frozen=True)
class Piece:
    """One count or sum over a subject."""

    subject_name: str
    title: str
    where: Mapping[str, Any] = field(default_factory=lambda: dict(EVERYTHING), hash=False)
    measure: str = "count"
    field_name: str = ""
    unit_field: str = ""

    @cached_property
    def subject(self) -> Subject:
        return joining.widened(self.subject_name)

    @cached_property
    def key(self) -> str:
        """Equal for what is computed equally, whatever it is called."""
        return json.dumps(
            [self.subject_name, self.where, self.measure, self.field_name, self.unit_field], sort_keys=True, ensure_ascii=False
        )  # fmt: skip

    @property
    def names(self) -> list[str]:
        """The fields that have to be read."""
        wanted = [*conditions.fields_of(self.where), self.field_name, self.unit_field]
        return list(dict.fromkeys(name for name in wanted if name))

    @property
    def has_units(self) -> bool:
        """Whether its rows belong to units."""
        return bool(self.unit_field) or self.subject.model.org_path is not None

    @property
    def is_additive(self) -> bool:
        return self.measure in ("count", "sum")

    def words(self, on: Mapping[str, Any] | None = None) -> str:
        """`学生，学籍状态为 在读，行数`."""
        said = conditions.words(self.subject, on if on is not None else self.where)
        measured = MEASURES[self.measure]
        if self.field_name:
            measured = f"{self.subject.field(self.field_name).title}{measured}"
        return "，".join(part for part in (self.subject.title, said, measured) if part)

    def check(self) -> None:
        """Refuses in words what cannot be computed."""
        if self.measure not in MEASURES:
            raise Refused(f"没有“{self.measure}”这种统计")
        if (self.measure == "count") == bool(self.field_name):
            raise Refused(f"“{self.title}”：行数不需要字段，其他统计需要一个字段")
        if self.field_name and self.measure in ("sum", "mean"):
            chosen = self.subject.field(self.field_name)
            if chosen.kind not in NUMBERS:
                raise Refused(f"“{chosen.title}”不是数字，不能求{MEASURES[self.measure]}")
        if self.unit_field and self.subject.field(self.unit_field).refers != conditions.UNIT:
            raise Refused(f"“{self.subject.field(self.unit_field).title}”不是单位")


@dataclass(frozen=True)
class Formula:
    """Named pieces and other indicators, joined by an expression."""

    pieces: Mapping[str, Piece]
    others: Mapping[str, str]
    expression: formulas.Expression

    def is_comparable(self, parts: Mapping[str, Decimal | None]) -> bool:
        """Whether there is something on every side: no ratio of students to teachers where there are no students."""
        sides: dict[str, bool] = {}
        for name, piece in self.pieces.items():
            sides[piece.subject_name] = sides.get(piece.subject_name, False) or bool(parts.get(name))
        return len(sides) < 2 or all(sides.values())


def read(parts: Mapping[str, Any], expression: str) -> Formula:
    """The formula out of its stored form."""
    pieces, others = {}, {}
    read_out = formulas.read(expression)
    for name, part in sorted(parts.items(), key=lambda pair: expression.find(pair[0])):
        if "indicator" in part:
            others[name] = str(part["indicator"])
        else:
            pieces[name] = Piece(
                str(part.get("subject", "")), str(part.get("title", "")), part.get("where") or dict(EVERYTHING),
                str(part.get("measure", "count")), str(part.get("field", "")), str(part.get("unit_field", "")),
            )  # fmt: skip
    return Formula(pieces, others, read_out)


def check(
    formula: Formula, *, dimensions: Iterable[str] = (), known: Iterable[str] = (), on: Any = None
) -> None:
    """Refuses in words what cannot be computed; `on` puts the words for days into conditions."""
    from yanta.hub.warehouse import clocks

    named = set(formula.pieces) | set(formula.others)
    if not named:
        raise Refused("公式里还没有组成部分")
    strangers = formula.expression.names - named
    if strangers:
        raise Refused(f"算式里的“{'、'.join(sorted(strangers))}”没有定义")
    unused = named - formula.expression.names
    if unused:
        raise Refused(f"组成部分“{'、'.join(sorted(unused))}”没有用在算式里")
    for piece in formula.pieces.values():
        piece.check()
        conditions.check(piece.subject, clocks.meant(piece.where, on=on))
        for name in dimensions:
            piece.subject.field(name)
    absent = set(formula.others.values()) - set(known)
    if absent:
        raise Refused(f"没有代码为“{'、'.join(sorted(absent))}”的指标")
