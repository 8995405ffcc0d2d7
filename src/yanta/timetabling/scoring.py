"""What a timetable costs, counted from nothing by the rules of the 2019 competition."""

from collections import Counter
from dataclasses import dataclass
from itertools import combinations

from .judging import can_attend, hard_violations, share_a_room, soft_cost
from .problem import NO_ROOM, Course, Problem, Timetable


@dataclass(frozen=True)
class Price:
    """Violations of what must hold, then the weighted costs."""

    domains: int  # a time or a room that the lesson may not have
    closed: int  # in a room when it is closed
    room_clashes: int
    rules: int
    enrolment: int  # lessons over their limit, wrong choices of lessons
    time: int
    room: int
    distribution: int
    student: int

    @property
    def hard(self) -> int:
        return self.domains + self.closed + self.room_clashes + self.rules + self.enrolment

    @property
    def soft(self) -> int:
        return self.time + self.room + self.distribution + self.student


def price(problem: Problem, timetable: Timetable) -> Price:
    placed, weights = timetable.placed, problem.weights
    times, rooms, wrong = _choices(problem, timetable)
    hard = [rule for rule in problem.rules if rule.hard]
    soft = [rule for rule in problem.rules if not rule.hard]
    return Price(
        domains=wrong,
        closed=sum(at.room != NO_ROOM and not problem.rooms[at.room].open_at(at.time) for at in placed),
        room_clashes=_room_clashes(timetable),
        rules=sum(hard_violations(problem, rule, placed) for rule in hard),
        enrolment=_enrolment(problem, timetable),
        time=weights.time * times,
        room=weights.room * rooms,
        distribution=weights.rule * sum(soft_cost(problem, rule, placed) for rule in soft),
        student=weights.student * student_conflicts(problem, timetable),
    )


def by_source(problem: Problem, timetable: Timetable) -> dict[str, int]:
    """What the wishes cost, by what stands before the colon of each rule's source; times and rooms as such."""
    times, rooms, _ = _choices(problem, timetable)
    found: Counter[str] = Counter(time=problem.weights.time * times, room=problem.weights.room * rooms)
    for rule in problem.rules:
        if not rule.hard:
            cost = problem.weights.rule * soft_cost(problem, rule, timetable.placed)
            found[rule.source.partition(":")[0]] += cost
    return {name: cost for name, cost in found.items() if cost}


def _choices(problem: Problem, timetable: Timetable) -> tuple[int, int, int]:
    times = rooms = wrong = 0
    for lesson, at in zip(problem.lessons, timetable.placed, strict=True):
        time = [choice.cost for choice in lesson.times if choice.time == at.time]
        room = [choice.cost for choice in lesson.rooms if choice.room == at.room]
        if not lesson.rooms and at.room == NO_ROOM:
            room = [0]
        wrong += (not time) + (not room)
        times += min(time, default=0)
        rooms += min(room, default=0)
    return times, rooms, wrong


def _room_clashes(timetable: Timetable) -> int:
    held: dict[int, list[int]] = {}
    for number, at in enumerate(timetable.placed):
        if at.room != NO_ROOM:
            held.setdefault(at.room, []).append(number)
    return sum(
        share_a_room(timetable.placed[a], timetable.placed[b])
        for lessons in held.values()
        for a, b in combinations(lessons, 2)
    )


def student_conflicts(problem: Problem, timetable: Timetable) -> int:
    """Pairs of lessons of one student that overlap or lie too close for the way between them."""
    pairs = Counter(pair for lessons in timetable.attends for pair in combinations(sorted(lessons), 2))
    placed = timetable.placed
    return sum(count for (a, b), count in pairs.items() if not can_attend(problem, placed[a], placed[b]))


def _enrolment(problem: Problem, timetable: Timetable) -> int:
    if not problem.students:
        return 0
    taken = Counter(lesson for lessons in timetable.attends for lesson in lessons)
    over = sum(max(0, taken[number] - lesson.limit) for number, lesson in enumerate(problem.lessons))
    wrong = 0
    for student, lessons in zip(problem.students, timetable.attends, strict=True):
        left = set(lessons)
        for course in student.courses:
            wrong += not _well_chosen(problem, problem.courses[course], left)
            left -= {lesson for way in problem.courses[course].ways for part in way for lesson in part}
        wrong += len(left)
    return over + wrong


def _well_chosen(problem: Problem, course: Course, lessons: set[int]) -> bool:
    """One way of the course, one lesson of each of its parts, parents taken too, and nothing else of it."""
    of_course = lessons & {lesson for way in course.ways for part in way for lesson in part}
    parents = {problem.lessons[lesson].parent for lesson in of_course} - {-1}
    return parents <= lessons and any(
        len(of_course) == len(way) and all(len(of_course & set(part)) == 1 for part in way)
        for way in course.ways
    )
