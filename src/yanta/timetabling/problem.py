"""A timetabling problem and a timetable: what the registrar and the 2019 competition have in common."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum

from .times import Time

NO_ROOM = -1


class Kind(IntEnum):
    """What a rule asks of its lessons. Up to BACK_TO_BACK a rule speaks of pairs, after it of the whole group.

    Values: WORK_DAY slots, MIN_GAP slots, MAX_DAYS days, MAX_DAY_LOAD slots, MAX_BREAKS breaks and the gap
    that makes one, MAX_BLOCK slots and the gap that ends a block, LUNCH first slot, last slot (exclusive) and
    free slots in between, BACK_TO_BACK the longest gap between one lesson of the list and the next.
    """

    SAME_START = 0
    SAME_TIME = 1
    DIFFERENT_TIME = 2
    SAME_DAYS = 3
    DIFFERENT_DAYS = 4
    SAME_WEEKS = 5
    DIFFERENT_WEEKS = 6
    SAME_ROOM = 7
    DIFFERENT_ROOM = 8
    OVERLAP = 9
    NOT_OVERLAP = 10
    SAME_ATTENDEES = 11
    PRECEDENCE = 12
    WORK_DAY = 13
    MIN_GAP = 14
    BACK_TO_BACK = 15
    MAX_DAYS = 16
    MAX_DAY_LOAD = 17
    MAX_BREAKS = 18
    MAX_BLOCK = 19
    LUNCH = 20

    @property
    def of_pairs(self) -> bool:
        return self <= Kind.BACK_TO_BACK


@dataclass(frozen=True)
class TimeChoice:
    time: Time
    cost: int = 0


@dataclass(frozen=True)
class RoomChoice:
    room: int
    cost: int = 0


@dataclass(frozen=True)
class Room:
    name: str
    capacity: int
    travel: dict[int, int] = field(default_factory=dict)  # slots to other rooms
    closed: tuple[Time, ...] = ()
    site: int = 0  # campus; `Problem.ways` says how far it is from one to another

    def open_at(self, time: Time) -> bool:
        return not any(time.overlaps(shut) for shut in self.closed)


@dataclass(frozen=True)
class Lesson:
    """One teaching class as it is put into the timetable; no rooms: it needs none."""

    name: str
    times: tuple[TimeChoice, ...]
    rooms: tuple[RoomChoice, ...] = ()
    limit: int = 0
    parent: int = -1  # who attends this one attends that one too


@dataclass(frozen=True)
class Rule:
    """A rule about lessons; without a cost it must hold. `source` says whose rule it is, for explanations."""

    kind: Kind
    lessons: tuple[int, ...]
    values: tuple[int, ...] = ()
    cost: int | None = None
    source: str = ""

    @property
    def hard(self) -> bool:
        return self.cost is None

    def pairs(self) -> Iterable[tuple[int, int]]:
        """The pairs that the rule speaks of, in its order."""
        if self.kind == Kind.BACK_TO_BACK:
            return zip(self.lessons, self.lessons[1:], strict=False)
        return ((a, b) for place, a in enumerate(self.lessons) for b in self.lessons[place + 1 :])


@dataclass(frozen=True)
class Course:
    """Students take one way (configuration) of a course and in it one lesson of each part."""

    name: str
    ways: tuple[tuple[tuple[int, ...], ...], ...]


@dataclass(frozen=True)
class Student:
    name: str
    courses: tuple[int, ...]


@dataclass(frozen=True)
class Weights:
    time: int = 1
    room: int = 1
    rule: int = 1
    student: int = 1


@dataclass(frozen=True)
class Problem:
    name: str
    weeks: int
    days: int
    slots: int
    rooms: tuple[Room, ...]
    lessons: tuple[Lesson, ...]
    rules: tuple[Rule, ...] = ()
    courses: tuple[Course, ...] = ()
    students: tuple[Student, ...] = ()
    weights: Weights = Weights()
    ways: dict[tuple[int, int], int] = field(default_factory=dict)  # slots from site to site, both ways

    def travel(self, a: int, b: int) -> int:
        """Slots between two rooms, whichever of them knows the way."""
        if NO_ROOM in (a, b) or a == b:
            return 0
        one, other = self.rooms[a], self.rooms[b]
        between = self.ways.get((one.site, other.site), 0) if self.ways else 0
        return one.travel.get(b, other.travel.get(a, between))

    def narrowed(self, kept: Sequence[int]) -> "Problem":
        """The problem of these lessons alone, in this order; without students."""
        new = {number: place for place, number in enumerate(kept)}
        rules = (
            replace(rule, lessons=tuple(new[lesson] for lesson in rule.lessons if lesson in new))
            for rule in self.rules
        )
        return replace(
            self,
            lessons=tuple(self.lessons[number] for number in kept),
            rules=tuple(rule for rule in rules if rule.lessons),
            courses=(),
            students=(),
        )

    def forbidding(self, lessons: Iterable[int], wrong: Callable[[Time], bool]) -> "Problem":
        """The problem without these times for these lessons: a teacher's day off, a school's assembly."""
        chosen = set(lessons)
        return replace(
            self,
            lessons=tuple(
                replace(lesson, times=tuple(choice for choice in lesson.times if not wrong(choice.time)))
                if number in chosen
                else lesson
                for number, lesson in enumerate(self.lessons)
            ),
        )

    def fixing(self, placed: dict[int, "Placed"]) -> "Problem":
        """The problem with these lessons where they are."""
        lessons = list(self.lessons)
        for number, at in placed.items():
            lessons[number] = replace(
                lessons[number],
                times=tuple(choice for choice in lessons[number].times if choice.time == at.time),
                rooms=tuple(choice for choice in lessons[number].rooms if choice.room == at.room),
            )
        return replace(self, lessons=tuple(lessons))


@dataclass(frozen=True)
class Placed:
    time: Time
    room: int = NO_ROOM


@dataclass(frozen=True)
class Timetable:
    """Where each lesson is, and which lessons each student attends."""

    placed: tuple[Placed, ...]
    attends: tuple[frozenset[int], ...] = ()
