from dataclasses import replace

import numpy as np
import pytest

from yanta.timetabling.problem import Course, Lesson, Placed, Problem, Student, TimeChoice, Timetable
from yanta.timetabling.scoring import price
from yanta.timetabling.sectioning import Sectioning, ways_of
from yanta.timetabling.times import Time

from .examples import drawn

EARLY, LATE = Time(1, 1, 0, 2), Time(1, 1, 4, 2)


def small() -> Problem:
    """Course A has two groups, course B one that is at the time of A's first."""
    lessons = tuple(Lesson(name, (TimeChoice(EARLY), TimeChoice(LATE)), limit=2) for name in "abc")
    courses = (Course("A", (((0, 1),),)), Course("B", (((2,),),)))
    students = (Student("1", (0,)), Student("2", (0,)), Student("3", (0, 1)), Student("4", (0, 1)))
    return Problem("small", 1, 5, 10, (), lessons, (), courses, students)


def test_a_way_takes_parents_along() -> None:
    problem = drawn(1)

    ways = ways_of(problem, problem.courses[0])

    assert (0, 2) in ways  # lesson 2 asks for lesson 0
    assert (1, 2) not in ways
    assert (4,) in ways


def test_everybody_has_a_seat_and_what_they_chose() -> None:
    problem = small()
    sections = Sectioning(problem)
    timetable = Timetable((Placed(EARLY), Placed(LATE), Placed(EARLY)), sections.attends())

    assert sections.overfull() == 0
    assert price(problem, timetable).enrolment == 0


def test_students_change_groups_where_it_saves_conflicts() -> None:
    problem = small()
    sections = Sectioning(problem)
    placed = (Placed(EARLY), Placed(LATE), Placed(EARLY))
    sections.adopt(({0}, {0}, {1, 2}, {1, 2}))  # no conflict: nothing to save
    assert sections.improve(placed, np.random.default_rng(1)) == 0

    sections.adopt(({1}, {1}, {0, 2}, {0, 2}))
    assert sections.improve(placed, np.random.default_rng(1)) == 2

    cost = price(problem, Timetable(placed, sections.attends()))
    assert (cost.student, cost.enrolment) == (0, 0)


@pytest.mark.parametrize("attends", [[{0}, {0}, {0, 2}, {1, 2}], [set(), {0}, {1, 2}, {1, 2}]])
def test_too_many_in_a_lesson_and_a_missing_choice_are_hard(attends: list[set[int]]) -> None:
    timetable = Timetable((Placed(EARLY), Placed(LATE), Placed(EARLY)), tuple(map(frozenset, attends)))

    assert price(small(), timetable).enrolment == 1


def test_limits_count_even_for_many() -> None:
    problem = replace(small(), lessons=tuple(replace(lesson, limit=1) for lesson in small().lessons))

    assert Sectioning(problem).overfull() == 3
