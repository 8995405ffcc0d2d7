"""The days on which a timetable is taught, holidays and made-up days considered. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class DayOff:
    """A day on which nothing is taught, or one that follows another day's timetable."""

    since: date
    until: date
    follows: date | None = None

    def covers(self, day: date) -> bool:
        return self.since <= day <= self.until


def dates_of(own: date, exceptions: Sequence[DayOff]) -> list[date]:
    """When a meeting of a day takes place: that day unless it is off, and those that follow its timetable."""
    found = [] if any(one.covers(own) for one in exceptions) else [own]
    return found + [one.since for one in exceptions if one.follows == own]
