"""The nearest timetable after a change: a teacher is ill, a room is lost, a class is new.

The problem is the changed one; the timetable is the old one. What can stay stays; lessons are set free in
widening circles until there is a way, and of the ways the one with the least change is taken.
"""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from .errors import ImpossibleError
from .exact import Model, Option, options_of, solver_of
from .judging import excess, pair_holds
from .problem import NO_ROOM, Placed, Problem, Rule
from .relocating import relocated
from .times import Time

# Another time upsets everybody who attends, another room only the way there.
OTHER_TIME, OTHER_ROOM, MOST_COST = 1000, 300, 99
MOST_OPTIONS, ROOMS_A_TIME = 160, 8  # of a lesson, the least change first
MOST_EXACT = 40  # lessons that have to move; with more the least change is looked for step by step
CIRCLE = 12  # lessons set free beside those that have to move, doubled each time there is no way


@dataclass(frozen=True)
class Change:
    """A lesson that moves; `before` is None for a new one."""

    lesson: int
    before: Placed | None
    after: Placed

    @property
    def other_time(self) -> bool:
        return self.before is None or self.before.time != self.after.time

    @property
    def other_room(self) -> bool:
        return self.before is None or self.before.room != self.after.room


@dataclass(frozen=True)
class Repaired:
    """The new timetable, what is different, and the lessons that were free to move."""

    placed: tuple[Placed, ...]
    changes: tuple[Change, ...]
    free: frozenset[int]


def repair(
    problem: Problem, current: Sequence[Placed | None], *, seconds: float = 60.0, workers: int = 1
) -> Repaired:
    """The timetable nearest to the current one in which everything holds; None marks a lesson that is new."""
    began = time.monotonic()
    free = _must_move(problem, current)
    if len(free) > MOST_EXACT:
        placed = relocated(problem, current, free)
        return _told(problem, current, dict(enumerate(placed)), free)
    circle = CIRCLE
    while True:
        left = seconds - (time.monotonic() - began)
        found = _nearest(problem, current, free, left, workers) if left > 0 else None
        if found is not None:
            return _told(problem, current, found, free)
        wider = free | set(_in_the_way(problem, current, free)[:circle])
        if wider == free or left <= 0:
            names = [problem.lessons[lesson].name for lesson in sorted(free)]
            raise ImpossibleError("no repair was found that leaves the rest where it is", names)
        free, circle = wider, circle * 2


def _told(
    problem: Problem, current: Sequence[Placed | None], found: Mapping[int, Placed], free: set[int]
) -> Repaired:
    placed = tuple(
        found[number] if number in found else current[number] or Placed(lesson.times[0].time)
        for number, lesson in enumerate(problem.lessons)
    )
    changes = tuple(
        Change(number, before, after)
        for number, (before, after) in enumerate(zip(current, placed, strict=True))
        if before != after
    )
    return Repaired(placed, changes, frozenset(free))


def _must_move(problem: Problem, current: Sequence[Placed | None]) -> set[int]:
    """Lessons that are new, are where they may not be, or violate something together."""
    found = {number for number, at in enumerate(current) if at is None or not _allowed(problem, number, at)}
    placed = {number: at for number, at in enumerate(current) if at is not None and number not in found}
    for rule in problem.rules:
        if rule.hard:
            found |= _violating(problem, rule, placed)
    by_room: dict[int, list[int]] = {}
    for number, at in placed.items():
        if at.room != NO_ROOM:
            by_room.setdefault(at.room, []).append(number)
    for lessons in by_room.values():
        for a, b in combinations(lessons, 2):
            if placed[a].time.overlaps(placed[b].time):
                found |= {a, b}
    return found


def _allowed(problem: Problem, number: int, at: Placed) -> bool:
    lesson = problem.lessons[number]
    if at.time not in {choice.time for choice in lesson.times}:
        return False
    if not lesson.rooms:
        return at.room == NO_ROOM
    return at.room in {choice.room for choice in lesson.rooms} and problem.rooms[at.room].open_at(at.time)


def _violating(problem: Problem, rule: Rule, placed: Mapping[int, Placed]) -> set[int]:
    if rule.kind.of_pairs:
        return {
            lesson
            for a, b in rule.pairs()
            if a in placed and b in placed and not pair_holds(problem, rule, placed[a], placed[b])
            for lesson in (a, b)
        }
    there = [lesson for lesson in rule.lessons if lesson in placed]
    return set(there) if excess(problem, rule, [placed[lesson].time for lesson in there]) else set()


def _in_the_way(problem: Problem, current: Sequence[Placed | None], free: set[int]) -> list[int]:
    """The other lessons, those first that keep the free ones from most of their places."""
    wanted_rooms = {choice.room for lesson in free for choice in problem.lessons[lesson].rooms}
    wanted_times = {choice.time for lesson in free for choice in problem.lessons[lesson].times}
    score: dict[int, int] = {}
    for number, at in enumerate(current):
        if number in free or at is None:
            continue
        if at.room in wanted_rooms and any(at.time.overlaps(wanted) for wanted in wanted_times):
            score[number] = 1
    for rule in problem.rules:
        if rule.hard and any(lesson in free for lesson in rule.lessons):
            for lesson in rule.lessons:
                if lesson not in free:
                    score[lesson] = score.get(lesson, 0) + 3
    return sorted(score, key=lambda number: (-score[number], number))


def _nearest(
    problem: Problem, current: Sequence[Placed | None], free: set[int], seconds: float, workers: int
) -> dict[int, Placed] | None:
    staying = {number: at for number, at in enumerate(current) if at is not None and number not in free}
    taken = _Taken(problem, staying)
    options = {number: taken.options(number, current[number]) for number in sorted(free)}
    if not all(options.values()):
        return None
    model = Model(problem, options, staying=staying)
    model.cp.minimize(
        sum(
            option.cost * literal
            for number, of in options.items()
            for option, literal in zip(of, model.chosen[number], strict=True)
        )
    )
    return model.solve(solver_of(seconds=seconds, workers=workers))


class _Taken:
    """What the lessons that stay leave for the others: rooms by bitmaps, rules of pairs by looking."""

    def __init__(self, problem: Problem, staying: Mapping[int, Placed]) -> None:
        self.problem, self.staying = problem, staying
        self.rooms = [0] * len(problem.rooms)
        for at in staying.values():
            if at.room != NO_ROOM:
                self.rooms[at.room] |= self._cells(at)
        self.rules: dict[int, list[tuple[Rule, int, int]]] = {}
        for rule in problem.rules:
            if rule.hard and rule.kind.of_pairs:
                for a, b in rule.pairs():
                    self.rules.setdefault(a, []).append((rule, a, b))
                    self.rules.setdefault(b, []).append((rule, a, b))

    def _cells(self, at: Placed) -> int:
        """One bit for each slot of the term that is held."""
        slots, found = ((1 << at.time.length) - 1) << at.time.start, 0
        for week in range(self.problem.weeks):
            for day in range(self.problem.days):
                if at.time.weeks >> week & 1 and at.time.days >> day & 1:
                    found |= slots << (week * self.problem.days + day) * self.problem.slots
        return found

    def options(self, number: int, before: Placed | None) -> list[Option]:
        """The places that are left to a lesson, the least change first, priced by the change."""
        found = []
        cells: dict[object, int] = {}
        for option in options_of(self.problem, self.problem.lessons[number]):
            at = option.at
            if at.time not in cells:
                cells[at.time] = self._cells(at)
            if at.room != NO_ROOM and self.rooms[at.room] & cells[at.time]:
                continue
            found.append(Option(at, _price_of(option, before)))
        found.sort(key=lambda option: option.cost)
        chosen, rooms = [], Counter[Time]()
        for option in found:
            time = option.at.time
            if rooms[time] < ROOMS_A_TIME and self._fits(number, option.at):
                chosen.append(option)
                rooms[time] += 1
            if len(chosen) == MOST_OPTIONS:
                break
        return chosen

    def _fits(self, number: int, at: Placed) -> bool:
        for rule, a, b in self.rules.get(number, ()):
            other = self.staying.get(b if a == number else a)
            if other is None:
                continue
            first, second = (at, other) if a == number else (other, at)
            if not pair_holds(self.problem, rule, first, second):
                return False
        return True


def _price_of(option: Option, before: Placed | None) -> int:
    price = min(option.cost, MOST_COST)
    if before is not None:
        price += OTHER_TIME * (option.at.time != before.time) + OTHER_ROOM * (option.at.room != before.room)
    return price
