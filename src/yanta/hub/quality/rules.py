"""Pure rules of marks, deadlines and what became of failing rows."""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

# How much a rule counts in a mark, and how many days a department has to put its rows right.
WEIGHTS = {"blocking": 8, "severe": 4, "normal": 2, "hint": 1}
DAYS = {"blocking": 3, "severe": 7, "normal": 15, "hint": 30}
REMIND_BEFORE = 2
REMIND_EVERY = 3
MOST_EXTENSIONS, MOST_EXTRA_DAYS = 2, 30
GRADES = ((95, "优"), (85, "良"), (70, "中"), (0, "差"))


@dataclass(frozen=True, slots=True)
class Movement:
    """The failing rows of a run beside those of before."""

    new: frozenset[int]
    persisting: frozenset[int]
    repaired: frozenset[int]
    standing: frozenset[int]


def movement(
    *, before: Set[int], failing: Set[int], judged: Set[int] | None, exempt: Set[int] = frozenset()
) -> Movement:
    """`judged` are the rows that were looked at, None all of them; what was not looked at stays as it was."""
    gone = before - failing if judged is None else (before & judged) - failing
    kept = frozenset[int]() if judged is None else frozenset(before - judged)
    return Movement(
        frozenset(failing - before), frozenset(failing & before), frozenset(gone - exempt), kept | frozenset(failing)
    )  # fmt: skip


def mark(parts: Iterable[tuple[str, int, int]]) -> Decimal | None:
    """100 × Σ weight × share of rows in order ÷ Σ weight, over the rules that met any row: (severity, checked, failed)."""
    total = weights = Decimal(0)
    for severity, checked, failed in parts:
        if checked:
            weight = Decimal(WEIGHTS[severity])
            weights += weight
            total += weight * (checked - failed) / checked
    if not weights:
        return None
    # A mark of 100 says that nothing is wrong, so it is never reached by rounding.
    rounded = (100 * total / weights).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return min(rounded, Decimal("99.99")) if total < weights else rounded


def grade(value: Decimal | None) -> str:
    return "—" if value is None else next(word for least, word in GRADES if value >= least)


def due_on(severity: str, *, opened_on: date) -> date:
    return opened_on + timedelta(days=DAYS[severity])


def is_beyond(*, checked: int, failed: int, tolerance: Decimal) -> bool:
    """Whether a department fails a rule by more than is tolerated."""
    return checked > 0 and Decimal(100 * failed) / checked > tolerance


def refusal_to_extend(*, extended: int, due: date, until: date, severity: str) -> str | None:
    """Why a deadline may not be moved, or None."""
    if extended >= MOST_EXTENSIONS:
        return f"最多延期 {MOST_EXTENSIONS} 次，这张工单已用完"
    if until <= due:
        return "新的期限应晚于现在的期限"
    most = min(MOST_EXTRA_DAYS, 2 * DAYS[severity])
    if (until - due).days > most:
        return f"一次最多延 {most} 天"
    return None


def reminder(*, due: date, on: date) -> str:
    """Which reminder falls on this day: before, due, or overdue every third day; nothing on other days."""
    days = (due - on).days
    if days == REMIND_BEFORE:
        return "before"
    if days == 0:
        return "due"
    return "overdue" if days < 0 and (-days - 1) % REMIND_EVERY == 0 else ""
