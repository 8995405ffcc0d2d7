"""Why there is no timetable: a small set of demands that contradict one another, and what would help.

Facts, not sentences: whoever asks knows what a lesson is called, whose rule it is and how to say it.
"""

import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from .exact import Blame, Demand, Model, options_of, solver_of
from .judging import excess, pair_holds
from .problem import NO_ROOM, Kind, Placed, Problem, Rule
from .times import Time

MOST_OPTIONS = 30_000  # times by rooms, of all lessons that are looked at together
MOST_LESSONS = 200  # looked at together; a contradiction that needs more is not small


@dataclass(frozen=True)
class Relaxation:
    """A demand that could be given up. `enough`: with the others of the conflict there is a timetable then."""

    demand: Demand
    enough: bool


@dataclass(frozen=True)
class Conflict:
    """Lessons, rules and rooms (by number) of which each is needed for the contradiction.

    `times` are all the times that the lessons may have: "one morning". A lesson alone, without a rule or a
    room, has no time or no room at all.
    """

    lessons: tuple[int, ...]
    rules: tuple[int, ...]
    rooms: tuple[int, ...]
    times: tuple[Time, ...]
    relaxations: tuple[Relaxation, ...]


def explain(
    problem: Problem,
    *,
    tried: Sequence[Placed] | None = None,
    suspects: Collection[int] | None = None,
    seconds: float = 30.0,
) -> Conflict | None:
    """A smallest conflict that was found, or None where there is a timetable or it was not decided in time.

    `tried` is the best that the search found: its violations say where to look first; `suspects` says so itself.
    """
    for number, lesson in enumerate(problem.lessons):
        if next(options_of(problem, lesson), None) is None:
            return _of_one(problem, number)
    if suspects is None:
        suspects = _suspects(problem, tried) if tried is not None else range(len(problem.lessons))
    if _options(problem, range(len(problem.lessons))) > MOST_OPTIONS:
        # Rooms multiply what there is to look at; most contradictions are about people and times.
        found = _searched(_without_rooms(problem), set(suspects), seconds)
        if found is not None or _options(problem, suspects) > MOST_OPTIONS:
            return found
    return _searched(problem, set(suspects), seconds)


def _searched(problem: Problem, looked_at: set[int], seconds: float) -> Conflict | None:
    """In widening circles around those who are looked at first."""
    until = time.monotonic() + seconds
    while True:
        core = _core(problem, looked_at, seconds)
        if core is not None:
            return _conflict(problem, _smallest(problem, core, seconds), seconds)
        wider = _neighbours(problem, looked_at)
        late = time.monotonic() > until or _options(problem, wider) > MOST_OPTIONS
        if wider == looked_at or len(looked_at) >= MOST_LESSONS or late:
            return None
        looked_at = wider


def _options(problem: Problem, lessons: Iterable[int]) -> int:
    chosen = (problem.lessons[number] for number in lessons)
    return sum(len(lesson.times) * max(1, len(lesson.rooms)) for lesson in chosen)


def _without_rooms(problem: Problem) -> Problem:
    return replace(
        problem,
        lessons=tuple(replace(lesson, rooms=()) for lesson in problem.lessons),
        rules=tuple(
            replace(rule, cost=0) if rule.kind == Kind.DIFFERENT_ROOM else rule for rule in problem.rules
        ),
    )


def _of_one(problem: Problem, lesson: int) -> Conflict:
    demand = Demand(Blame.LESSON, lesson)
    times = tuple(choice.time for choice in problem.lessons[lesson].times)
    return Conflict((lesson,), (), (), times, (Relaxation(demand, True),))


def _model(problem: Problem, lessons: Iterable[int]) -> Model:
    options = {lesson: list(options_of(problem, problem.lessons[lesson])) for lesson in sorted(lessons)}
    return Model(problem, options, guarded=True)


def _core(problem: Problem, lessons: set[int], seconds: float) -> list[Demand] | None:
    """Demands of these lessons that contradict one another, as the solver happens to find them."""
    model = _model(problem, lessons)
    return _contradicting(model, list(model.guards), seconds)


def _contradicting(model: Model, demands: Sequence[Demand], seconds: float) -> list[Demand] | None:
    """The demands that the solver needed to prove that not all can be; None where they can, or time is up."""
    literals: dict[int, Demand] = {model.guards[demand].index: demand for demand in demands}
    model.cp.clear_assumptions()
    model.cp.add_assumptions([model.guards[demand] for demand in demands])
    solver: Any = solver_of(seconds=seconds)
    if model.solve(solver) is not None or not model.contradictory:
        return None
    return [literals[index] for index in solver.sufficient_assumptions_for_infeasibility()]


def _smallest(problem: Problem, core: list[Demand], seconds: float) -> list[Demand]:
    """Leave out one demand after the other as long as the rest still contradicts itself."""
    model = _model(problem, _lessons_of(problem, core))
    kept = list(core)
    # Rules and rooms first: a conflict of few rules is easier to understand than one of few lessons.
    for demand in sorted(core, key=lambda each: (each.blame == Blame.LESSON, each.blame, each.number)):
        if demand not in kept:
            continue
        without = [each for each in kept if each != demand and each in model.guards]
        found = _contradicting(model, without, seconds)
        if found is not None:
            kept = found
    return kept


def _lessons_of(problem: Problem, core: Iterable[Demand]) -> set[int]:
    """A lesson that need not take place cannot stand in the way of others."""
    return {demand.number for demand in core if demand.blame == Blame.LESSON}


def _conflict(problem: Problem, core: list[Demand], seconds: float) -> Conflict:
    numbers = {blame: tuple(sorted(d.number for d in core if d.blame == blame)) for blame in Blame}
    times = dict.fromkeys(
        choice.time for lesson in numbers[Blame.LESSON] for choice in problem.lessons[lesson].times
    )
    return Conflict(
        lessons=numbers[Blame.LESSON],
        rules=numbers[Blame.RULE],
        rooms=numbers[Blame.ROOM],
        times=tuple(sorted(times)),
        relaxations=_relaxations(problem, core, seconds),
    )


def _relaxations(problem: Problem, core: list[Demand], seconds: float) -> tuple[Relaxation, ...]:
    """Each demand of the conflict, those first that suffice for all that the lessons are otherwise bound by."""
    model = _model(problem, _neighbours(problem, _lessons_of(problem, core)))
    found = []
    for demand in core:
        model.cp.clear_assumptions()
        model.cp.add_assumptions([guard for each, guard in model.guards.items() if each != demand])
        found.append(Relaxation(demand, model.solve(solver_of(seconds=seconds)) is not None))
    return tuple(sorted(found, key=lambda each: (not each.enough, each.demand.blame, each.demand.number)))


def _neighbours(problem: Problem, lessons: set[int]) -> set[int]:
    """The lessons with those that share a hard rule with one of them, the closest bound first."""
    ties: dict[int, int] = {}
    for rule in problem.rules:
        inside = sum(lesson in lessons for lesson in rule.lessons) if rule.hard else 0
        for lesson in rule.lessons if inside else ():
            ties[lesson] = ties.get(lesson, 0) + inside
    outside = sorted((lesson for lesson in ties if lesson not in lessons), key=lambda each: -ties[each])
    return lessons | set(outside[: max(0, MOST_LESSONS - len(lessons))])


def _suspects(problem: Problem, placed: Sequence[Placed]) -> set[int]:
    """The lessons that violate something in a timetable, with all that wanted the same room."""
    found: set[int] = set()
    for rule in problem.rules:
        if rule.hard:
            found |= _violating(problem, rule, placed)
    for a, b in combinations(range(len(placed)), 2):
        if placed[a].room == placed[b].room != NO_ROOM and placed[a].time.overlaps(placed[b].time):
            found |= {a, b}
    return found or set(range(min(len(placed), MOST_LESSONS)))


def _violating(problem: Problem, rule: Rule, placed: Sequence[Placed]) -> set[int]:
    if rule.kind.of_pairs:
        return {
            lesson
            for a, b in rule.pairs()
            if not pair_holds(problem, rule, placed[a], placed[b])
            for lesson in (a, b)
        }
    return set(rule.lessons) if excess(problem, rule, [placed[each].time for each in rule.lessons]) else set()
