"""The nearest timetable after a change, with the difference."""

from dataclasses import replace

import pytest

from yanta.timetabling.errors import ImpossibleError
from yanta.timetabling.problem import Kind, Lesson, Placed, Problem, RoomChoice, Rule, Timetable
from yanta.timetabling.progress import Budget
from yanta.timetabling.repairing import Repaired, repair
from yanta.timetabling.scoring import price
from yanta.timetabling.solving import solve
from yanta.timetabling.times import Time

from .examples import grid, plain

TEACHERS = tuple(Rule(Kind.SAME_ATTENDEES, tuple(range(first, 40, 8))) for first in range(8))
WHOLE_MONDAY = Time(1, 1, 0, 10)


@pytest.fixture(scope="module")
def school() -> tuple[Problem, Timetable]:
    """Forty lessons of eight teachers in three rooms."""
    problem = plain(40, rooms=3, rules=TEACHERS)
    solved = solve(problem, Budget(iterations=400_000), seed=1)
    assert solved.price.hard == 0
    return problem, solved.timetable


def check(problem: Problem, repaired: Repaired, before: tuple[Placed | None, ...]) -> None:
    """Everything holds, and what is not listed is where it was."""
    assert price(problem, Timetable(repaired.placed)).hard == 0
    changed = {change.lesson for change in repaired.changes}
    assert all(repaired.placed[n] == at for n, at in enumerate(before) if n not in changed)


class TestRepair:
    def test_nothing_to_do_changes_nothing(self, school: tuple[Problem, Timetable]) -> None:
        problem, timetable = school

        assert repair(problem, timetable.placed).changes == ()

    def test_a_teacher_is_ill_on_mondays(self, school: tuple[Problem, Timetable]) -> None:
        problem, timetable = school
        theirs = TEACHERS[2].lessons
        on_monday = [lesson for lesson in theirs if timetable.placed[lesson].time.days == 1]
        ill = problem.forbidding(theirs, lambda time: time.days == 1)

        repaired = repair(ill, timetable.placed)

        check(ill, repaired, timetable.placed)
        assert [change.lesson for change in repaired.changes] == on_monday

    def test_a_room_is_lost_for_a_day(self, school: tuple[Problem, Timetable]) -> None:
        problem, timetable = school
        closed = (replace(problem.rooms[0], closed=(WHOLE_MONDAY,)), *problem.rooms[1:])
        without = replace(problem, rooms=closed)
        there = [n for n, at in enumerate(timetable.placed) if at.room == 0 and at.time.days == 1]

        repaired = repair(without, timetable.placed)

        check(without, repaired, timetable.placed)
        assert {change.lesson for change in repaired.changes} == set(there)

    def test_another_room_is_less_than_another_time(self) -> None:
        problem = plain(1, rooms=2)
        before = (Placed(Time(1, 1, 0, 2), 0),)
        closed = replace(problem, rooms=(replace(problem.rooms[0], closed=(WHOLE_MONDAY,)), problem.rooms[1]))

        (change,) = repair(closed, before).changes

        assert (change.other_time, change.other_room) == (False, True)

    def test_a_new_class_leaves_the_others_alone(self, school: tuple[Problem, Timetable]) -> None:
        problem, timetable = school
        new = Lesson("new", grid(), (RoomChoice(0), RoomChoice(1), RoomChoice(2)))
        rules = (*problem.rules, Rule(Kind.SAME_ATTENDEES, (*TEACHERS[0].lessons, 40)))
        wider = replace(problem, lessons=(*problem.lessons, new), rules=rules)
        before = (*timetable.placed, None)

        repaired = repair(wider, before)

        check(wider, repaired, before)
        assert [(change.lesson, change.before) for change in repaired.changes] == [(40, None)]

    def test_others_give_way_where_they_must(self) -> None:
        # One room, two times; a new lesson can only be at the first, where another one is.
        times = grid(1, (0, 2))
        lessons = (Lesson("old", times, (RoomChoice(0),)), Lesson("new", times[:1], (RoomChoice(0),)))
        problem = replace(plain(2), lessons=lessons)

        repaired = repair(problem, (Placed(times[0].time, 0), None))

        assert [change.lesson for change in repaired.changes] == [0, 1]
        assert repaired.placed[0] == Placed(times[1].time, 0)

    def test_what_cannot_be_repaired_is_said(self) -> None:
        full = plain(3).forbidding([0, 1, 2], lambda time: time.days != 1 or time.start >= 4)

        with pytest.raises(ImpossibleError) as refused:
            repair(full, (None, None, None), seconds=20)

        assert refused.value.lessons == ["L0", "L1", "L2"]
