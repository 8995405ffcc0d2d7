"""All hard conflicts of a whole timetable at once. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from yanta.systems.timetables.rules import clashes
from yanta.systems.timetables.rules.clashes import Clash, Place, Slot


def collisions(
    slots: Sequence[Slot], places: Iterable[Place], *, last_period: int
) -> list[tuple[Slot, Clash]]:
    """Each placed meeting with each thing that is wrong; a pair is told once."""
    by_id = {place.id: place for place in places}
    found = []
    for slot in slots:
        place = by_id.get(slot.room) if slot.room is not None else None
        wrong = [*clashes.of_wishes(slot, last_period=last_period), *clashes.of_room(slot, place)]
        found += [(slot, clash) for clash in wrong]
    return found + [(one, clash) for one, other in _near(slots) for clash in clashes.between(one, other, {})]


def _near(slots: Sequence[Slot]) -> Iterable[tuple[Slot, Slot]]:
    """Pairs that share a teacher, a class, a room or the section on one day."""
    held: dict[tuple[str, int, int], list[Slot]] = defaultdict(list)
    for slot in slots:
        keys = [("teacher", key) for key in slot.teachers] + [("class", key) for key in slot.classes]
        keys += [("room", slot.room)] if slot.room is not None else []
        for kind, key in [*keys, ("section", slot.section)]:
            held[kind, key, slot.weekday or 0].append(slot)
    pairs = {
        (one.id, other.id): (one, other)
        for group in held.values()
        for place, one in enumerate(group)
        for other in group[place + 1 :]
    }
    return pairs.values()
