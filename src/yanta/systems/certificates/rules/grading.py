"""Averages, grade points and places."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

PASS = Decimal(60)
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Totals:
    gpa: Decimal
    average: Decimal


def point_of(score: Decimal) -> Decimal:
    """本校绩点：60 分为 1，每加 1 分加 0.1，满 5；不及格为 0."""
    return ((score - 50) / 10).quantize(Decimal("0.1")) if score >= PASS else Decimal("0.0")


def totals(rows: Iterable[Mapping[str, Any]]) -> Totals:
    """Weighted by credits."""
    found = list(rows)
    weight = sum((Decimal(row["credits"]) for row in found), Decimal(0)) or Decimal(1)
    average = sum((Decimal(row["credits"]) * Decimal(row["score"]) for row in found), Decimal(0)) / weight
    points = sum((Decimal(row["credits"]) * Decimal(row["point"]) for row in found), Decimal(0)) / weight
    return Totals(points.quantize(_CENT, ROUND_HALF_UP), average.quantize(_CENT, ROUND_HALF_UP))


def places(averages: Sequence[Decimal]) -> list[int]:
    """Places of averages that are in falling order; equals share the better one."""
    found: list[int] = []
    for at, average in enumerate(averages):
        found.append(found[-1] if at and averages[at - 1] == average else at + 1)
    return found
