"""The compiled search keeps its counts, holds what must hold and can be repeated."""

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yanta.timetabling.chance import seeded
from yanta.timetabling.errors import FormatError
from yanta.timetabling.itc2007 import annealing, board, solving
from yanta.timetabling.itc2007.instance import Instance, parse, read
from yanta.timetabling.itc2007.scoring import price
from yanta.timetabling.progress import Budget, Report

from .examples import TOY, drawn

COMP01 = Path(__file__).with_name("comp01.ctt")


def start_of(instance: Instance, seed: int) -> board.Table:
    arrays = board.board_of(instance)
    return board.table_of(arrays, solving._first_place(arrays, np.random.default_rng(seed)))


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_counts_after_any_moves_are_those_of_a_fresh_count(seed: int) -> None:
    instance = drawn(seed)
    arrays, table = board.board_of(instance), start_of(instance, seed)
    words, found = seeded(seed), np.zeros(4, dtype=np.int32)
    for _ in range(40):
        annealing.next_move(arrays, table, words, found, 1000, 40.0, 5)
        if found[0] >= 0:
            annealing.move(arrays, table, found[0], found[1])
            table.cost[:] += found[2:]

    fresh = board.table_of(arrays, table.place)
    for kept, counted in zip(table, fresh, strict=True):
        assert (kept == counted).all()


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_a_chain_makes_no_clash_and_leaves_rooms_and_counts_alone(seed: int) -> None:
    instance = drawn(seed)
    arrays, table = board.board_of(instance), start_of(instance, seed)
    words, chain = seeded(seed), np.zeros(len(instance.rooms), dtype=np.int32)
    for heat in (1e6, 1e-6) * 20:
        clashes, places, rooms = table.cost[0], table.place.copy(), table.in_room.copy()
        done = annealing.exchange(arrays, table, words, chain, heat, 50)

        assert table.cost[0] <= clashes
        assert (table.in_room == rooms).all()
        assert done or (table.place == places).all()

    fresh = board.table_of(arrays, table.place)
    for kept, counted in zip(table, fresh, strict=True):
        assert (kept == counted).all()


def test_lectures_that_clash_change_periods_together() -> None:
    """Physics cannot leave its period for that of Algebra (one teacher) unless Algebra comes in exchange."""
    instance = parse(TOY)
    arrays = board.board_of(instance)
    table = board.table_of(arrays, np.array([0, 4, 8, 3, 7, 2], dtype=np.int32))
    words, chain = seeded(1), np.zeros(2, dtype=np.int32)

    done = [annealing.exchange(arrays, table, words, chain, 1e6, 50) for _ in range(200)]

    assert any(done)
    assert table.cost[0] == 0


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_the_soft_cost_is_that_of_the_competition(seed: int) -> None:
    instance = drawn(seed)
    arrays = board.board_of(instance)
    budget = Budget(iterations=20_000)

    solved = solving.solve(instance, budget, seed=seed)
    table = board.table_of(arrays, board.place_of(arrays, solved.lectures))

    assert bool(table.cost[0]) == bool(solved.price.hard)  # three at once are counted otherwise
    if not solved.price.hard:
        assert table.cost[1] == solved.price.soft


class TestComp01:
    instance = read(COMP01)

    def test_is_solved_with_everything_that_must_hold(self) -> None:
        solved = solving.solve(self.instance, Budget(iterations=1_000_000), seed=1)

        assert solved.price.hard == 0
        assert solved.price.soft < 40

    def test_the_same_seed_gives_the_same_timetable(self) -> None:
        first, second = (
            solving.solve(self.instance, Budget(iterations=100_000), seed=7).lectures for _ in range(2)
        )

        assert first == second

    def test_goes_on_from_a_solution_and_never_returns_a_worse_one(self) -> None:
        first = solving.solve(self.instance, Budget(iterations=300_000), seed=1)
        second = solving.solve(self.instance, Budget(iterations=100_000), seed=2, start=first.lectures)

        assert (second.price.hard, second.price.soft) <= (first.price.hard, first.price.soft)

    def test_reports_what_it_has_and_stops_when_asked(self) -> None:
        heard: list[Report] = []

        def watch(report: Report) -> bool:
            heard.append(report)
            return len(heard) < 3

        budget = Budget(iterations=10_000_000)
        solved = solving.solve(self.instance, budget, watcher=watch)

        assert len(heard) == 3
        assert budget.done < 1_000_000
        assert heard[-1].hard == solved.price.hard


def test_the_search_is_hotter_where_courses_are_in_many_curricula() -> None:
    few = parse(TOY)
    many = replace(few, curricula=few.curricula * 8)

    assert solving._unit(board.board_of(few)) == 1
    assert solving._unit(board.board_of(many)) > 2


@pytest.mark.parametrize("seed", range(3))
def test_an_instance_nobody_has_seen_is_solved(seed: int) -> None:
    """Comp01 with its courses in another order, smaller rooms and less time."""
    seen, chance = TestComp01.instance, random.Random(seed)
    order = chance.sample(range(len(seen.courses)), len(seen.courses))
    number = {old: new for new, old in enumerate(order)}
    taken = {(chance.randrange(len(order)), chance.randrange(seen.periods)) for _ in range(20)}
    changed = replace(
        seen,
        courses=tuple(seen.courses[old] for old in order),
        rooms=tuple(replace(room, capacity=room.capacity - chance.randrange(20)) for room in seen.rooms),
        curricula=tuple(tuple(number[course] for course in group) for group in seen.curricula),
        forbidden=frozenset((number[course], period) for course, period in seen.forbidden) | taken,
    )

    assert solving.solve(changed, Budget(iterations=1_000_000), seed=seed).price.hard == 0


def test_more_lectures_than_places_is_said() -> None:
    crowded = parse(TOY.replace("Algebra Gauss 3 2 30", "Algebra Gauss 13 2 30"))

    with pytest.raises(FormatError, match="have only"):
        solving.solve(crowded, Budget(iterations=10))


def test_the_first_place_moves_others_out_of_the_way() -> None:
    instance = drawn(3)
    table = start_of(instance, 3)

    assert price(instance, board.lectures_of(board.board_of(instance), table.place)).availability == 0
    assert sorted(table.at[table.at >= 0]) == list(range(len(table.place)))
