"""The search for a timetable: first one in which everything holds, then a better and better one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from . import annealing
from .arena import Arena, Real, State, Whole, arena_of, crowd_of, placed_of, places_of, state_of
from .chance import seeded
from .errors import ImpossibleError
from .problem import Placed, Problem, Timetable
from .progress import Budget, Watcher
from .scoring import Price, price
from .sectioning import Sectioning

CHUNK = 20_000  # iterations between looks at the clock
SEARCHES = 60  # chunks of one cooling while something that must hold does not
HEAVIER = 1.3  # what is still violated after a cooling weighs so much more in the next
ROUNDS = (0.5, 0.7, 0.85, 1.0)  # of the budget, where a cooling for quality ends
# A good start is shaken the more, the more steps a lesson can expect.
SHAKEN, COOL = ((20_000, 0.2), (3_000, 0.1)), 0.04
COLDEST = 0.004  # of the first heat


@dataclass(frozen=True)
class Solved:
    timetable: Timetable
    price: Price
    iterations: int


def solve(
    problem: Problem,
    budget: Budget,
    *,
    seed: int = 0,
    start: Timetable | None = None,
    watcher: Watcher | None = None,
) -> Solved:
    """The best timetable found; with a start it goes on from there."""
    search = Search(problem, seed, start)
    search.make_feasible(budget, watcher)
    search.improve(budget, watcher)
    timetable = search.timetable()
    return Solved(timetable, price(problem, timetable), budget.done)


class Search:
    """The state of a search and the best that it has seen."""

    def __init__(self, problem: Problem, seed: int, start: Timetable | None = None) -> None:
        self.problem = problem
        self.arena: Arena = arena_of(problem)
        self.random = np.random.default_rng(seed)
        self.chance = seeded(seed)
        self.cool = start is not None  # a good start would be lost in the heat
        self.sections = Sectioning(problem)
        if start is None:
            time, room = first_places(problem, self.arena, self.random)
        else:
            time, room = places_of(problem, self.arena, start)
            self.sections.adopt(start.attends)
        self.attends = self.sections.attends()
        self.crowd = crowd_of(problem, self.attends)
        self.best: Whole = np.stack([time, room])
        self.state: State = state_of(self.arena, time, room)
        self.best_cost = np.zeros(2, dtype=np.int64)
        self._return_to_best()
        choices = np.diff(self.arena.times_start) * np.maximum(1, np.diff(self.arena.rooms_start))
        self.movable = np.flatnonzero(choices > 1).astype(np.int64)

    @property
    def feasible(self) -> bool:
        return bool(self.best_cost[0] == 0)

    def timetable(self) -> Timetable:
        return Timetable(placed_of(self.problem, self.arena, *self.best), self.attends)

    def make_feasible(self, budget: Budget, watcher: Watcher | None) -> None:
        """Coolings in which stubborn violations weigh more and more, until nothing is violated."""
        softness = 0.05 / self._usual_change()
        while not self.feasible and not budget.over:
            for number in range(SEARCHES):
                heat = 1.0 * 0.03 ** (number / (SEARCHES - 1))
                self._run(budget, watcher, heat, 1.0, softness)
                if self.feasible or budget.over:
                    return
            annealing.recount(self.arena, self.crowd, self.state, HEAVIER)

    def improve(self, budget: Budget, watcher: Watcher | None) -> None:
        """Coolings from the best, each followed by students' choosing anew."""
        self._resection(watcher, budget)
        unit = self._usual_change()
        first, further = self._heats(budget, watcher)
        for number, until in enumerate(_rounds(budget.share)):
            self._return_to_best()
            hot = unit * (further if number else first)
            begun = budget.share
            while (spent := budget.share) < until:
                heat = hot * COLDEST ** ((spent - begun) / (until - begun))
                self._run(budget, watcher, heat, 3 * unit, 1.0)
            self._resection(watcher, budget)

    def _heats(self, budget: Budget, watcher: Watcher | None) -> tuple[float, float]:
        """How hot the coolings begin, in usual changes: what a heat shakes up must still find its place again."""
        if not self.cool:
            return 1.0, 0.2
        before, done = budget.share, budget.done
        self._run(budget, watcher, 0.01, 3.0 * self._usual_change(), 1.0)
        spent = max(budget.share - before, 1e-9)
        expected = (budget.done - done) / spent * (1 - budget.share) / max(1, len(self.movable))
        found = next((heat for least, heat in SHAKEN if expected >= least), COOL)
        return found, found

    def _run(
        self, budget: Budget, watcher: Watcher | None, heat: float, hardness: float, softness: float
    ) -> None:
        before = tuple(self.best_cost)
        iterations = CHUNK if budget.iterations is None else min(CHUNK, max(1, budget.iterations // 100))
        if len(self.movable):
            annealing.anneal(
                self.arena, self.crowd, self.state, self.chance, self.movable, self.best, self.best_cost,
                iterations, heat, hardness, softness,
            )  # fmt: skip
        budget.done += iterations
        hard, soft = (int(cost) for cost in self.best_cost)
        budget.tell(watcher, hard=hard, soft=soft, improved=(hard, soft) != before)

    def _return_to_best(self) -> None:
        self.state = state_of(self.arena, self.best[0], self.best[1], self.state.hard_weight)
        annealing.recount(self.arena, self.crowd, self.state, 1.0)
        self.best_cost[:] = self.state.cost

    def _resection(self, watcher: Watcher | None, budget: Budget) -> None:
        """Students choose anew, for the best timetable."""
        if not self.problem.students:
            return
        placed = placed_of(self.problem, self.arena, *self.best)
        if self.sections.improve(placed, self.random):
            self.attends = self.sections.attends()
            self.crowd = crowd_of(self.problem, self.attends)
            self._return_to_best()
            budget.tell(watcher, hard=int(self.best_cost[0]), soft=int(self.best_cost[1]), improved=True)

    def _usual_change(self) -> float:
        """The middle of what a random move changes in soft cost."""
        found: Real = np.zeros(3)
        changes = []
        for _ in range(400 if len(self.movable) else 0):
            lesson = int(self.random.choice(self.movable))
            time, room = _random_place(self.arena, lesson, self.random)
            annealing.change_of(self.arena, self.crowd, self.state, lesson, time, room, found)
            changes.append(abs(found[2]))
        return float(np.median([change for change in changes if change] or [1.0]))


def _rounds(share: float) -> Iterator[float]:
    """The ends of the coolings that are still to come, each long enough to be worth it."""
    return (until for until in ROUNDS if until > share + 0.05 or until == 1.0)


def _random_place(arena: Arena, lesson: int, random: np.random.Generator) -> tuple[int, int]:
    time = int(random.integers(arena.times_start[lesson], arena.times_start[lesson + 1]))
    first, last = arena.rooms_start[lesson], arena.rooms_start[lesson + 1]
    return time, int(random.integers(first, last)) if last > first else -1


def begun(problem: Problem, placed: Sequence[Placed | None], seed: int) -> Timetable:
    """A start of which a part is known; the rest is drawn."""
    arena = arena_of(problem)
    drawn = placed_of(problem, arena, *first_places(problem, arena, np.random.default_rng(seed)))
    return Timetable(tuple(at or other for at, other in zip(placed, drawn, strict=True)))


def first_places(problem: Problem, arena: Arena, random: np.random.Generator) -> tuple[Whole, Whole]:
    """For each lesson a time and a room of its own that is open then, drawn."""
    without: list[str] = []
    places = []
    for number, lesson in enumerate(problem.lessons):
        found = _open_place(arena, number, random)
        if found is None:
            without.append(lesson.name)
        else:
            places.append(found)
    if without:
        raise ImpossibleError(f"no time, or no room that is open: {', '.join(without[:10])}", without)
    time, room = np.array(places, dtype=np.int64).reshape(-1, 2).T
    return time.copy(), room.copy()


def _open_place(arena: Arena, lesson: int, random: np.random.Generator) -> tuple[int, int] | None:
    times = np.arange(arena.times_start[lesson], arena.times_start[lesson + 1])
    rooms: Sequence[int] = range(int(arena.rooms_start[lesson]), int(arena.rooms_start[lesson + 1]))
    for time in random.permutation(times):
        if not len(rooms):
            return int(time), -1
        for room in random.permutation(rooms):
            if arena.open[arena.times_list[time], arena.rooms_list[room]]:
                return int(time), int(room)
    return None
