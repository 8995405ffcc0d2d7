"""How many stand in line before the entrance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from yanta.masterdata.models import Term
from yanta.systems.course_selection.models import Line, Turn


@dataclass(frozen=True, slots=True)
class Queue:
    """Students outside, and how many come in each second."""

    waits: int
    per_second: int


def queue_of(term: Term, *, now: datetime) -> Queue | None:
    """That of the round which is open now; None when nobody waits."""
    lines = Line.objects.filter(round__term=term, round__opens_at__lte=now, round__closes_at__gt=now)
    line = lines.order_by("-round__opens_at").first()
    waits = Turn.objects.filter(round=line.round_id, pk__gt=line.admitted).count() if line else 0
    return Queue(waits, round(line.per_second)) if line and waits else None
