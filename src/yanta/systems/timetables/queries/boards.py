"""What the registry's board shows: conflicts, free places of one meeting, use of rooms."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from yanta.masterdata import weeks
from yanta.systems.timetables.models import Placement, Version
from yanta.systems.timetables.queries import slots
from yanta.systems.timetables.rules import checking, clashes
from yanta.systems.timetables.rules.clashes import Clash, Slot
from yanta.systems.timetables.rules.placing import STARTS, WORK_DAYS


def collisions_of(version: Version) -> list[tuple[Slot, Clash]]:
    placed = [slot for slot in slots.slots_of(version) if slot.weekday is not None]
    return checking.collisions(placed, slots.places(), last_period=slots.last_period())


@dataclass(frozen=True, slots=True)
class Target:
    """A time at which a meeting might be: free with a room, or what is in the way."""

    weekday: int
    first: int
    is_here: bool
    room_id: int | None
    room: str
    clashes: tuple[str, ...]

    @property
    def is_free(self) -> bool:
        return not self.clashes


def targets_of(row: Placement) -> list[Target]:
    """Every time of the working week, in one reading; keeps the room where it can and else takes the smallest free one."""
    bare = slots.slot_of(row)
    places = {one.id: one for one in slots.places()}
    fitting = [one for one in places.values() if not any(clashes.of_room(bare, one))]
    order = sorted(fitting, key=lambda one: (one.id != row.room_id, one.capacity, one.name))
    others = slots.neighbours(row, room_ids=[one.id for one in fitting])
    names, last = slots.names_of([bare, *others]), slots.last_period()
    found = []
    for first in sorted({*STARTS, row.first_period or 1}):
        for day in WORK_DAYS:
            here = (day, first) == (row.weekday, row.first_period)
            at = bare.at(day, first, None)
            wrong = [one.text for one in clashes.of_wishes(at, last_period=last)]
            near = [other for other in others if clashes.meets(at, other)]
            wrong += [one.text for other in near for one in clashes.between(at, other, names)]
            taken = {other.room for other in near}
            room = next((one for one in order if one.id not in taken), None)
            if room is None and bare.room_kind != clashes.NO_ROOM:
                wrong.append("这时没有合适的空教室")
            asks = bare.room_kind != clashes.NO_ROOM and room is not None
            found.append(Target(day, first, here, room.id if asks and room else None, room.name if asks and room else "",
                                tuple(dict.fromkeys(wrong))))  # fmt: skip
    return found


def use_of(version: Version, teaching_weeks: int) -> tuple[list[tuple[str, float]], list[tuple[str, int]]]:
    """Hours a week per room by kind of building, and meetings that begin in each period, over the term's average week."""
    hours: Counter[str] = Counter()
    rooms: dict[str, set[int]] = {}
    begins: Counter[int] = Counter()
    rows = Placement.objects.filter(version=version, weekday__isnull=False, room__isnull=False)
    for room, building, bitmap, periods, first in rows.values_list(
        "room", "room__building__name", "weeks", "periods", "first_period"
    ):
        share = len(weeks.weeks_of(bitmap)) / max(1, teaching_weeks)
        hours[building] += periods * share
        rooms.setdefault(building, set()).add(room)
        begins[first or 0] += 1
    shares = [(name, round(total / len(rooms[name]), 1)) for name, total in hours.items()]
    return sorted(shares, key=lambda one: -one[1]), [
        (f"第 {first} 节", begins[first]) for first in sorted(begins)
    ]
