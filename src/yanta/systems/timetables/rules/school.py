"""The school as a timetable sees it: its day, its rooms, the way between its campuses. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from itertools import pairwise

from yanta.timetabling.times import Time

PERIOD = 45  # minutes; a pause as long as a period counts as one
LAST_PERIOD = 12


@dataclass(frozen=True, slots=True)
class Place:
    """A room as far as a meeting asks about it."""

    id: int
    name: str
    kind: str
    capacity: int
    features: frozenset[str] = frozenset()
    campus: int | None = None
    building: int | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """The slot in which each period begins: periods in a row touch, noon and supper leave slots between."""

    starts: tuple[int, ...]

    @property
    def last(self) -> int:
        return len(self.starts)

    @property
    def slots(self) -> int:
        return self.starts[-1] + 1

    def start(self, period: int) -> int:
        """Beyond the last period the day goes on without a pause."""
        return self.starts[period - 1] if period <= self.last else self.starts[-1] + period - self.last

    def time(self, weeks: int, weekday: int, first: int, periods: int) -> Time:
        start = self.start(first)
        return Time(weeks, 1 << weekday - 1, start, self.start(first + periods - 1) + 1 - start)

    def period(self, slot: int) -> int:
        return self.starts.index(slot) + 1

    def blocks(self) -> list[tuple[int, int]]:
        """First and last period of what lies between two long pauses: morning, afternoon, evening."""
        cuts = [n for n, (one, other) in enumerate(pairwise(self.starts), start=1) if other - one > 1]
        return [*zip([1, *(cut + 1 for cut in cuts)], [*cuts, self.last], strict=True)]

    def begins(self, periods: int) -> list[int]:
        """The periods in which a meeting may begin: it starts or ends where the bell groups do, and crosses no pause."""
        found: set[int] = set()
        for first, last in self.blocks():
            fitting = range(first, last - periods + 2)
            found |= {one for one in fitting if (one - first) % 2 == 0 or one == fitting[-1]}
        return sorted(found) or [one for one, _ in self.blocks() if one + periods - 1 <= self.last]


PLAIN_DAY = Day((0, 1, 2, 3, 7, 8, 9, 10, 13, 14, 15, 16))


def day_of(bells: Mapping[int, tuple[time, time]]) -> Day:
    """From the times of the periods; without them the usual twelve."""
    if not bells or sorted(bells) != [*range(1, len(bells) + 1)]:
        return PLAIN_DAY
    starts = [0]
    for number in range(2, len(bells) + 1):
        pause = _minutes(bells[number][0]) - _minutes(bells[number - 1][1])
        starts.append(starts[-1] + 1 + max(0, pause) // PERIOD)
    return Day(tuple(starts))


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute


@dataclass(frozen=True, slots=True)
class School:
    """`travel`: slots that lie at least between meetings on two campuses."""

    day: Day = PLAIN_DAY
    places: Mapping[int, Place] = field(default_factory=dict)
    travel: int = 0
