"""A part of a problem as a CP-SAT model: the lessons that may move, beside others that stay where they are.

A literal stands for a lesson at a time in a room. The demands that can be blamed for a contradiction (a lesson
must take place, a rule, a room holds one at a time) can each be given a literal that switches them on.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ortools.sat.python import cp_model

from .judging import excess, pair_holds
from .problem import NO_ROOM, Kind, Lesson, Placed, Problem, Rule

OF_ROOMS = (Kind.SAME_ROOM, Kind.DIFFERENT_ROOM, Kind.SAME_ATTENDEES)
# No linear form: a solution that oversteps them is forbidden and the next one asked for.
LATER = (Kind.MAX_BREAKS, Kind.MAX_BLOCK)
MOST_ROUNDS = 200
Literal = Any


class Blame(StrEnum):
    """What a demand is about; its number is that of the lesson, the rule or the room."""

    LESSON = "lesson"
    RULE = "rule"
    ROOM = "room"


@dataclass(frozen=True)
class Demand:
    blame: Blame
    number: int


@dataclass(frozen=True)
class Option:
    at: Placed
    cost: int


def options_of(problem: Problem, lesson: Lesson) -> Iterator[Option]:
    """Every time with every room that is open then, with its weighted cost."""
    weights = problem.weights
    for time in lesson.times:
        if not lesson.rooms:
            yield Option(Placed(time.time), weights.time * time.cost)
        for room in lesson.rooms:
            if problem.rooms[room.room].open_at(time.time):
                yield Option(
                    Placed(time.time, room.room), weights.time * time.cost + weights.room * room.cost
                )


class Model:
    """Lessons with options, under all hard rules among themselves and with those that stay."""

    def __init__(
        self,
        problem: Problem,
        options: Mapping[int, Sequence[Option]],
        *,
        staying: Mapping[int, Placed] | None = None,
        guarded: bool = False,
    ) -> None:
        self.problem, self.options, self.guarded = problem, options, guarded
        self.cp: Any = cp_model.CpModel()
        self.guards: dict[Demand, Literal] = {}
        self.contradictory = False  # whether the last attempt proved that there is nothing
        self.known: dict[int, Placed] = dict(staying or {})
        self.chosen: dict[int, list[Literal]] = {
            lesson: [self.cp.new_bool_var(f"{lesson}.{number}") for number in range(len(of))]
            for lesson, of in options.items()
        }
        for lesson, literals in self.chosen.items():
            self._exactly_one(lesson, literals)
        self._rooms()
        for number, rule in enumerate(problem.rules):
            if rule.hard:
                self._rule(number, rule)

    def _guard(self, blame: Blame, number: int) -> list[Literal]:
        """The literals that switch a demand on: none where nothing is to be blamed."""
        if not self.guarded:
            return []
        demand = Demand(blame, number)
        if demand not in self.guards:
            self.guards[demand] = self.cp.new_bool_var(f"{blame}{number}")
        return [self.guards[demand]]

    def _exactly_one(self, lesson: int, literals: list[Literal]) -> None:
        self.cp.add_at_most_one(literals)
        self.cp.add(sum(literals) >= 1).only_enforce_if(self._guard(Blame.LESSON, lesson))

    def _at_most_one(self, literals: Sequence[Literal], guard: list[Literal]) -> None:
        self.cp.add(sum(literals) <= 1).only_enforce_if(guard)

    def _rooms(self) -> None:
        """At each start of a lesson its room holds one; two that overlap meet at the later one's start."""
        by_room: dict[int, list[tuple[int, Placed, Literal]]] = {}
        for lesson, of in self.options.items():
            for option, literal in zip(of, self.chosen[lesson], strict=True):
                if option.at.room != NO_ROOM:
                    by_room.setdefault(option.at.room, []).append((lesson, option.at, literal))
        for room, held in by_room.items():
            for group in _meeting(self.problem, held):
                self._at_most_one(group, self._guard(Blame.ROOM, room))

    def _rule(self, number: int, rule: Rule) -> None:
        if not any(lesson in self.options for lesson in rule.lessons):
            return
        if rule.kind.of_pairs:
            for a, b in rule.pairs():
                self._pair(number, rule, a, b)
            return
        guard = self._guard(Blame.RULE, number)
        if rule.kind not in LATER:
            GROUPS[rule.kind](self, rule, guard)

    def _pair(self, number: int, rule: Rule, a: int, b: int) -> None:
        if a not in self.options and b not in self.options:
            return
        guard = self._guard(Blame.RULE, number)
        for literal, bad in self._contradictions(rule, a, b):
            self._at_most_one([literal, *bad], guard)

    def _contradictions(self, rule: Rule, a: int, b: int) -> Iterator[tuple[Any, list[Literal]]]:
        """For each choice of the first lesson, the choices of the second that the rule forbids with it."""
        key = _whole if rule.kind in OF_ROOMS else _time
        first, second = self._choices(a, key), self._choices(b, key)
        for at, literals in first:
            bad = [
                each
                for there, others in second
                if not pair_holds(self.problem, rule, at, there)
                for each in others
            ]
            if bad:
                yield sum(literals), bad

    def _choices(self, lesson: int, key: Callable[[Placed], Any]) -> list[tuple[Placed, list[Literal]]]:
        """The places of a lesson that the rule can tell apart; one certain one for a lesson that stays."""
        if lesson in self.options:
            found: dict[Any, tuple[Placed, list[Literal]]] = {}
            for option, literal in zip(self.options[lesson], self.chosen[lesson], strict=True):
                found.setdefault(key(option.at), (option.at, []))[1].append(literal)
            return list(found.values())
        return [(self.known[lesson], [1])] if lesson in self.known else []

    def of_group(self, rule: Rule) -> Iterator[tuple[Placed, Literal]]:
        """All places that lessons of a group may have, with what says whether they do."""
        for lesson in rule.lessons:
            for at, literals in self._choices(lesson, _time):
                yield at, sum(literals)

    def solve(self, solver: Any) -> dict[int, Placed] | None:
        """The places of the lessons that may move, or None where there are none (or no time to find them)."""
        for _ in range(MOST_ROUNDS):
            status = solver.solve(self.cp)
            self.contradictory = status == cp_model.INFEASIBLE
            if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
                return None
            found = {
                lesson: of[[solver.boolean_value(each) for each in self.chosen[lesson]].index(True)].at
                for lesson, of in self.options.items()
                if any(solver.boolean_value(each) for each in self.chosen[lesson])
            }
            if not self._forbid_overstepped(found, solver):
                return found
        return None

    def _forbid_overstepped(self, found: dict[int, Placed], solver: Any) -> bool:
        """Forbid what the rules without a linear form do not allow; False where there is nothing of it."""
        overstepped = False
        for number, rule in enumerate(self.problem.rules):
            guard = self._guard(Blame.RULE, number) if rule.hard and rule.kind in LATER else None
            if guard is None or not all(solver.boolean_value(each) for each in guard):
                continue
            there = [lesson for lesson in rule.lessons if lesson in found or lesson in self.known]
            places = {lesson: found.get(lesson) or self.known[lesson] for lesson in there}
            if not excess(self.problem, rule, [at.time for at in places.values()]):
                continue
            overstepped = True
            together = [
                sum(literals)
                for lesson in there
                for at, literals in self._choices(lesson, _time)
                if lesson in found and at.time == places[lesson].time
            ]
            self.cp.add(sum(together) <= len(together) - 1).only_enforce_if(guard)
        return overstepped


def _whole(at: Placed) -> Placed:
    return at


def _time(at: Placed) -> Any:
    return at.time


def _meeting(problem: Problem, held: list[tuple[int, Placed, Literal]]) -> Iterable[list[Literal]]:
    """Sets of literals of one room of which at most one may be true."""
    starts = {at.time.start for _, at, _ in held}
    seen: set[tuple[int, ...]] = set()
    for week in range(problem.weeks):
        for day in range(problem.days):
            there = [row for row in held if row[1].time.weeks >> week & 1 and row[1].time.days >> day & 1]
            for start in starts:
                now = [row for row in there if row[1].time.start <= start < row[1].time.end]
                key = tuple(row[2].index for row in now)
                if len({row[0] for row in now}) > 1 and key not in seen:
                    seen.add(key)
                    yield [row[2] for row in now]


def _max_days(model: Model, rule: Rule, guard: list[Literal]) -> None:
    used = [model.cp.new_bool_var("day") for _ in range(model.problem.days)]
    for at, literal in model.of_group(rule):
        for day, literal_of_day in enumerate(used):
            if at.time.days >> day & 1:
                model.cp.add(literal_of_day >= literal)
    model.cp.add(sum(used) <= rule.values[0]).only_enforce_if(guard)


def _max_day_load(model: Model, rule: Rule, guard: list[Literal]) -> None:
    for there in _by_day(model, rule):
        model.cp.add(
            sum(at.time.length * literal for at, literal in there) <= rule.values[0]
        ).only_enforce_if(guard)


def _lunch(model: Model, rule: Rule, guard: list[Literal]) -> None:
    """In each day one of the possible breaks is chosen and kept free."""
    first, last, wanted = rule.values
    for there in _by_day(model, rule):
        breaks = [model.cp.new_bool_var("break") for _ in range(first, last - wanted + 1)]
        model.cp.add(sum(breaks) >= 1).only_enforce_if(guard)
        for start, chosen in enumerate(breaks, first):
            for at, literal in there:
                if at.time.start < start + wanted and start < at.time.end:
                    model.cp.add(chosen + literal <= 1)


def _by_day(model: Model, rule: Rule) -> Iterator[list[tuple[Placed, Literal]]]:
    """The places of each day that differs from those of other weeks."""
    everything = list(model.of_group(rule))
    seen: set[tuple[int, ...]] = set()
    for week in range(model.problem.weeks):
        for day in range(model.problem.days):
            there = [
                number
                for number, (at, _) in enumerate(everything)
                if at.time.weeks >> week & 1 and at.time.days >> day & 1
            ]
            if there and tuple(there) not in seen:
                seen.add(tuple(there))
                yield [everything[number] for number in there]


GROUPS: dict[Kind, Callable[[Model, Rule, list[Literal]], None]] = {
    Kind.MAX_DAYS: _max_days,
    Kind.MAX_DAY_LOAD: _max_day_load,
    Kind.LUNCH: _lunch,
}


def solver_of(*, seconds: float, seed: int = 1, workers: int = 1) -> Any:
    solver: Any = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.random_seed = seed
    solver.parameters.num_workers = workers
    return solver
