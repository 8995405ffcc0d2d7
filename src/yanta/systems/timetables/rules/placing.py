"""A timetable without conflicts, one meeting after another; what finds no place says why. Pure."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from yanta.systems.timetables.rules import clashes
from yanta.systems.timetables.rules.clashes import NO_ROOM, Place, Slot, Wish

WORK_DAYS = (1, 2, 3, 4, 5)
# A meeting of two periods begins where the bell does; evenings and weekends only when nothing else is left.
STARTS = (1, 3, 5, 7, 9, 11)
EVENING = 9
WEEKEND = (6, 7)
DEPTH = 3  # how many meetings one may push on to make room for another
REASONS = {
    "time": "没有可用的时间：时间要求或节次排除了所有时段", "room": "没有类型、容量、设备都合适的教室",
    "teacher": "教师在所有可用的时间都有课", "class": "教师有空的时间里班级都有课", "rooms": "合适的教室在可用的时间都有课",
}  # fmt: skip

Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Option:
    """Somewhere a meeting might be; the lower the better."""

    cost: int
    weekday: int
    first: int
    room: int | None


class Grid:
    """Who and what is taken when: weeks by resource, day and period."""

    def __init__(self, places: Iterable[Place], *, last_period: int, seed: int = 7) -> None:
        self.places = {place.id: place for place in places}
        self.last_period = last_period
        self.taken: dict[tuple[str, int, int, int], int] = defaultdict(int)
        self.slots: dict[int, Slot] = {}
        self.journal: list[tuple[int, Slot]] = []
        self.holders: dict[Key, set[int]] = defaultdict(set)
        self.draw = random.Random(seed)  # noqa: S311 - breaks ties, the same every time
        self._fitting: dict[tuple[str, int, frozenset[str], int | None], list[int]] = {}
        self._starts: dict[tuple[tuple[Wish, ...], int, int], list[tuple[int, int]]] = {}
        self._of_day: Counter[tuple[str, int, int]] = Counter()

    def fitting(self, slot: Slot) -> list[int]:
        """The rooms that a meeting may have, the smallest first."""
        key = (slot.room_kind, slot.size, slot.features, slot.campus)
        if key not in self._fitting:
            good = [one for one in self.places.values() if not any(clashes.of_room(slot, one))]
            self._fitting[key] = [one.id for one in sorted(good, key=lambda one: (one.capacity, one.name))]
        return self._fitting[key]

    def starts(self, slot: Slot) -> list[tuple[int, int]]:
        """The times that the wishes leave."""
        key = (slot.wishes, slot.weeks, slot.periods)
        if key not in self._starts:
            self._starts[key] = list(self._left_by_wishes(slot))
        return self._starts[key]

    def _left_by_wishes(self, slot: Slot) -> Iterator[tuple[int, int]]:
        fixed = [wish for wish in slot.wishes if wish.kind == "fixed"]
        firsts = sorted({*STARTS, *(wish.first for wish in fixed)})
        days = sorted({*WORK_DAYS, *(wish.weekday for wish in fixed), *WEEKEND})
        for weekday in days:
            for first in firsts:
                if not any(clashes.of_wishes(slot.at(weekday, first, None), last_period=self.last_period)):
                    yield weekday, first

    def is_free(self, kind: str, key: int, slot: Slot, weekday: int, first: int) -> bool:
        taken = self.taken
        return not any(
            taken.get((kind, key, weekday, period), 0) & slot.weeks
            for period in range(first, first + slot.periods)
        )

    def people_free(self, slot: Slot, weekday: int, first: int) -> bool:
        return all(self.is_free(kind, key, slot, weekday, first) for kind, key in _people(slot))

    def put(self, slot: Slot) -> None:
        """Take what the meeting needs; it must be free."""
        self.slots[slot.id] = slot
        self.journal.append((1, slot))
        self._mark(slot, 1)

    def lift(self, slot_id: int) -> Slot:
        slot = self.slots.pop(slot_id)
        self.journal.append((-1, slot))
        self._mark(slot, -1)
        return slot

    def undo(self, mark: int) -> None:
        """As it was when the journal was so long."""
        while len(self.journal) > mark:
            sign, slot = self.journal.pop()
            if sign > 0:
                del self.slots[slot.id]
            else:
                self.slots[slot.id] = slot
            self._mark(slot, -sign)

    def _mark(self, slot: Slot, sign: int) -> None:
        assert slot.weekday is not None and slot.first is not None  # noqa: S101, PT018 - narrows the type
        for need in _needs(slot):
            for period in range(slot.first, slot.first + slot.periods):
                self.taken[*need, slot.weekday, period] ^= slot.weeks
            self._of_day[*need, slot.weekday] += sign
            (self.holders[need].add if sign > 0 else self.holders[need].discard)(slot.id)
        self._of_day["meeting", slot.meeting, slot.weekday] += sign

    def options(self, slot: Slot) -> list[Option]:
        """Where the meeting is free to be, the best first; one room for each time."""
        found = []
        for weekday, first in self.starts(slot):
            if not self.people_free(slot, weekday, first):
                continue
            room = self.room_at(slot, weekday, first)
            if room is not None or slot.room_kind == NO_ROOM:
                found.append(Option(self.cost(slot, weekday, first), weekday, first, room))
        return sorted(found, key=lambda one: one.cost)

    def room_at(self, slot: Slot, weekday: int, first: int) -> int | None:
        if slot.room_kind == NO_ROOM:
            return None
        for room in self.fitting(slot):
            if self.is_free("room", room, slot, weekday, first):
                return room
        return None

    def cost(self, slot: Slot, weekday: int, first: int) -> int:
        """What the school would rather not: evenings, weekends, the same course twice a day, long days."""
        cost = (60 if weekday in WEEKEND else 0) + (20 if first >= EVENING else 0)
        cost += 20 * self._of_day["meeting", slot.meeting, weekday]
        cost += sum(self._of_day["class", key, weekday] for key in slot.classes) // max(1, len(slot.classes))
        cost += sum(self._of_day["teacher", key, weekday] for key in slot.teachers)
        for wish in slot.wishes:
            if (
                wish.kind in ("avoided", "preferred")
                and wish.weekday == weekday
                and wish.first <= first <= wish.last
            ):
                cost += 8 if wish.kind == "avoided" else -4
        return cost

    def holds(self, slot: Slot) -> bool:
        """Whether the meeting may be where it is."""
        place = None if slot.room is None else self.places.get(slot.room)
        wrong = [*clashes.of_wishes(slot, last_period=self.last_period), *clashes.of_room(slot, place)]
        free = slot.room is None or self.is_free("room", slot.room, slot, slot.weekday or 0, slot.first or 0)
        return not wrong and free and self.people_free(slot, slot.weekday or 0, slot.first or 0)

    def price(self) -> int:
        """What the whole timetable costs; each meeting as if it came last."""
        return sum(self.cost(slot, slot.weekday or 0, slot.first or 0) for slot in self.slots.values())

    def better(self, slot_id: int) -> None:
        """The meeting at the best place that is free for it; it never ends up worse."""
        before = self.lift(slot_id)
        assert before.weekday is not None and before.first is not None  # noqa: S101, PT018 - narrows the type
        now = self.cost(before, before.weekday, before.first)
        best = next(iter(self.options(before)), None)
        self.put(
            before if best is None or best.cost > now else before.at(best.weekday, best.first, best.room)
        )

    def in_the_way(self, slot: Slot, weekday: int, first: int, room: int | None) -> set[int]:
        """The meetings that would have to go."""
        wanted = slot.at(weekday, first, room)
        near = {key for need in _needs(wanted) for key in self.holders[need]}
        return {key for key in near if clashes.meets(wanted, self.slots[key])}


def _people(slot: Slot) -> Iterator[Key]:
    yield from (("teacher", key) for key in slot.teachers)
    yield from (("class", key) for key in slot.classes)
    if slot.section:
        yield ("section", slot.section)


def _needs(slot: Slot) -> Iterator[Key]:
    yield from _people(slot)
    if slot.room is not None:
        yield ("room", slot.room)


def difficulty(slot: Slot) -> tuple[int, int, int, int]:
    """What is put first: fixed times, many periods, many classes, many students."""
    fixed = any(wish.kind == "fixed" for wish in slot.wishes)
    barred = sum(wish.kind == "forbidden" for wish in slot.wishes)
    return (-int(fixed), -slot.periods - barred, -len(slot.classes) - len(slot.teachers), -slot.size)


def construct(
    slots: Sequence[Slot], grid: Grid, *, told: Callable[[int, int], None] = lambda done, total: None
) -> list[Slot]:
    """Places what it can; returns what found no place, also after others were pushed on."""
    left = []
    for number, slot in enumerate(sorted(slots, key=lambda one: (difficulty(one), one.id))):
        if not insert(grid, slot):
            left.append(slot)
        if number % 100 == 0:
            told(number, len(slots))
    return [slot for slot in left if not insert(grid, slot) and not push(grid, slot, DEPTH)]


def insert(grid: Grid, slot: Slot) -> bool:
    """At the best free place."""
    options = grid.options(slot)
    if options:
        best = options[0]
        grid.put(slot.at(best.weekday, best.first, best.room))
    return bool(options)


def push(grid: Grid, slot: Slot, depth: int) -> bool:
    """Make room by moving meetings that can go elsewhere; when they cannot, all stays as it was."""
    for weekday, first, room, gone in _sacrifices(grid, slot)[:12]:
        mark = len(grid.journal)
        lifted = [grid.lift(key) for key in sorted(gone)]
        grid.put(slot.at(weekday, first, room))
        if all(insert(grid, other) or (depth > 1 and push(grid, other, depth - 1)) for other in lifted):
            return True
        grid.undo(mark)
    return False


def _sacrifices(grid: Grid, slot: Slot) -> list[tuple[int, int, int | None, set[int]]]:
    """Times with a room and the fewest meetings in the way."""
    found = []
    for weekday, first in grid.starts(slot):
        if weekday in WEEKEND:
            continue
        rooms: list[int | None] = [None] if slot.room_kind == NO_ROOM else list(grid.fitting(slot)[:25])
        grid.draw.shuffle(rooms)
        for room in rooms[:4]:
            gone = grid.in_the_way(slot, weekday, first, room)
            if 0 < len(gone) <= 2:
                found.append((weekday, first, room, gone))
    return sorted(found, key=lambda one: len(one[3]))


def why_not(grid: Grid, slot: Slot) -> str:
    """Why a meeting has no place, in words."""
    if slot.room_kind != NO_ROOM and not grid.fitting(slot):
        return REASONS["room"]
    starts = grid.starts(slot)
    if not starts:
        return REASONS["time"]
    for kind, keys in (("teacher", slot.teachers), ("class", slot.classes)):
        starts = [at for at in starts if all(grid.is_free(kind, key, slot, *at) for key in keys)]
        if not starts:
            return REASONS[kind]
    return REASONS["rooms"]
