"""Rows of course selection that keep the rules."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from django.utils import timezone

from yanta.systems.course_selection.models import (
    Decision,
    GroupLimit,
    LanguageLevel,
    Place,
    Pool,
    Round,
    RoundScope,
    SectionTime,
    Wish,
)

EXAMPLES = {
    Round: lambda n: {
        "name": f"正选{n}", "opens_at": timezone.now(), "closes_at": timezone.now() + timedelta(days=2),
    },
    RoundScope: {"grade": 2026},
    GroupLimit: {"name": "通识选修", "most_credits": 6},
    LanguageLevel: {"language": "英文", "level": 6},
    Decision: lambda n: {"key": uuid4(), "verb": "take", "outcome": "granted"},
    Wish: {"rank": 1},
    Place: lambda n: {"section_id": n, "number": f"(2026-2027-1)-S-{n:04d}"},
    Pool: {"capacity": 30},
    SectionTime: {"weekday": 1, "first_period": 1, "last_period": 2, "weeks": "1-16"},
}  # fmt: skip


def taken(place: Place) -> int:
    """Seats given, over all its pools."""
    return sum(Pool.objects.filter(place=place).values_list("taken", flat=True))
