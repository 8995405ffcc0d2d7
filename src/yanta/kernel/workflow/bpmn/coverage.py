"""What a decision table leaves open: values for which two rows hold where one may, and values that no row speaks of.

Between two neighbouring values that are named in a column nothing changes, so one value of each stretch tells all.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import ROUND_FLOOR, Decimal
from itertools import islice, pairwise, product
from typing import Any

from yanta.kernel.workflow.bpmn import feel
from yanta.kernel.workflow.bpmn.decisions import Decision

MOST_TRIED = 20_000
OTHER = "（其他）"


def doubts(table: Decision) -> list[str]:
    """At most one sentence for each pair of rows that contradict, and one for what is left open."""
    found: dict[tuple[int, ...], str] = {}
    for values in _samples(table):
        hits = tuple(number for number, rule in enumerate(table.rules, 1) if _holds(rule.conditions, values))
        if not hits:
            found.setdefault((), f"没有一行管：{_said(table, values)}；那时按“找不到人时”办")
        elif table.hit == "UNIQUE" and len(hits) > 1:
            rows = "、".join(f"第 {number} 行" for number in hits[:2])
            found.setdefault(
                hits[:2], f"{rows}会同时成立：{_said(table, values)}；只许一行成立时，这样的事会停住"
            )
    return [found[key] for key in sorted(found, key=lambda key: (not key, key))]


def doubts_of(table: Decision) -> list[str]:
    """The same with the name of the table; nothing of one that has faults."""
    return [] if table.faults() else [f"决策表“{table.name}”：{said}" for said in doubts(table)]


def _holds(tests: tuple[str, ...], values: tuple[Any, ...]) -> bool:
    return all(feel.holds(test, value) for test, value in zip(tests, values, strict=True))


def _samples(table: Decision) -> Iterator[tuple[Any, ...]]:
    columns = [
        _stretches([value for rule in table.rules for value in feel.edges(rule.conditions[at])])
        for at in range(len(table.inputs))
    ]
    return islice(product(*columns), MOST_TRIED)


def _stretches(named: list[Any]) -> list[Any]:
    """The values themselves, one between each two neighbours, and one beyond either end."""
    if any(isinstance(one, bool) for one in named):
        return [True, False]
    numbers = sorted({one for one in named if isinstance(one, Decimal)})
    if numbers:
        return sorted({numbers[0] - 1, *numbers, *_between(numbers), numbers[-1] + 1})
    days = sorted({one for one in named if isinstance(one, date)})
    if days:
        return sorted({one + timedelta(days=by) for one in days for by in (-1, 0, 1)})
    return [*dict.fromkeys(one for one in named if isinstance(one, str)), OTHER]


def _between(numbers: list[Decimal]) -> Iterator[Decimal]:
    """Whole where all are whole: days and people have no halves."""
    whole = all(one == one.to_integral_value() for one in numbers)
    for low, high in pairwise(numbers):
        middle = (low + high) / 2
        if not whole:
            yield middle
        elif high - low > 1:
            yield middle.to_integral_value(ROUND_FLOOR)


def _said(table: Decision, values: tuple[Any, ...]) -> str:
    words = {True: "是", False: "否"}
    return "、".join(
        f"{column.label} = {words[value] if isinstance(value, bool) else value}"
        for column, value in zip(table.inputs, values, strict=True)
    )
