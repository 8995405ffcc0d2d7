"""Each rule of the competition by a case counted by hand."""

from yanta.timetabling.itc2007.instance import Lecture, parse
from yanta.timetabling.itc2007.scoring import Price, price

from .examples import TOY

INSTANCE = parse(TOY)
ALGEBRA, PHYSICS, ETHICS = range(3)
BIG, SMALL = range(2)
# Day 0: Algebra, Algebra, Physics; day 1: Ethics, Algebra; and Ethics on day 0 would clash.
GOOD = [
    Lecture(ALGEBRA, BIG, 0),
    Lecture(ALGEBRA, BIG, 1),
    Lecture(PHYSICS, BIG, 2),
    Lecture(ETHICS, BIG, 3),
    Lecture(ALGEBRA, BIG, 4),
]


def priced(*more: Lecture, without: int | None = None) -> Price:
    rows = [row for place, row in enumerate(GOOD) if place != without]
    return price(INSTANCE, [*rows, *more])


def test_what_is_missing_is_hard() -> None:
    assert priced().lectures == 1  # the second lecture of Ethics
    assert priced().hard == 1


def test_two_of_one_course_at_once_are_hard() -> None:
    assert priced(Lecture(ETHICS, SMALL, 3)).lectures == 1


def test_a_teacher_and_a_curriculum_are_in_one_place_at_a_time() -> None:
    assert priced(Lecture(ETHICS, SMALL, 1)).conflicts == 1
    assert priced(Lecture(ETHICS, SMALL, 2)).conflicts == 0
    assert price(INSTANCE, [Lecture(ALGEBRA, BIG, 0), Lecture(PHYSICS, SMALL, 0)]).conflicts == 1


def test_a_room_holds_one_lecture() -> None:
    assert priced(Lecture(ETHICS, BIG, 2)).room_occupancy == 1


def test_a_forbidden_period_is_hard() -> None:
    assert priced(Lecture(ETHICS, BIG, 5)).availability == 1


def test_each_student_without_a_seat_costs_one() -> None:
    assert priced(Lecture(ETHICS, SMALL, 2)).room_capacity == 1
    assert price(INSTANCE, [Lecture(ALGEBRA, SMALL, 0)]).room_capacity == 19


def test_each_day_too_few_costs_five() -> None:
    assert priced().min_days == 5  # Ethics on one day of two
    assert priced(Lecture(ETHICS, SMALL, 2)).min_days == 0


def test_each_further_room_of_a_course_costs_one() -> None:
    assert priced(Lecture(ETHICS, SMALL, 2)).room_stability == 1
    assert priced(Lecture(ETHICS, BIG, 2)).room_stability == 0


def test_a_lecture_alone_in_its_day_costs_two_in_each_curriculum() -> None:
    # q1 (Algebra, Physics): day 1 has Algebra alone. q2 (Algebra, Ethics): nothing is alone.
    assert priced().compactness == 2
    # Without Ethics on day 1 the Algebra there is alone for both.
    assert priced(without=3).compactness == 4
    # Periods of two days are no neighbours.
    assert price(INSTANCE, [Lecture(ALGEBRA, BIG, 2), Lecture(ALGEBRA, BIG, 3)]).compactness == 8
