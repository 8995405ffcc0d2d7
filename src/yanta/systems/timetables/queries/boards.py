"""What the registry's board shows: conflicts, free places of one meeting, use of rooms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from yanta.systems.timetables.models import Placement, Version
from yanta.systems.timetables.queries import slots
from yanta.systems.timetables.rules import checking, clashes, telling
from yanta.systems.timetables.rules.clashes import Clash, Slot
from yanta.systems.timetables.rules.school import Place

WORK_DAYS = (1, 2, 3, 4, 5)
NO_ROOM_FREE = Clash("room", "这时没有合适的空教室")


def collisions_of(version: Version) -> list[tuple[Slot, Clash]]:
    placed = [slot for slot in slots.slots_of(version) if slot.weekday is not None]
    return checking.Meetings(placed, slots.school(version.term_id)).collisions()


def search_of(version: Version) -> dict[str, Any]:
    """The course of a search: what its curve shows, and what the wishes cost by kind."""
    series = version.trace.get("series", [])
    chart = {
        "type": "line", "unit": "分", "labels": [f"{seconds:g} 秒" for seconds, _, _ in series],
        "series": [{"name": "不便分", "values": [soft for _, _, soft in series]}],
    }  # fmt: skip
    parts = telling.parts(version.trace.get("parts") or version.receipt.get("parts", {}))
    return {
        "curve": chart if len(series) > 1 else None, "parts": parts, "first": series[0] if series else None,
        "best": series[-1] if series else None,
    }  # fmt: skip


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
    school = slots.school(row.version.term_id)
    fitting = [one for one in school.places.values() if not any(clashes.of_room(bare, one))]
    order = sorted(fitting, key=lambda one: (one.id != row.room_id, one.capacity, one.name))
    others = slots.neighbours(row, room_ids=[one.id for one in fitting])
    trial = checking.Trial(bare.at(1, 1, None), others, school, slots.names_of([bare, *others]))
    found = []
    for first in sorted({*school.day.begins(row.periods), row.first_period or 1}):
        for day in WORK_DAYS:
            room, wrong = _room_at(trial, day, first, order if trial.needs_room else [])
            here = (day, first) == (row.weekday, row.first_period)
            found.append(Target(day, first, here, room.id if room else None, room.name if room else "",
                                tuple(dict.fromkeys(one.text for one in wrong))))  # fmt: skip
    return found


def _room_at(
    trial: checking.Trial, day: int, first: int, rooms: list[Place]
) -> tuple[Place | None, list[Clash]]:
    """The first of the rooms that is free then and in reach, and what else is in the way."""
    for room in rooms:
        wrong = trial.at(day, first, room.id)
        if not any(one.kind in ("room", "travel") for one in wrong):
            return room, wrong
    wrong = [one for one in trial.at(day, first, None) if one.kind != "room"]
    return None, [*wrong, NO_ROOM_FREE] if trial.needs_room else wrong
