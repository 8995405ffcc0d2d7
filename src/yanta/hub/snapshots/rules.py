"""The three clocks of statistics: on which day each of them strikes."""

from __future__ import annotations

from datetime import date, timedelta

# 时点 is 30 September, the school year ends on 31 August, the calendar year on 31 December.
DAYS = {"9-30": (9, 30), "school_year": (8, 31), "calendar_year": (12, 31)}
# A day missed for longer than this is left to people.
GRACE = timedelta(days=31)


def last_day(clock: str, *, on: date) -> date:
    """The last day at or before `on` on which the clock struck."""
    month, day = DAYS[clock]
    this_year = date(on.year, month, day)
    return this_year if this_year <= on else date(on.year - 1, month, day)


def is_its_day(clock: str, day: date) -> bool:
    """Whether a snapshot of that clock may carry that day; by hand any day may be taken."""
    return clock not in DAYS or (day.month, day.day) == DAYS[clock]


def due(*, on: date) -> list[tuple[str, date]]:
    """The clocks that struck today or lately, with their days."""
    struck = ((clock, last_day(clock, on=on)) for clock in DAYS)
    return [(clock, day) for clock, day in struck if on - day <= GRACE]
