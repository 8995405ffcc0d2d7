"""Instances made for the tests: one by hand, others by a seed."""

import random

from yanta.timetabling.itc2007.instance import Course, Instance, Room

TOY = """Name: Toy
Courses: 3
Rooms: 2
Days: 2
Periods_per_day: 3
Curricula: 2
Constraints: 1

COURSES:
Algebra Gauss 3 2 30
Physics Gauss 1 1 10
Ethics Kant 2 2 12

ROOMS:
big\t30
small\t11

CURRICULA:
q1 2 Algebra Physics
q2 2 Algebra Ethics

UNAVAILABILITY_CONSTRAINTS:
Ethics 1 2

END.
"""


def drawn(seed: int) -> Instance:
    """A small instance with every kind of rule in it."""
    chance = random.Random(seed)
    days, per_day = chance.randint(2, 5), chance.randint(3, 6)
    courses = tuple(
        Course(
            f"c{n}",
            f"t{chance.randrange(6)}",
            chance.randint(1, 4),
            chance.randint(1, 3),
            chance.randint(5, 80),
        )
        for n in range(10)
    )
    rooms = tuple(Room(f"r{n}", chance.choice([20, 40, 90])) for n in range(4 + 12 // (days * per_day)))
    curricula = tuple(tuple(chance.sample(range(10), chance.randint(2, 4))) for _ in range(5))
    forbidden = frozenset(
        (course, period) for course in range(10) for period in range(days * per_day) if chance.random() < 0.1
    )
    return Instance(f"drawn{seed}", days, per_day, courses, rooms, curricula, forbidden)
