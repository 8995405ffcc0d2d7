"""The term's meetings as a problem for the engine, and its timetable back as days, periods and rooms. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from yanta.masterdata import weeks
from yanta.systems.timetables.rules import clashes
from yanta.systems.timetables.rules.clashes import LINK_VALUES, LINKS, NO_ROOM, Slot
from yanta.systems.timetables.rules.school import Place, School
from yanta.timetabling.problem import Kind, Lesson, Placed, Problem, Room, RoomChoice, Rule, TimeChoice

DAYS = 7
WORK_DAYS, WEEKEND = 5, (6, 7)
EVENING_BLOCK = 2  # the third part of the day
MOST_ROOMS = 120  # a lesson chooses among; the next lesson of its kind among others
SEATS = 20  # this many empty seats count once
ELSEWHERE = 4  # rooms on another than the usual campus, for who asks for none
PAUSE = 3  # a gap up to noon is none

Where = tuple[int, int, int | None]


@dataclass(frozen=True, slots=True)
class Weights:
    """What matters more; the fields of a Preference."""

    evening: int = 2
    weekend: int = 8
    wishes: int = 6
    spread: int = 6
    class_gaps: int = 3
    teacher_gaps: int = 2
    class_load: int = 4
    teacher_load: int = 4
    same_room: int = 2
    room_fit: int = 1
    links: int = 6
    class_most: int = 8
    teacher_most: int = 6


class Calendar:
    """Weeks in which the same is taught, taken as one: half a dozen instead of twenty."""

    def __init__(self, masks: Iterable[int]) -> None:
        distinct = sorted(set(masks))
        first: dict[tuple[bool, ...], int] = {}
        self.same: dict[tuple[bool, ...], int] = defaultdict(int)
        for week in range(weeks.LAST_WEEK):
            taught = tuple(bool(mask >> week & 1) for mask in distinct)
            if any(taught):
                first.setdefault(taught, week)
            self.same[taught] |= 1 << week
        self.firsts = sorted(first.values())
        self.meant = [self.same[key] for key, _ in sorted(first.items(), key=lambda one: one[1])]

    def __len__(self) -> int:
        return max(1, len(self.firsts))

    def short(self, mask: int) -> int:
        return sum(1 << place for place, week in enumerate(self.firsts) if mask >> week & 1)

    def long(self, short: int) -> int:
        """The weeks that a short mask means."""
        return sum(mask for place, mask in enumerate(self.meant) if short >> place & 1)


@dataclass(frozen=True)
class Compiled:
    """`tasks[n]` are the meetings that lesson n of the problem stands for; more than one are taught as one."""

    problem: Problem
    tasks: tuple[tuple[Slot, ...], ...]
    room_ids: tuple[int, ...]
    school: School
    calendar: Calendar
    impossible: Mapping[int, str]

    @cached_property
    def rooms(self) -> dict[int, int]:
        return {key: number for number, key in enumerate(self.room_ids)}

    @cached_property
    def lesson_of(self) -> dict[int, int]:
        return {slot.id: number for number, slots in enumerate(self.tasks) for slot in slots}

    def present(self) -> list[Placed | None]:
        """Where the lessons are now."""
        return [self._placed(slots[0]) for slots in self.tasks]

    def _placed(self, slot: Slot) -> Placed | None:
        if (
            slot.weekday is None
            or slot.first is None
            or (slot.room is not None and slot.room not in self.rooms)
        ):
            return None
        time = self.school.day.time(self.calendar.short(slot.weeks), slot.weekday, slot.first, slot.periods)
        return Placed(time) if slot.room is None else Placed(time, self.rooms[slot.room])

    def where(self, at: Placed) -> Where:
        room = None if at.room < 0 else self.room_ids[at.room]
        return at.time.days.bit_length(), self.school.day.period(at.time.start), room

    def weeks_of(self, placed: Sequence[Placed | None]) -> dict[int, int]:
        """The weeks of each meeting, where a repair brought it to others."""
        pairs = zip(self.tasks, placed, strict=True)
        return {slot.id: self.calendar.long(at.time.weeks) for slots, at in pairs if at for slot in slots}

    def places(self, placed: Sequence[Placed | None]) -> dict[int, Where]:
        """Weekday, period and room of every meeting that has a place."""
        return {
            slot.id: self.where(at)
            for slots, at in zip(self.tasks, placed, strict=True) if at is not None
            for slot in slots
        }  # fmt: skip


def compiled(
    slots: Sequence[Slot], school: School, weights: Weights | None = None, *, masks: Iterable[int] = ()
) -> Compiled:
    """Meetings that have no time or no room at all are left out and named; `masks` are further weeks to tell apart."""
    calendar = Calendar([*(slot.weeks for slot in slots), *masks])
    maker = _Maker(school, weights or Weights(), calendar)
    tasks, impossible = [], {}
    for group in _tasks(slots):
        one = _as_one(group)
        reason = "time" if not maker.times(one) else "room" if not maker.has_room(one) else ""
        if reason:
            impossible.update({slot.id: reason for slot in group})
        else:
            tasks.append(group)
    return Compiled(maker.problem(tasks), tuple(tasks), maker.room_ids, school, maker.calendar, impossible)


def _tasks(slots: Sequence[Slot]) -> list[tuple[Slot, ...]]:
    found: dict[tuple[object, ...], list[Slot]] = defaultdict(list)
    for slot in slots:
        tie = next((tie for tie in slot.ties if tie.kind == "together" and tie.hard), None)
        key = (slot.id,) if tie is None else (tie.key, slot.turn, slot.group, slot.weeks, slot.periods)
        found[key].append(slot)
    return [tuple(group) for group in found.values()]


def _as_one(group: tuple[Slot, ...]) -> Slot:
    """All who come, in one room."""
    if len(group) == 1:
        return group[0]
    return replace(
        next((slot for slot in group if slot.is_fixed), group[0]),
        teachers=frozenset().union(*(slot.teachers for slot in group)),
        classes=frozenset().union(*(slot.classes for slot in group)),
        features=frozenset().union(*(slot.features for slot in group)),
        size=sum(slot.size for slot in group),
        wishes=tuple(wish for slot in group for wish in slot.wishes),
    )


class _Maker:
    """Choices of each lesson, shared where two lessons ask for the same."""

    def __init__(self, school: School, weights: Weights, calendar: Calendar) -> None:
        self.school, self.weights, self.calendar = school, weights, calendar
        self.room_ids = tuple(sorted(school.places))
        self.numbers = {key: number for number, key in enumerate(self.room_ids)}
        self.home = min((place.campus for place in school.places.values() if place.campus), default=None)
        self._times: dict[object, tuple[TimeChoice, ...]] = {}
        self._rooms: dict[object, tuple[tuple[RoomChoice, ...], ...]] = {}

    def times(self, slot: Slot) -> tuple[TimeChoice, ...]:
        """Of a fixed meeting the present one alone, as long as it may be there."""
        found = self._free_times(slot)
        if not slot.is_fixed or slot.weekday is None or slot.first is None:
            return found
        here = self.school.day.time(self.calendar.short(slot.weeks), slot.weekday, slot.first, slot.periods)
        return tuple(choice for choice in found if choice.time == here) or found

    def _free_times(self, slot: Slot) -> tuple[TimeChoice, ...]:
        key = (slot.wishes, slot.weeks, slot.periods)
        if key not in self._times:
            self._times[key] = tuple(self._choices(slot))
        return self._times[key]

    def _choices(self, slot: Slot) -> Iterator[TimeChoice]:
        day, short = self.school.day, self.calendar.short(slot.weeks)
        fixed = {wish.first for wish in slot.wishes if wish.kind == "fixed"}
        for first in sorted({*day.begins(slot.periods), *fixed}):
            for weekday in range(1, DAYS + 1):
                if not any(clashes.of_wishes(slot.at(weekday, first, None), last_period=day.last)):
                    cost = self._time_cost(slot, weekday, first)
                    yield TimeChoice(day.time(short, weekday, first, slot.periods), cost)

    def _time_cost(self, slot: Slot, weekday: int, first: int) -> int:
        blocks = self.school.day.blocks()
        evening = len(blocks) > EVENING_BLOCK and first >= blocks[EVENING_BLOCK][0]
        cost = self.weights.evening * evening + 4 * self.weights.weekend * (weekday in WEEKEND)
        liked = [wish for wish in slot.wishes if wish.kind == "preferred"]
        if liked and not any(_covers(wish, weekday, first, first) for wish in liked):
            cost += self.weights.wishes
        last = first + slot.periods - 1
        avoided = (wish for wish in slot.wishes if wish.kind == "avoided")
        return cost + self.weights.wishes * any(_covers(wish, weekday, first, last) for wish in avoided)

    def has_room(self, slot: Slot) -> bool:
        return slot.room_kind == NO_ROOM or bool(self.rooms(slot))

    def rooms(self, slot: Slot) -> tuple[RoomChoice, ...]:
        if slot.room_kind == NO_ROOM:
            return ()
        key = (slot.room_kind, slot.size, slot.features, slot.campus)
        if key not in self._rooms:
            self._rooms[key] = self._shares(self._fitting(slot))
        shares = self._rooms[key]
        if slot.is_fixed and (here := self._here(slot, shares)):
            return here
        chosen = shares[slot.id % len(shares)] if shares else ()
        if slot.room is None or any(self.room_ids[one.room] == slot.room for one in chosen):
            return chosen
        # Where it is now stays possible.
        return chosen + self._here(slot, shares)

    def _here(self, slot: Slot, shares: tuple[tuple[RoomChoice, ...], ...]) -> tuple[RoomChoice, ...]:
        return tuple(one for share in shares for one in share if self.room_ids[one.room] == slot.room)

    def _shares(self, rooms: list[RoomChoice]) -> tuple[tuple[RoomChoice, ...], ...]:
        count = -(-len(rooms) // MOST_ROOMS)
        return tuple(tuple(rooms[start::count]) for start in range(count))

    def _fitting(self, slot: Slot) -> list[RoomChoice]:
        found = []
        for place in self.school.places.values():
            if not any(clashes.of_room(slot, place)):
                found.append(RoomChoice(self.numbers[place.id], self._room_cost(slot, place)))
        return sorted(found, key=lambda one: (one.cost, self.school.places[self.room_ids[one.room]].capacity))

    def _room_cost(self, slot: Slot, place: Place) -> int:
        elsewhere = slot.campus is None and place.campus != self.home
        return self.weights.room_fit * ((place.capacity - slot.size) // SEATS) + ELSEWHERE * elsewhere

    def problem(self, tasks: Sequence[tuple[Slot, ...]]) -> Problem:
        ones = [_as_one(group) for group in tasks]
        return replace(
            grounds(self.school, self.room_ids), weeks=len(self.calendar),
            lessons=tuple(Lesson(one.title, self.times(one), self.rooms(one)) for one in ones),
            rules=tuple(rules_of(ones, tasks, self.weights)),
        )  # fmt: skip


def grounds(school: School, room_ids: Iterable[int]) -> Problem:
    """The school without a lesson: its day, these rooms, the way between its campuses."""
    places = [school.places.get(key, Place(key, "", "", 0)) for key in room_ids]
    campuses = sorted({place.campus for place in places if place.campus})
    ways = {(a, b): school.travel for a in campuses for b in campuses if a != b and school.travel}
    return Problem(
        name="term", weeks=weeks.LAST_WEEK, days=DAYS, slots=school.day.slots, lessons=(), ways=ways,
        rooms=tuple(Room(place.name, place.capacity, site=place.campus or 0) for place in places),
    )  # fmt: skip


def _covers(wish: clashes.Wish, weekday: int, first: int, last: int) -> bool:
    return wish.weekday == weekday and wish.first <= last and first <= wish.last


def rules_of(ones: Sequence[Slot], tasks: Sequence[tuple[Slot, ...]], weights: Weights) -> Iterator[Rule]:
    """Whose rule each is stands in its source: the kind, a colon, the ids."""
    for kind, most, load, gaps in (
        ("teacher", weights.teacher_most, weights.teacher_load, weights.teacher_gaps),
        ("class", weights.class_most, weights.class_load, weights.class_gaps),
    ):
        for lessons, keys in _people(ones, kind).items():
            name = ",".join(map(str, keys))
            yield Rule(Kind.SAME_ATTENDEES, lessons, source=f"{kind}:{name}")
            if gaps and len(lessons) > 1:
                yield Rule(Kind.MAX_BREAKS, lessons, (0, PAUSE), gaps, f"{kind}_gaps:{name}")
            if load and sum(ones[one].periods for one in lessons) > most:
                yield Rule(Kind.MAX_DAY_LOAD, lessons, (most,), load, f"{kind}_load:{name}")
    yield from _of_sections(ones, weights)
    yield from _of_links(tasks, weights)


def _people(ones: Sequence[Slot], kind: str) -> dict[tuple[int, ...], list[int]]:
    """The lessons of each teacher or class; classes that are always together share an entry."""
    lessons: dict[int, list[int]] = defaultdict(list)
    for number, slot in enumerate(ones):
        for key in slot.teachers if kind == "teacher" else slot.classes:
            lessons[key].append(number)
    found: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for key in sorted(lessons):
        if len(lessons[key]) > 1:
            found[tuple(lessons[key])].append(key)
    return found


def _of_sections(ones: Sequence[Slot], weights: Weights) -> Iterator[Rule]:
    sections: dict[int, list[int]] = defaultdict(list)
    for number, slot in enumerate(ones):
        if slot.section:
            sections[slot.section].append(number)
    for key, found in sections.items():
        lessons = tuple(found)
        if len(lessons) > 1 and not _in_common([ones[one] for one in lessons]):
            yield Rule(Kind.SAME_ATTENDEES, lessons, source=f"section:{key}")
        if weights.spread and 1 < len(lessons) <= WORK_DAYS:
            yield Rule(Kind.DIFFERENT_DAYS, lessons, (), weights.spread, f"spread:{key}")
    if weights.same_room:
        yield from _of_turns(ones, weights.same_room)


def _in_common(slots: Sequence[Slot]) -> bool:
    """Whether somebody is in all of them, so that they are at different times anyway."""
    return bool(
        frozenset.intersection(*(slot.teachers for slot in slots))
        or frozenset.intersection(*(slot.classes for slot in slots))
    )


def _of_turns(ones: Sequence[Slot], cost: int) -> Iterator[Rule]:
    """The meetings of a week in one room."""
    turns: dict[tuple[int, int], list[int]] = defaultdict(list)
    for number, slot in enumerate(ones):
        if slot.same_room and slot.room_kind != NO_ROOM:
            turns[slot.meeting, slot.group].append(number)
    for (meeting, _), lessons in turns.items():
        if len(lessons) > 1:
            yield Rule(Kind.SAME_ROOM, tuple(lessons), (), cost, f"same_room:{meeting}")


def _of_links(tasks: Sequence[tuple[Slot, ...]], weights: Weights) -> Iterator[Rule]:
    """Each link as rules of its sections' first meetings, of their second ones, …, or of all of them."""
    members: dict[tuple[object, ...], list[tuple[int, int, int]]] = defaultdict(list)
    for number, slots in enumerate(tasks):
        for slot in slots:
            for tie in slot.ties:
                turn = (slot.turn, slot.group) if tie.kind in clashes.BY_TURN else ()
                members[tie.key, tie.kind, tie.hard, tie.name, *turn].append(
                    (tie.place, number, slot.section)
                )
    for (_, kind, hard, name, *_rest), found in members.items():
        cost = None if hard else weights.links
        if cost != 0 and len({number for _, number, _ in found}) > 1:  # else they are one lesson already
            yield from _of_link(str(kind), str(name), sorted(found), cost)


def _of_link(kind: str, name: str, found: list[tuple[int, int, int]], cost: int | None) -> Iterator[Rule]:
    """One rule over all the sections; pair by pair where a section is in it twice, for it asks nothing of itself."""
    source, sections = f"link:{name}", [section for *_, section in found]
    whole = kind in clashes.BY_TURN and len(set(sections)) == len(found)
    for one in LINKS[kind]:
        values = LINK_VALUES.get(one, ())
        if whole:
            yield Rule(one, tuple(number for _, number, _ in found), values, cost, source)
            continue
        for place, (turn, number, section) in enumerate(found):
            for later, other, of_other in found[place + 1 :]:
                follows = one != Kind.BACK_TO_BACK or _next(turn, found) == later
                if section != of_other and follows:
                    yield Rule(one, (number, other), values, cost, source)


def _next(place: int, found: list[tuple[int, int, int]]) -> int | None:
    """The place in the link that comes after this one."""
    return min((later for later, *_ in found if later > place), default=None)
