"""Hard conflicts of meetings where they stand: the engine's rules, judged on the board's rows, in words. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

from yanta.systems.timetables.rules import clashes, compiling
from yanta.systems.timetables.rules.clashes import LINK_WORDS, Clash, Names, Slot
from yanta.systems.timetables.rules.compiling import Weights
from yanta.systems.timetables.rules.school import School
from yanta.timetabling import judging
from yanta.timetabling.problem import NO_ROOM, Kind, Placed, Rule

HARD = Weights(*[0] * 13)  # no wish has a weight
PEOPLE = {"teacher": "教师", "class": "班级"}
NAMED = 3  # of those who would have to be in two places
Broken = tuple[int, int, Rule | None]  # without a rule it is the room that both are in
NOBODY: Names = {}


class Meetings:
    """Placed meetings, each a lesson of the engine's problem."""

    def __init__(self, slots: Iterable[Slot], school: School, names: Names = NOBODY) -> None:
        self.slots = [slot for slot in slots if slot.weekday is not None]
        self.school, self.names = school, names
        known = sorted({*school.places, *(slot.room for slot in self.slots if slot.room is not None)})
        self.rooms = {key: number for number, key in enumerate(known)}
        self.problem = compiling.grounds(school, known)
        self.placed = [self._placed(slot) for slot in self.slots]
        self.rules = list(compiling.rules_of(self.slots, [(slot,) for slot in self.slots], HARD))

    def _placed(self, slot: Slot) -> Placed:
        assert slot.weekday is not None and slot.first is not None  # noqa: S101, PT018 - narrows the type
        time = self.school.day.time(slot.weeks, slot.weekday, slot.first, slot.periods)
        return Placed(time, NO_ROOM if slot.room is None else self.rooms[slot.room])

    def collisions(self) -> list[tuple[Slot, Clash]]:
        """Each meeting with each thing that is wrong; what two do to each other is told once."""
        found = [(slot, clash) for slot in self.slots for clash in alone(slot, self.school)]
        return found + [(self.slots[one], clash) for one, clash in self._told(self._broken())]

    def _broken(self) -> Iterator[Broken]:
        for rule in self.rules:
            # People are in one place at a time: that only concerns meetings of one day.
            pairs = self._of_a_day(rule.lessons) if rule.kind == Kind.SAME_ATTENDEES else rule.pairs()
            yield from ((a, b, rule) for a, b in pairs if self._breaks(rule, a, b))
        in_rooms: dict[int, list[int]] = defaultdict(list)
        for number, at in enumerate(self.placed):
            in_rooms[at.room].append(number)
        for room, lessons in in_rooms.items():
            if room != NO_ROOM:
                yield from ((a, b, None) for a, b in self._of_a_day(lessons) if self._breaks(None, a, b))

    def _of_a_day(self, lessons: Iterable[int]) -> Iterator[tuple[int, int]]:
        days: dict[int, list[int]] = defaultdict(list)
        for number in lessons:
            days[self.placed[number].time.days].append(number)
        for numbers in days.values():
            yield from combinations(numbers, 2)

    def _breaks(self, rule: Rule | None, a: int, b: int) -> bool:
        """Whether the two break a rule, or without one are in each other's room."""
        if clashes.taught_as_one(self.slots[a], self.slots[b]):
            return False
        if rule is None:
            return judging.share_a_room(self.placed[a], self.placed[b])
        return not judging.pair_holds(self.problem, rule, self.placed[a], self.placed[b])

    def _told(self, broken: Iterable[Broken]) -> Iterator[tuple[int, Clash]]:
        pairs: dict[tuple[int, int], list[Rule | None]] = defaultdict(list)
        for a, b, rule in broken:
            pairs[min(a, b), max(a, b)].append(rule)
        for (one, other), rules in pairs.items():
            at_once = self.placed[one].time.overlaps(self.placed[other].time)
            words = _Words(
                self.slots[one], self.slots[other], self.names, self.school.travel, at_once=at_once
            )
            yield from ((one, clash) for clash in words.of(rules))


class Trial(Meetings):
    """One meeting tried in many places among others that stay; it is the first of them."""

    def __init__(self, slot: Slot, others: Iterable[Slot], school: School, names: Names = NOBODY) -> None:
        super().__init__([slot, *others], school, names)
        self.needs_room = slot.room_kind != clashes.NO_ROOM
        self.concerned = [
            (a, b, rule) for rule in self.rules if 0 in rule.lessons for a, b in rule.pairs() if 0 in (a, b)
        ]
        self.in_rooms: dict[int, list[int]] = defaultdict(list)
        for number, other in enumerate(self.placed[1:], start=1):
            self.in_rooms[other.room].append(number)

    def at(self, weekday: int, first: int, room: int | None) -> list[Clash]:
        """Everything that would be wrong with it there."""
        slot = self.slots[0] = self.slots[0].at(weekday, first, room)
        here = self.placed[0] = self._placed(slot)
        broken: list[Broken] = [one for one in self.concerned if self._breaks(one[2], one[0], one[1])]
        broken += [(0, other, None) for other in self.in_rooms[here.room] if self._breaks(None, 0, other)]
        return [*alone(slot, self.school), *(clash for _, clash in self._told(broken))]


def alone(slot: Slot, school: School) -> Iterator[Clash]:
    """What is wrong with a meeting whoever else is there."""
    yield from clashes.of_wishes(slot, last_period=school.day.last)
    yield from clashes.of_room(slot, None if slot.room is None else school.places.get(slot.room))


class _Words:
    """What two meetings do to each other."""

    def __init__(self, one: Slot, other: Slot, names: Names, travel: int, *, at_once: bool) -> None:
        self.one, self.other, self.names, self.travel, self.at_once = one, other, names, travel, at_once

    def of(self, rules: Sequence[Rule | None]) -> Iterator[Clash]:
        sources = [rule.source for rule in rules if rule is not None]
        for kind in PEOPLE:
            if keys := [int(key) for text in sources for key in _keys(text, kind)]:
                yield self._torn(
                    kind, "、".join(self.names.get((kind, key), PEOPLE[kind]) for key in keys[:NAMED])
                )
        if any(text.startswith("section:") for text in sources):
            yield Clash("section", f"这个教学班这时已有{self.other.title}", self.other.id)
        if None in rules:
            room = self.names.get(("room", self.one.room or 0), "教室")
            yield Clash("room", f"{room}这时有{self.other.title}", self.other.id)
        for tie in self.one.ties:
            if tie.hard and f"link:{tie.name}" in sources:
                yield Clash(
                    "link", f"与{self.other.title}须{LINK_WORDS[tie.kind]}（{tie.name}）", self.other.id
                )

    def _torn(self, kind: str, who: str) -> Clash:
        """Somebody would have to be in both."""
        if self.at_once:
            return Clash(kind, f"{who}这时要上{self.other.title}", self.other.id)
        way = f"{self.other.title}在另一个校区，中间至少要空 {self.travel} 节"
        return Clash("travel", f"{who}赶不到：{way}", self.other.id)


def _keys(source: str, kind: str) -> list[str]:
    """Of whom a rule speaks."""
    whose, _, keys = source.partition(":")
    return keys.split(",") if whose == kind else []
