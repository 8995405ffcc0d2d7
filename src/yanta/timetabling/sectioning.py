"""Which lessons each student attends: seats first, then as few conflicts as the timetable allows."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from .judging import can_attend
from .problem import Course, Placed, Problem

MOST_WAYS = 3000  # of taking one course; more are not looked at
Taken = tuple[int, ...]


def ways_of(problem: Problem, course: Course) -> list[Taken]:
    """Every way to take a course: one lesson of each part, with the parents that they name."""
    found: list[Taken] = []
    for parts in course.ways:
        for taken in _extended(problem, parts, ()):
            found.append(taken)
            if len(found) == MOST_WAYS:
                return found
    return found


def _extended(problem: Problem, parts: Sequence[tuple[int, ...]], taken: Taken) -> Iterator[Taken]:
    if len(taken) == len(parts):
        if all(problem.lessons[lesson].parent in (-1, *taken) for lesson in taken):
            yield taken
        return
    of_parts = {lesson for part in parts[: len(taken)] for lesson in part}
    for lesson in parts[len(taken)]:
        parent = problem.lessons[lesson].parent
        if parent not in of_parts or parent in taken:
            yield from _extended(problem, parts, (*taken, lesson))


class Sectioning:
    """Seats and choices, kept together; `taken[student][place of the course]` is the way that is taken."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.ways = [ways_of(problem, course) for course in problem.courses]
        self.left = np.array([lesson.limit for lesson in problem.lessons], dtype=np.int64)
        self.taken: list[list[Taken]] = [[() for _ in student.courses] for student in problem.students]
        self.takers: list[set[int]] = [set() for _ in problem.courses]
        self._seat_everyone()

    def attends(self) -> tuple[frozenset[int], ...]:
        return tuple(frozenset(lesson for way in ways for lesson in way) for ways in self.taken)

    def adopt(self, attends: Sequence[frozenset[int]]) -> None:
        """Take over the choices of a timetable that was read."""
        for number, (student, lessons) in enumerate(zip(self.problem.students, attends, strict=True)):
            for place, course in enumerate(student.courses):
                way = next((way for way in self.ways[course] if lessons.issuperset(way)), None)
                if way is not None:
                    self._take(number, place, way)

    def _take(self, student: int, place: int, way: Taken) -> None:
        for lesson in self.taken[student][place]:
            self.left[lesson] += 1
        for lesson in way:
            self.left[lesson] -= 1
        self.taken[student][place] = way

    def _seat_everyone(self) -> None:
        """Students who take the same courses sit together, so that few lessons share students."""
        students = self.problem.students
        for number in sorted(range(len(students)), key=lambda each: sorted(students[each].courses)):
            for place, course in enumerate(students[number].courses):
                self.takers[course].add(number)
                if not self.ways[course]:
                    continue
                self._take(number, place, self._seat(number, course))

    def _seat(self, student: int, course: int) -> Taken:
        """A way with seats, after moving somebody else if need be; else the least crowded."""
        ways = self.ways[course]
        free = next((way for way in ways if self._has_seats(way)), None)
        if free is not None:
            return free
        for way in ways:
            if all(self.left[lesson] > 0 or self._move_one_out(lesson, course, way) for lesson in way):
                return way
        return min(ways, key=lambda way: sum(max(0, 1 - int(self.left[lesson])) for lesson in way))

    def _has_seats(self, way: Taken) -> bool:
        return all(self.left[lesson] > 0 for lesson in way)

    def _move_one_out(self, lesson: int, course: int, wanted: Taken) -> bool:
        """Another student of the lesson takes another way that needs no seat of the wanted one."""
        for other in self.takers[course]:
            place = self.problem.students[other].courses.index(course)
            held = self.taken[other][place]
            if lesson not in held:
                continue
            for way in self.ways[course]:
                new = set(way) - set(held)
                if lesson not in way and not new & set(wanted) and all(self.left[each] > 0 for each in new):
                    self._take(other, place, way)
                    return True
        return False

    def overfull(self) -> int:
        return int(np.maximum(0, -self.left).sum())

    def improve(self, placed: Sequence[Placed], chance: np.random.Generator) -> int:
        """Students change ways, alone or in pairs, where it saves conflicts; returns how many are saved."""
        clash = self._clashes(placed)
        saved = 0
        for student in chance.permutation(len(self.taken)):
            for place in range(len(self.taken[student])):
                saved += self._better_way(int(student), place, clash)
        return saved

    def _clashes(self, placed: Sequence[Placed]) -> NDArray[np.int64]:
        found = np.zeros((len(placed), len(placed)), dtype=np.int64)
        attended = sorted({lesson for course in self.ways for way in course for lesson in way})
        for place, a in enumerate(attended):
            for b in attended[place + 1 :]:
                if not can_attend(self.problem, placed[a], placed[b]):
                    found[a, b] = found[b, a] = 1
        return found

    def _cost(self, student: int, place: int, way: Taken, clash: NDArray[np.int64]) -> int:
        """Conflicts of a way with itself and with what else the student attends."""
        others = [
            lesson for number, each in enumerate(self.taken[student]) if number != place for lesson in each
        ]
        rows = clash[list(way)]
        return int(rows[:, others].sum() + rows[:, list(way)].sum() // 2)

    def _better_way(self, student: int, place: int, clash: NDArray[np.int64]) -> int:
        held = self.taken[student][place]
        if not held or not (now := self._cost(student, place, held, clash)):
            return 0
        course = self.problem.students[student].courses[place]
        costs = sorted((self._cost(student, place, way, clash), way) for way in self.ways[course][:400])
        for cost, way in costs:
            if cost >= now:
                return 0
            if all(self.left[lesson] > 0 for lesson in set(way) - set(held)):
                self._take(student, place, way)
                return now - cost
            if gain := self._exchange(student, place, way, now - cost, clash):
                return gain
        return 0

    def _exchange(self, student: int, place: int, way: Taken, gain: int, clash: NDArray[np.int64]) -> int:
        """Two students of a course change ways with one another where both together gain."""
        held = self.taken[student][place]
        course = self.problem.students[student].courses[place]
        for other in sorted(self.takers[course]):
            there = self.problem.students[other].courses.index(course)
            if self.taken[other][there] != way:
                continue
            loss = self._cost(other, there, held, clash) - self._cost(other, there, way, clash)
            if loss < gain:
                self._take(student, place, way)
                self._take(other, there, held)
                return gain - loss
        return 0
