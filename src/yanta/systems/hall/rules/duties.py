"""What a department owes to those who rated it."""

from __future__ import annotations

from datetime import date, timedelta

LOW = 2
ANSWER_WITHIN = 5


def working_days_after(day: date, count: int) -> date:
    """Monday to Friday; the school's own holidays lengthen nobody's patience."""
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day


def answer_due_on(stars: int, *, on: date) -> date | None:
    """Until when a rating must be answered; nothing for those who are content."""
    return working_days_after(on, ANSWER_WITHIN) if stars <= LOW else None
