"""Simulated annealing with reheats over the compiled moves."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from yanta.timetabling.chance import seeded
from yanta.timetabling.errors import FormatError
from yanta.timetabling.progress import Budget, Watcher

from .annealing import anneal
from .board import Board, Table, Whole, board_of, lectures_of, place_of, table_of
from .instance import Instance, Lecture
from .scoring import Price, price

CHUNK = 1_000_000  # iterations between looks at the clock
CLASH_WEIGHT = 50
COLD = 0.07
HEAT_OF_CURRICULUM = 0.4  # the unit of heat for each curriculum that a lecture is in
LONGEST_CHAIN = 8  # rooms


@dataclass(frozen=True)
class Cycle:
    """One cooling that ends when this share of the budget is spent; a fresh one begins at the best. Heats are in units."""

    until: float
    hot: float
    cold: float = COLD
    fresh: bool = True


# Clashes are sorted out while it is hot, which is quick; most time goes to where soft costs freeze.
FROM_NOTHING = (Cycle(0.1, 15.0, 2.0), Cycle(0.6, 2.0, fresh=False), Cycle(0.8, 0.8), Cycle(1.0, 0.8))
FROM_SOLUTION = (Cycle(0.34, 0.8), Cycle(0.67, 0.8), Cycle(1.0, 0.8))


@dataclass(frozen=True)
class Solved:
    lectures: list[Lecture]
    price: Price
    iterations: int


def solve(
    instance: Instance,
    budget: Budget,
    *,
    seed: int = 0,
    start: Sequence[Lecture] | None = None,
    watcher: Watcher | None = None,
) -> Solved:
    """The best timetable found; with a start it goes on from there and never returns a worse one."""
    board = board_of(instance)
    search = _Search(board, _begin(instance, board, start, seed), seed)
    for cycle in FROM_NOTHING if start is None else FROM_SOLUTION:
        search.cool(cycle, budget, watcher)
    found = lectures_of(board, search.best)
    return Solved(found, price(instance, found), budget.done)


def _begin(instance: Instance, board: Board, start: Sequence[Lecture] | None, seed: int) -> Whole:
    if start is None:
        return _first_place(board, np.random.default_rng(seed))
    return place_of(board, _startable(instance, start))


class _Search:
    def __init__(self, board: Board, place: Whole, seed: int) -> None:
        self.board = board
        self.table: Table = table_of(board, place)
        self.best, self.best_cost = self.table.place.copy(), self.table.cost.copy()
        self.chance = seeded(seed)
        self.unit = _unit(board)
        self.found = np.zeros(4, dtype=np.int32)
        self.chain = np.zeros(min(LONGEST_CHAIN, board.rooms), dtype=np.int32)

    def cool(self, cycle: Cycle, budget: Budget, watcher: Watcher | None) -> None:
        """From hot to cold within the cycle's share of the budget."""
        begun = budget.share
        if begun > 0 and cycle.fresh:
            self.table = table_of(self.board, self.best)
        while (spent := budget.share) < cycle.until:
            along = (spent - begun) / (cycle.until - begun)
            heat = self.unit * cycle.hot * (cycle.cold / cycle.hot) ** along
            before = tuple(self.best_cost)
            self._anneal(_chunk(budget), heat)
            budget.done += _chunk(budget)
            hard, soft = (int(cost) for cost in self.best_cost)
            budget.tell(watcher, hard=hard, soft=soft, improved=(hard, soft) != before)

    def _anneal(self, iterations: int, heat: float) -> None:
        anneal(
            self.board, self.table, self.chance, self.best, self.best_cost, self.found, self.chain,
            iterations, heat, CLASH_WEIGHT,
        )  # fmt: skip


def _unit(board: Board) -> float:
    """Where a lecture is in many curricula one move changes much, and costs freeze at a higher heat."""
    shared = np.diff(board.curricula_start)[board.course_of]
    return max(1.0, HEAT_OF_CURRICULUM * float(shared.mean()))


def _chunk(budget: Budget) -> int:
    if budget.iterations is None:
        return CHUNK
    return max(1, min(CHUNK, budget.iterations // 200))


def _startable(instance: Instance, start: Sequence[Lecture]) -> Sequence[Lecture]:
    cost = price(instance, start)
    if cost.lectures or cost.availability or cost.room_occupancy:
        raise FormatError("the start lacks lectures, or has some in a forbidden period or two in one room")
    return start


def _first_place(board: Board, chance: np.random.Generator) -> Whole:
    """Each lecture in a slot of its own in a period that its course allows, by augmenting paths."""
    holder: dict[int, int] = {}
    place = np.full(len(board.course_of), -1, dtype=np.int32)
    slots = {
        int(course): [
            int(period) * board.rooms + room
            for period in _periods(board, int(course))
            for room in range(board.rooms)
        ]
        for course in set(board.course_of)
    }
    for lecture in chance.permutation(len(place)):
        options = slots[int(board.course_of[lecture])]
        chance.shuffle(options)
        _seat(int(lecture), board, slots, holder, place)
    return place


def _periods(board: Board, course: int) -> Whole:
    return board.periods_list[board.periods_start[course] : board.periods_start[course + 1]]


def _seat(
    lecture: int, board: Board, slots: dict[int, list[int]], holder: dict[int, int], place: Whole
) -> None:
    """Give the lecture a slot, moving others along the shortest path where none is free."""
    came_from: dict[int, int] = {}  # slot: the lecture that wants it
    queue = deque([lecture])
    while queue:
        wanting = queue.popleft()
        for slot in slots[int(board.course_of[wanting])]:
            if slot in came_from:
                continue
            came_from[slot] = wanting
            if slot not in holder:
                _shift(slot, came_from, holder, place)
                return
            queue.append(holder[slot])
    raise FormatError(
        f"{len({*came_from.values()})} lectures have only {len(came_from)} places in rooms and allowed periods"
    )


def _shift(slot: int, came_from: dict[int, int], holder: dict[int, int], place: Whole) -> None:
    while slot >= 0:
        lecture = came_from[slot]
        left = int(place[lecture])
        holder[slot], place[lecture] = lecture, slot
        slot = left
