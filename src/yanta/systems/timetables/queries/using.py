"""How the rooms of a timetable are used, in an average week of the term."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from yanta.systems.offerings import public as offerings
from yanta.systems.timetables.models import Placement, Version

DAYS = (1, 2, 3, 4, 5, 6, 7)


@dataclass(frozen=True, slots=True)
class RoomUse:
    """`hours`: periods a week; `filled`: seats taken of the seats there are, while somebody is taught."""

    id: int
    number: str
    building: str
    kind: str
    capacity: int
    hours: float
    filled: float


@dataclass(frozen=True)
class Use:
    """`busy[day, period]`: the share of all classrooms in which somebody is taught then."""

    rooms: Sequence[RoomUse]
    busy: dict[tuple[int, int], float]

    @property
    def buildings(self) -> list[tuple[str, float]]:
        """Periods a week of the average room of each building, the busiest first; rooms that stand empty count."""
        hours: dict[str, list[float]] = defaultdict(list)
        for one in self.rooms:
            hours[one.building].append(one.hours)
        shares = [(name, round(sum(each) / len(each), 1)) for name, each in hours.items()]
        return sorted(shares, key=lambda one: (-one[1], one[0]))

    @property
    def periods(self) -> list[tuple[int, float]]:
        """Share of the classrooms in use in each period, Monday to Friday on average."""
        last = max((period for _, period in self.busy), default=0)
        return [
            (period, sum(self.busy.get((day, period), 0.0) for day in DAYS[:5]) / 5) for period in range(1, last + 1)
        ]  # fmt: skip


def use_of(version: Version) -> Use:
    """Every classroom, also one that is never used."""
    weeks, views = version.term.teaching_weeks, offerings.rooms()
    hours: dict[int, float] = defaultdict(float)
    seated: dict[int, float] = defaultdict(float)
    busy: dict[tuple[int, int], float] = defaultdict(float)
    rows = Placement.objects.filter(
        version=version, weekday__isnull=False, room__in=[one.id for one in views]
    )
    for room, bitmap, day, first, periods, size in rows.values_list(
        "room", "weeks", "weekday", "first_period", "periods", "size"
    ):
        share = bitmap.bit_count() / max(1, weeks)
        hours[room] += periods * share
        seated[room] += periods * share * size
        for period in range(first, first + periods):
            busy[day, period] += share / len(views)
    return Use(tuple(
        RoomUse(one.id, one.number, one.building, one.kind_name, one.capacity, round(hours[one.id], 1),
                seated[one.id] / (hours[one.id] * one.capacity) if hours[one.id] and one.capacity else 0.0)
        for one in views
    ), dict(busy))  # fmt: skip
