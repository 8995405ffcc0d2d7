"""The compiled search, the explanation and the repair, each in a process of its own.

Whoever serves or schedules imports this file and never numba or OR-Tools; their memory goes with the process.
"""

import multiprocessing
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from . import portfolio
from .constructing import construct
from .problem import Placed, Problem, Timetable
from .progress import Budget, Report, Watcher
from .scoring import by_source

if TYPE_CHECKING:
    from .explaining import Conflict
    from .repairing import Repaired
    from .solving import Search

Partial = Sequence[Placed | None]
PATIENCE = 0.35  # of the time, before what stays impossible is left out and the rest is improved
COUNTED_EVERY = 8.0  # seconds between two counts of what the wishes cost by kind


@dataclass(frozen=True)
class Found:
    """The best timetable; None for a lesson that could not be placed."""

    placed: tuple[Placed | None, ...]
    soft: int
    parts: dict[str, int]

    @property
    def cost(self) -> tuple[int, int]:
        return sum(at is None for at in self.placed), self.soft


def improved(
    problem: Problem,
    start: Partial,
    *,
    seconds: float,
    seed: int = 1,
    workers: int = 1,
    watcher: Watcher | None = None,
) -> Found:
    """The best that was found in so many seconds, at least as good as the start."""
    found: Found = portfolio.best_of(
        _Task(problem, tuple(start)), workers=workers, seconds=seconds, seed=seed, watcher=watcher, apart=True
    )
    return found


def explained(problem: Problem, suspects: Collection[int], *, seconds: float = 20.0) -> "Conflict | None":
    found: Conflict | None = _apart(_explain, problem, suspects, seconds)
    return found


def repaired(problem: Problem, current: Partial, *, seconds: float = 60.0) -> "Repaired":
    found: Repaired = _apart(_repair, problem, current, seconds)
    return found


def _apart(function: Callable[..., Any], *given: Any) -> Any:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=context) as pool:
        return pool.submit(function, *given).result()


def _explain(problem: Problem, suspects: Collection[int], seconds: float) -> Any:
    from .explaining import explain

    return explain(problem, suspects=suspects, seconds=seconds)


def _repair(problem: Problem, current: Partial, seconds: float) -> Any:
    from .repairing import repair

    return repair(problem, current, seconds=seconds)


@dataclass(frozen=True)
class _Task:
    problem: Problem
    start: tuple[Placed | None, ...]

    def __call__(self, seed: int, budget: Budget, watcher: Watcher | None) -> Found:
        from .solving import Search, begun

        placed: Partial = self.start
        if None in placed:
            first = Budget(seconds=(budget.seconds or 0) * PATIENCE)
            search = Search(self.problem, seed, begun(self.problem, placed, seed))
            search.make_feasible(first, _Teller(watcher, budget, search))
            budget.stopped = first.stopped and not search.feasible
            placed, _ = construct(self.problem, search.timetable().placed, seed=seed)
        kept = [number for number, at in enumerate(placed) if at is not None]
        part = self.problem if len(kept) == len(placed) else self.problem.narrowed(kept)
        search = Search(part, seed, Timetable(tuple(at for at in placed if at is not None)))
        search.improve(budget, _Teller(watcher, budget, search, len(placed) - len(kept)))
        return self._found(part, kept, search)

    def _found(self, part: Problem, kept: Sequence[int], search: "Search") -> Found:
        best = search.timetable()
        placed: list[Placed | None] = [None] * len(self.start)
        for number, at in zip(kept, best.placed, strict=True):
            placed[number] = at
        return Found(tuple(placed), int(search.best_cost[1]), by_source(part, best))


@dataclass
class _Teller:
    """What a part of the search says, as the whole one's progress; now and then with the costs by kind."""

    watcher: Watcher | None
    whole: Budget
    search: "Search"
    left_out: int = 0
    counted: float = -COUNTED_EVERY

    def __call__(self, report: Report) -> bool | None:
        parts = None
        if self.whole.elapsed - self.counted > COUNTED_EVERY:
            parts = by_source(self.search.problem, self.search.timetable())
            self.counted = self.whole.elapsed
        told = replace(
            report,
            hard=report.hard + self.left_out,
            seconds=self.whole.elapsed,
            share=self.whole.share,
            parts=parts,
        )
        return None if self.watcher is None else self.watcher(told)
