"""The teaching calendar: which day of which week teaches, and by which day's timetable. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Event:
    """An arrangement of the school calendar; `follows_on` says by which day's timetable a make-up day runs."""

    kind: str
    name: str
    starts_on: date
    ends_on: date
    follows_on: date | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """`timetable_of` is the day whose timetable runs, or None where nothing is taught."""

    on: date
    week: int
    timetable_of: date | None
    note: str = ""


def days_of(starts_on: date, ends_on: date, weeks: int, events: Iterable[Event]) -> Iterator[Day]:
    """Every day of the term. A make-up day goes before a holiday; weekends teach only when made up."""
    found = sorted(events, key=lambda event: event.kind != "swapped")
    day = starts_on
    while day <= ends_on:
        number = (day - starts_on).days // 7 + 1
        event = next((one for one in found if one.starts_on <= day <= one.ends_on), None)
        yield _day(day, number, number <= weeks, event)
        day += timedelta(days=1)


def _day(day: date, week: int, in_teaching: bool, event: Event | None) -> Day:
    if event is not None and event.kind == "swapped":
        return Day(day, week, event.follows_on, event.name)
    if event is not None:
        return Day(day, week, None, event.name)
    return Day(day, week, day if in_teaching else None)
