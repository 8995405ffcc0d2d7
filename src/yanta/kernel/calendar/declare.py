"""Declaring calendars: in a system's `cards.py`, one function that answers for many people at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time

from django.utils import timezone

from yanta.kernel.events.declare import label_of

COLOURS = ("ink", "brick", "green", "amber", "violet", "grey")


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing at one time for one person; on whole days `ends` is the last of them, else the moment after.

    `key` stays the same when the thing is moved, renamed or cancelled, so that calendars change it in place. A feed
    is read by devices, so nothing confidential stands in `title`, `place` and `note`.
    """

    person_id: int
    key: str
    title: str
    starts: date | datetime
    ends: date | datetime
    place: str = ""
    note: str = ""
    link: str = ""
    is_cancelled: bool = False

    @property
    def is_whole_day(self) -> bool:
        return not isinstance(self.starts, datetime)

    @property
    def since(self) -> datetime:
        """The first moment, in the school's time."""
        return _moment(self.starts, time.min)

    @property
    def until(self) -> datetime:
        """The last moment."""
        return _moment(self.ends, time.max)

    def touches(self, day: date) -> bool:
        first, last = self.since.date(), self.until
        ends = (
            last.date()
            if last > self.since and last.time() != time.min
            else (last - datetime.resolution).date()
        )
        return first <= day <= max(ends, first)


def _moment(value: date | datetime, clock: time) -> datetime:
    if isinstance(value, datetime):
        return timezone.localtime(value)
    return datetime.combine(value, clock, tzinfo=timezone.get_current_timezone())


Provider = Callable[[Collection[int], date, date], Iterable[Entry]]


@dataclass(frozen=True, slots=True)
class Calendar:
    """One kind of entries, which a device shows as a calendar of its own."""

    key: str
    title: str
    provider: Provider
    icon: str
    colour: str
    order: int


_calendars: dict[str, Calendar] = {}


def calendar(
    title: str, *, key: str = "", icon: str = "calendar", colour: str = "ink", order: int = 50
) -> Callable[[Provider], Provider]:
    """`@calendar("课表") def f(person_ids, start, end) -> [Entry]`; `start` and `end` are days, both included."""
    if colour not in COLOURS:
        raise TypeError(f"unknown colour {colour}; one of {', '.join(COLOURS)}")

    def declare(provider: Provider) -> Provider:
        name = key or f"{label_of(provider.__module__)}-{provider.__name__}"
        if name in _calendars:
            raise TypeError(f"two calendars are called {name}")
        _calendars[name] = Calendar(name, title, provider, icon, colour, order)
        return provider

    return declare


def calendars() -> list[Calendar]:
    return sorted(_calendars.values(), key=lambda one: (one.order, one.key))


def calendar_named(key: str) -> Calendar | None:
    return _calendars.get(key)


def entries_of(kind: Calendar, person_id: int, start: date, end: date) -> list[Entry]:
    """What one person has in one calendar between two days, in order of time."""
    found = [one for one in kind.provider([person_id], start, end) if one.person_id == person_id]
    return sorted(found, key=lambda one: (one.since, not one.is_whole_day, one.title))
