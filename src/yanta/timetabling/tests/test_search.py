"""The compiled search keeps its counts and gives timetables in which everything holds."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yanta.timetabling import annealing, arena
from yanta.timetabling.errors import ImpossibleError
from yanta.timetabling.problem import Kind, Problem, Rule, Timetable
from yanta.timetabling.progress import Budget, Report
from yanta.timetabling.scoring import price
from yanta.timetabling.solving import Search, solve

from .examples import drawn, plain


def priced(search: Search, time: arena.Whole, room: arena.Whole) -> tuple[int, int]:
    """Violations and cost by the plain rules; seats are not the kernel's business."""
    placed = arena.placed_of(search.problem, search.arena, time, room)
    cost = price(search.problem, Timetable(placed, search.attends))
    return cost.hard - cost.enrolment, cost.soft


def random_moves(search: Search, chance: np.random.Generator, count: int) -> None:
    tables, found = search.arena, np.zeros(3)
    for _ in range(count):
        lesson = int(chance.integers(len(search.problem.lessons)))
        time = int(chance.integers(tables.times_start[lesson], tables.times_start[lesson + 1]))
        first, last = tables.rooms_start[lesson], tables.rooms_start[lesson + 1]
        room = int(chance.integers(first, last)) if last > first else -1
        if tables.open[tables.times_list[time], tables.rooms_list[room] if room >= 0 else -1]:
            annealing.change_of(tables, search.crowd, search.state, lesson, time, room, found)
            annealing.move(tables, search.state, lesson, time, room, found)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 100_000))
def test_costs_kept_through_moves_are_those_counted_plainly(seed: int) -> None:
    search = Search(drawn(seed), seed)

    for _ in range(4):
        random_moves(search, np.random.default_rng(seed), 15)

        assert tuple(search.state.cost) == priced(search, search.state.time, search.state.room)

    kept = search.state.energy[0]
    annealing.recount(search.arena, search.crowd, search.state, 1.0)
    assert search.state.energy[0] == pytest.approx(kept)


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 100_000))
def test_the_best_is_what_it_says(seed: int) -> None:
    solved = solve(drawn(seed, hard=0.1), Budget(iterations=20_000), seed=seed)
    again = price(drawn(seed, hard=0.1), solved.timetable)

    assert solved.price == again
    assert again.domains == again.closed == 0


def crowded() -> Problem:
    """Twenty lessons fill one room to the last place; a teacher is wanted in the mornings of few days."""
    wishes = (
        Rule(Kind.MAX_DAYS, (0, 1, 2, 3), (1,)),
        Rule(Kind.SAME_DAYS, (4, 5), ()),
        Rule(Kind.PRECEDENCE, (6, 7, 8), ()),
        Rule(Kind.NOT_OVERLAP, (0, 9), (), cost=3),
    )
    return plain(20, rules=wishes)


class TestSolve:
    def test_finds_what_must_hold(self) -> None:
        solved = solve(crowded(), Budget(iterations=400_000), seed=1)

        assert solved.price.hard == 0
        assert solved.price.soft == 0
        placed = solved.timetable.placed
        assert not any(a.time.overlaps(b.time) for a, b in combinations(placed, 2))

    def test_the_same_seed_gives_the_same_timetable(self) -> None:
        first, second = (solve(drawn(5), Budget(iterations=20_000), seed=3).timetable for _ in range(2))

        assert first == second

    def test_goes_on_from_a_timetable(self) -> None:
        first = solve(crowded(), Budget(iterations=400_000), seed=1)
        second = solve(crowded(), Budget(iterations=100), seed=2, start=first.timetable)

        assert second.price.hard == 0

    def test_stops_when_asked(self) -> None:
        heard: list[Report] = []

        def watch(report: Report) -> bool:
            heard.append(report)
            return False

        solve(plain(21), Budget(iterations=10_000_000), watcher=watch)

        assert len(heard) == 1

    def test_a_lesson_without_any_place_is_named(self) -> None:
        nowhere = crowded().forbidding([3], lambda time: True)

        with pytest.raises(ImpossibleError) as refused:
            solve(nowhere, Budget(iterations=10))

        assert refused.value.lessons == ["L3"]


class TestDomains:
    def test_forbidden_times_are_gone_for_the_lessons_named(self) -> None:
        problem = plain(2).forbidding([1], lambda time: time.days == 1)

        assert len(problem.lessons[0].times) == 20
        assert len(problem.lessons[1].times) == 16

    def test_a_fixed_lesson_stays(self) -> None:
        first = solve(plain(3), Budget(iterations=1000), seed=1).timetable
        fixed = plain(3).fixing({1: first.placed[1]})

        assert solve(fixed, Budget(iterations=1000), seed=9).timetable.placed[1] == first.placed[1]
