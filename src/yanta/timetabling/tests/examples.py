"""Problems made for the tests."""

import random

from yanta.timetabling.problem import (
    Course,
    Kind,
    Lesson,
    Problem,
    Room,
    RoomChoice,
    Rule,
    Student,
    TimeChoice,
    Weights,
)
from yanta.timetabling.times import Time

VALUES = {
    Kind.WORK_DAY: (6,),
    Kind.MIN_GAP: (2,),
    Kind.BACK_TO_BACK: (1,),
    Kind.MAX_DAYS: (2,),
    Kind.MAX_DAY_LOAD: (5,),
    Kind.MAX_BREAKS: (1, 1),
    Kind.MAX_BLOCK: (4, 1),
    Kind.LUNCH: (4, 8, 2),
}


def grid(
    days: int = 5, slots: tuple[int, ...] = (0, 2, 4, 6), length: int = 2, weeks: int = 1
) -> tuple[TimeChoice, ...]:
    """Every weekday at every slot, all weeks."""
    return tuple(TimeChoice(Time(weeks, 1 << day, slot, length)) for day in range(days) for slot in slots)


def plain(lessons: int, *, rooms: int = 1, rules: tuple[Rule, ...] = (), days: int = 5) -> Problem:
    """Lessons that may be at any time in any room."""
    return Problem(
        name="plain",
        weeks=1,
        days=days,
        slots=10,
        rooms=tuple(Room(f"R{number}", 50) for number in range(rooms)),
        lessons=tuple(
            Lesson(f"L{number}", grid(days), tuple(RoomChoice(room) for room in range(rooms)))
            for number in range(lessons)
        ),
        rules=rules,
    )


def drawn(seed: int, *, hard: float = 0.5) -> Problem:
    """A problem with every kind of rule, rooms that close, ways between them, and students."""
    chance = random.Random(seed)
    weeks, days = chance.randint(1, 4), 5
    rooms = tuple(
        Room(
            f"R{number}",
            30,
            {other: chance.randint(0, 2) for other in range(3) if other > number},
            (Time(chance.randrange(1, 1 << weeks), 1 << chance.randrange(days), 0, 3),),
        )
        for number in range(3)
    )
    lessons = tuple(_lesson(chance, number, weeks, days) for number in range(12))
    rules = tuple(
        Rule(
            kind,
            tuple(chance.sample(range(12), chance.randint(2, 5))),
            VALUES.get(kind, ()),
            None if chance.random() < hard else chance.randint(1, 9),
        )
        for kind in Kind
        for _ in range(2)
    )
    courses = (
        Course("A", (((0, 1), (2, 3)), ((4,),))),
        Course("B", (((5, 6, 7),),)),
        Course("C", (((8,), (9,), (10, 11)),)),
    )
    students = tuple(
        Student(f"S{n}", tuple(chance.sample(range(3), chance.randint(1, 3)))) for n in range(12)
    )
    return Problem(
        f"drawn{seed}", weeks, days, 10, rooms, lessons, rules, courses, students, Weights(2, 3, 4, 5)
    )


def _lesson(chance: random.Random, number: int, weeks: int, days: int) -> Lesson:
    times = {
        Time(
            chance.randrange(1, 1 << weeks),
            chance.randrange(1, 1 << days),
            chance.randrange(8),
            chance.randint(1, 3),
        )
        for _ in range(6)
    }
    return Lesson(
        f"L{number}",
        tuple(TimeChoice(time, chance.randint(0, 4)) for time in sorted(times)),
        tuple(RoomChoice(room, chance.randint(0, 4)) for room in range(3)) if number % 4 else (),
        limit=8,
        parent=0 if number == 2 else -1,
    )
