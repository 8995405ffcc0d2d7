"""What other packages may ask of quality."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils import timezone

from yanta.hub.quality import queries
from yanta.hub.quality.blocking import Gate, Guard
from yanta.hub.quality.checks import CLEAR
from yanta.hub.quality.models import Score, Severity
from yanta.hub.quality.services.runs import in_force

__all__ = ["CLEAR", "SEVERITIES", "Gate", "Guard", "State", "gate", "score", "states"]


SEVERITIES = tuple(Severity.choices)


@dataclass(frozen=True, slots=True)
class State:
    """How the rules on a field stand: how many there are, rows that break them, the gravest broken one."""

    rules: int
    failed: int
    severity: str = ""


def gate(subject: str, columns: Sequence[str]) -> Gate:
    """The rules in force on a subject, to be asked about rows that are about to be loaded with these columns."""
    now = timezone.now()
    rules = list(in_force(timezone.localdate(now)).filter(subject=subject))
    return Gate(subject, rules, columns, now=now)


def states(fields: Iterable[str]) -> dict[str, State]:
    """`student.phone` → how its rules stand; fields without rules are left out."""
    return {key: State(*value) for key, value in queries.states_of(set(fields)).items()}


def score(unit_id: int | None = None, subject: str = "") -> Decimal | None:
    """The latest mark of a department, or of the school; for a subject, or all together."""
    found = Score.objects.filter(unit=unit_id, subject=subject).order_by("-on").first()
    return found.value if found else None
