"""A university's term: 20 000 students, 2 500 sections. All placed without a conflict, improved, a building lost and repaired.

The problem is made here, the same every time, and goes the way the school's own goes: meetings, compiled, solved, checked
by the rules the board shows.
"""

from __future__ import annotations

import os
import random
import time
from dataclasses import replace
from typing import Any

from yanta.systems.timetables.rules import checking, compiling, repairs
from yanta.systems.timetables.rules.clashes import Slot, Wish
from yanta.systems.timetables.rules.school import Place, School
from yanta.timetabling import running
from yanta.timetabling.constructing import construct

STUDENTS, SECTIONS, CLASS_SIZE = 20_000, 2_500, 33
CAMPUSES, BUILDINGS = 2, 6  # buildings of each campus
ROOMS = {"media": 20, "lab": 8, "computer": 3}  # in each building
WEEKS = (0xFFFF, 0xFFFF, 0xFFFF, 0x5555, 0xAAAA, 0x0FFF, 0x00FF, 0xFF00)
SECONDS = float(os.environ.get("YANTA_BENCH_SECONDS", "300"))
WORKERS = int(os.environ.get("YANTA_BENCH_WORKERS", "2"))


def run(*, address: str = "") -> dict[str, Any]:
    """Seconds to a complete timetable, what the search then gained, and the repair of a lost building."""
    school, slots = university(random.Random(20))
    began = time.monotonic()
    compiled = compiling.compiled(slots, school)
    made = time.monotonic() - began
    placed, blocked = construct(compiled.problem)
    first = time.monotonic() - began
    start = running.improved(compiled.problem, placed, seconds=5, workers=1)
    found = running.improved(compiled.problem, placed, seconds=SECONDS, seed=1, workers=WORKERS)
    lasted = time.monotonic() - began
    done = _as_placed(slots, compiled.places(found.placed))
    return {
        "students": STUDENTS, "sections": SECTIONS, "meetings": len(slots), "rooms": len(school.places),
        "compiled_s": round(made, 1), "complete_s": round(first, 1), "left_by_first_phase": len(blocked),
        "unplaced": len(slots) - len(done), "conflicts": len(checking.Meetings(done, school).collisions()),
        "cost_after_5_s": start.soft, "cost": found.soft, "improved_for_s": SECONDS, "seconds": round(lasted, 1),
        "parts": found.parts, **_lost_building(done, school),
    }  # fmt: skip


def _as_placed(slots: list[Slot], places: dict[int, Any]) -> list[Slot]:
    return [slot.at(*places[slot.id]) for slot in slots if slot.id in places]


def _lost_building(slots: list[Slot], school: School) -> dict[str, Any]:
    """The building with the most meetings is closed from week 9 on."""
    held: dict[int, int] = {}
    for slot in slots:
        if slot.room is not None:
            building = school.places[slot.room].building or 0
            held[building] = held.get(building, 0) + 1
    building = max(held, key=lambda one: held[one])
    rooms = {key for key, place in school.places.items() if place.building == building}
    began = time.monotonic()
    change = repairs.rooms_lost(slots, rooms, weeks=0xFF00)
    compiled, current = repairs.compiled(change, school)
    found = running.repaired(compiled.problem, current, seconds=55)
    lasted = time.monotonic() - began
    after = _as_placed(list(change.slots), compiled.places(found.placed))
    lost = sum(slot.room in rooms and bool(slot.weeks & 0xFF00) for slot in after)
    return {
        "lost_building": {
            "meetings_in_it": held[building], "moved": len(found.changes), "other_time": sum(c.other_time for c in found.changes),
            "unplaced": len(change.slots) - len(after), "still_there": lost,
            "conflicts": len(checking.Meetings(after, school).collisions()), "seconds": round(lasted, 1),
        }
    }  # fmt: skip


def university(draw: random.Random) -> tuple[School, list[Slot]]:
    places: dict[int, Place] = {}
    for campus in range(1, CAMPUSES + 1):
        for building in range(1, BUILDINGS + 1):
            for kind, count in ROOMS.items():
                for _ in range(count):
                    key = len(places) + 1
                    seats = (
                        draw.choice((45, 60, 60, 90, 120, 150))
                        if kind == "media"
                        else draw.choice((40, 45, 60))
                    )
                    places[key] = Place(
                        key, f"R{key}", kind, seats, frozenset(), campus, campus * 10 + building
                    )
    return School(places=places, travel=1), list(_slots(draw))


def _slots(draw: random.Random) -> list[Slot]:
    classes = STUDENTS // CLASS_SIZE
    found: list[Slot] = []
    for section in range(1, SECTIONS + 1):
        group = draw.randrange(classes)
        kind = draw.choices(("media", "lab", "computer"), (78, 14, 8))[0]
        merged = draw.choice((1, 2, 3)) if kind == "media" else 1
        first = group - group % 10  # classes of a programme and grade share courses
        members = frozenset(
            first + (group + step) % 10 for step in range(merged) if first + (group + step) % 10 < classes
        )
        shared = {
            "teachers": frozenset({draw.randrange(SECTIONS * 2 // 5)}), "classes": frozenset(members), "room_kind": kind,
            "size": CLASS_SIZE * len(members), "campus": 1 if first < classes // 2 else 2, "section": section,
            "weeks": draw.choice(WEEKS), "wishes": _wishes(draw), "meeting": section, "same_room": True,
        }  # fmt: skip
        for turn in range(1, draw.choice((1, 2, 2, 2, 3)) + 1):
            found.append(replace(Slot(len(found) + 1, f"课{section}", 1, 2), turn=turn, **shared))  # type: ignore[arg-type]  # by name
    return found


def _wishes(draw: random.Random) -> tuple[Wish, ...]:
    if draw.random() > 0.15:
        return ()
    kind = draw.choice(("forbidden", "avoided", "preferred"))
    first = draw.choice((1, 5))
    return (Wish(kind, draw.randint(1, 5), first, first + 3, (1 << 30) - 1, "教研活动"),)
