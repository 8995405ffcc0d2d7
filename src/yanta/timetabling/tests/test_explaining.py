"""Why there is no timetable, in facts a caller can put into words."""

from dataclasses import replace

import pytest

from yanta.timetabling.exact import Blame, Demand
from yanta.timetabling.explaining import Conflict, explain
from yanta.timetabling.problem import Kind, Problem, Rule
from yanta.timetabling.progress import Budget
from yanta.timetabling.solving import solve

from .examples import plain

TEACHER = Rule(Kind.SAME_ATTENDEES, (0, 1, 2), source="teacher")


def one_morning(*rules: Rule, lessons: int = 3, rooms: int = 5) -> Problem:
    """Lessons 0 to 2 on Monday morning only, where two fit one after the other; the others at any time."""
    problem = plain(lessons, rooms=rooms, rules=rules)
    return problem.forbidding([0, 1, 2], lambda time: time.days != 1 or time.start >= 4)


def explained(problem: Problem) -> Conflict:
    found = explain(problem)
    assert found is not None
    return found


class TestExplain:
    def test_three_courses_one_teacher_one_morning(self) -> None:
        others = tuple(Rule(Kind.SAME_ATTENDEES, (number, 3, 4)) for number in range(3))
        conflict = explained(one_morning(*others, TEACHER, lessons=12))

        assert conflict.lessons == (0, 1, 2)
        assert conflict.rules == (3,)
        assert conflict.rooms == ()
        assert [(time.days, time.start) for time in conflict.times] == [(1, 0), (1, 2)]

    def test_says_what_would_help(self) -> None:
        conflict = explained(one_morning(TEACHER))

        assert {each.demand for each in conflict.relaxations} == {
            Demand(Blame.RULE, 0), *(Demand(Blame.LESSON, number) for number in range(3)),
        }  # fmt: skip
        assert all(each.enough for each in conflict.relaxations)

    def test_what_helps_here_but_not_enough_is_told_apart(self) -> None:
        twice = replace(TEACHER, source="students")
        conflict = explained(one_morning(TEACHER, twice))

        assert len(conflict.rules) == 1
        assert {each.demand.blame: each.enough for each in conflict.relaxations} == {
            Blame.LESSON: True, Blame.RULE: False,
        }  # fmt: skip

    def test_too_few_rooms(self) -> None:
        conflict = explained(one_morning(rooms=1))

        assert (conflict.lessons, conflict.rules, conflict.rooms) == ((0, 1, 2), (), (0,))

    def test_a_lesson_without_a_time_is_alone(self) -> None:
        conflict = explained(plain(3).forbidding([1], lambda time: True))

        assert (conflict.lessons, conflict.rules, conflict.rooms, conflict.times) == ((1,), (), (), ())

    @pytest.mark.parametrize(
        "rule",
        [
            Rule(Kind.MAX_DAY_LOAD, (0, 1), (3,)),
            Rule(Kind.MAX_DAYS, (0, 1, 3), (0,)),
            Rule(Kind.LUNCH, (0, 1), (0, 4, 1)),
            Rule(Kind.MAX_BLOCK, (0, 1), (3, 5)),
            Rule(Kind.MIN_GAP, (0, 1), (1,)),
        ],
        ids=lambda rule: rule.kind.name,
    )
    def test_rules_of_days_are_blamed(self, rule: Rule) -> None:
        together = Rule(Kind.NOT_OVERLAP, (0, 1))
        conflict = explained(one_morning(together, rule, lessons=4))

        assert 1 in conflict.rules

    def test_there_is_nothing_to_explain_where_there_is_a_timetable(self) -> None:
        assert explain(one_morning()) is None

    def test_the_search_says_where_to_look(self) -> None:
        problem = one_morning(TEACHER, lessons=40, rooms=6)
        tried = solve(problem, Budget(iterations=20_000), seed=1)

        conflict = explain(problem, tried=tried.timetable.placed)

        assert tried.price.hard
        assert conflict is not None
        assert conflict.lessons == (0, 1, 2)
