"""What a solution costs by the competition's rules, counted from nothing; the search is checked against it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from .instance import Instance, Lecture

MIN_DAYS_WEIGHT, COMPACTNESS_WEIGHT = 5, 2


@dataclass(frozen=True)
class Price:
    """Violations of what must hold, and the weighted cost of what is wished."""

    lectures: int  # missing, surplus, or two of one course at once
    conflicts: int
    availability: int
    room_occupancy: int
    room_capacity: int
    min_days: int
    compactness: int
    room_stability: int

    @property
    def hard(self) -> int:
        return self.lectures + self.conflicts + self.availability + self.room_occupancy

    @property
    def soft(self) -> int:
        return self.room_capacity + self.min_days + self.compactness + self.room_stability


def price(instance: Instance, lectures: Iterable[Lecture]) -> Price:
    rows = list(lectures)
    return Price(
        lectures=_lectures(instance, rows),
        conflicts=_conflicts(instance, rows),
        availability=sum((row.course, row.period) in instance.forbidden for row in rows),
        room_occupancy=sum(count - 1 for count in Counter((row.room, row.period) for row in rows).values()),
        room_capacity=sum(
            max(0, instance.courses[row.course].students - instance.rooms[row.room].capacity) for row in rows
        ),
        min_days=_min_days(instance, rows) * MIN_DAYS_WEIGHT,
        compactness=_isolated(instance, rows) * COMPACTNESS_WEIGHT,
        room_stability=sum(
            count - 1
            for count in Counter(course for course, _ in {(r.course, r.room) for r in rows}).values()
        ),
    )


def _lectures(instance: Instance, rows: list[Lecture]) -> int:
    there = Counter(row.course for row in rows)
    at_once = Counter((row.course, row.period) for row in rows)
    wrong = sum(abs(course.lectures - there[number]) for number, course in enumerate(instance.courses))
    return wrong + sum(count - 1 for count in at_once.values())


def _conflicts(instance: Instance, rows: list[Lecture]) -> int:
    clashes = instance.clashes()
    by_period: dict[int, list[int]] = {}
    for row in rows:
        by_period.setdefault(row.period, []).append(row.course)
    return sum(
        (min(a, b), max(a, b)) in clashes
        for courses in by_period.values()
        for place, a in enumerate(courses)
        for b in courses[place + 1 :]
    )


def _min_days(instance: Instance, rows: list[Lecture]) -> int:
    days = Counter(course for course, _ in {(r.course, r.period // instance.periods_per_day) for r in rows})
    return sum(max(0, course.min_days - days[number]) for number, course in enumerate(instance.courses))


def _isolated(instance: Instance, rows: list[Lecture]) -> int:
    """Lectures of a curriculum without a neighbour of the same curriculum in the same day."""
    held = Counter((row.course, row.period) for row in rows)
    found = 0
    for courses in instance.curricula:
        at = Counter[int]()
        for course, period in held:
            if course in courses:
                at[period] += held[course, period]
        for period, count in list(at.items()):
            place = period % instance.periods_per_day
            before = place > 0 and at[period - 1]
            after = place < instance.periods_per_day - 1 and at[period + 1]
            found += 0 if before or after else count
    return found
