"""What a student finds, how many seats are really open to them, and what a swap would cost."""

from __future__ import annotations

import pytest

from yanta.masterdata.models import AdminClass, Campus, Programme
from yanta.systems.course_selection import queries
from yanta.systems.course_selection.models import Enrolment, Pool, Standing

pytestmark = pytest.mark.django_db


def found(term, student=None, **asked):
    places = queries.places_of(term, student, queries.search_of(asked))
    return {one.course.name for one in places}


class TestFilters:
    def test_words(self, place, term):
        film = place(name="电影欣赏", teachers="王芳")
        place(name="音乐")

        assert (
            found(term, q="王芳") == found(term, q="电影") == found(term, q=film.course.code) == {"电影欣赏"}
        )

    def test_weekday_and_part_of_the_day_belong_to_one_meeting(self, place, term):
        place(name="早", times=[(1, 1, 2, "1-16")])
        place(name="晚", times=[(1, 9, 10, "1-16"), (2, 1, 2, "1-16")])
        place(name="没排")

        assert found(term, day="1") == {"早", "晚"}
        assert found(term, day="1", part="am") == {"早"}
        assert found(term, part="am") == {"早", "晚"}
        assert found(term, part="pm") == set()

    def test_credits_campus_and_kind(self, place, term, maker, college):
        campus = maker.make(Campus, college)
        film = place(name="电影欣赏", points="1.5", campus=campus)
        film.course.kind = "1"
        film.course.save()
        place(name="音乐", points=2)

        assert found(term, credits="1.5") == found(term, campus=str(campus.pk)) == {"电影欣赏"}
        assert found(term, kind="1") == {"电影欣赏"}
        assert found(term, credits="x", campus="x") == found(term, campus="١") == {"电影欣赏", "音乐"}

    def test_free_seats_are_those_open_to_me(self, place, term, student, ask, maker, college):
        other = maker.make(Programme, college)
        film = place(1, name="电影欣赏")
        Pool.objects.create(place=film, programme=other, capacity=3)
        ask(student(), "take", film)

        assert found(term, student(), free="1") == set()
        assert found(term, student(programme=other), free="1") == {"电影欣赏"}

    def test_nothing_that_meets_while_my_courses_do(self, place, term, student, ask):
        one = student()
        mine = place(5, name="电影欣赏", times=[(3, 1, 2, "1-15单")])
        place(name="同时", times=[(3, 2, 3, "1-16")])
        place(name="错开周次", times=[(3, 1, 2, "2-16双")])
        ask(one, "take", mine)

        assert found(term, one, fits="1") == {"电影欣赏", "错开周次"}

    def test_only_what_there_is_can_be_chosen(self, place, term):
        place(points="1.5", times=[(1, 1, 2, "1-16")])
        place(points=2, is_open=False)

        choices = queries.choices_of(term)

        assert choices["credits"] == [("1.5", "1.5")]
        assert (choices["kind"], choices["campus"]) == ([], [])


class TestSeats:
    def line(self, student, term):
        (line,) = queries.lines_of(student, list(queries.places_of(term, student)))
        return line

    def test_kept_seats_are_free_only_to_whom_they_are_kept_for(
        self, place, term, student, maker, college, window
    ):
        other = maker.make(Programme, college)
        film = place(2)
        Pool.objects.create(place=film, programme=other, grade=2026, capacity=3)

        mine, theirs = self.line(student(), term), self.line(student(programme=other), term)
        older = self.line(student(programme=other, grade=2024), term)

        assert (mine.free, mine.others, mine.seats) == (older.free, older.others, older.seats) == (2, 3, 5)
        assert (theirs.free, theirs.others) == (5, 0)

    def test_nobody_is_sent_to_wait_for_seats_that_the_waiting_cannot_have(
        self, place, term, student, ask, maker, college
    ):
        other = maker.make(Programme, college)
        film = place(1)
        Pool.objects.create(place=film, programme=other, capacity=1)
        ask(student(), "take", film)
        ask(student(), "wait", film)
        theirs = student(programme=other)

        assert self.line(theirs, term).state == "free"
        assert ask(theirs, "take", film).outcome == "granted"
        assert ask(student(programme=other), "take", film).code == "queue"

    def test_seats_kept_for_my_campus_are_open_to_me(self, place, term, student, maker, college, window):
        film, campus = place(2), maker.make(Campus, college)
        Pool.objects.create(place=film, campus=campus, capacity=3)
        there = AdminClass.objects.create(**maker.values(AdminClass, college) | {"campus": campus})

        mine, theirs = self.line(student(), term), self.line(student(admin_class=there), term)

        assert (mine.free, mine.others) == (2, 3)
        assert (theirs.free, theirs.others) == (5, 0)

    def test_how_it_would_be_studied_is_said_before(self, place, term, student, window):
        film, one = place(2), student()
        assert self.line(one, term).study == ""
        Standing.objects.create(student=one, course=film.course, kind="failed")
        assert self.line(one, term).study == "重修"
        Standing.objects.create(student=one, course=film.course, kind="passed")
        assert self.line(one, term).study == "再次修读"

    def test_my_position_in_the_line(self, place, term, student, ask):
        film, first, second = place(1), student(), student()
        for one, verb in ((student(), "take"), (first, "wait"), (second, "wait")):
            ask(one, verb, film)

        assert (self.line(first, term).turn, self.line(second, term).turn) == (1, 2)
        assert self.line(second, term).waits == 2


class TestSwaps:
    def test_only_what_really_makes_way(self, place, student, ask):
        one = student()
        film, music = place(5, times=[(1, 1, 2, "1-16")]), place(5, name="音乐", times=[(2, 1, 2, "1-16")])
        wanted = place(5, name="书法", times=[(1, 2, 3, "1-16")])
        for mine in (music, film):
            ask(one, "take", mine)
        ask(student(), "take", film)

        swaps = queries.swaps_of(one, wanted)

        assert [(swap.gives.place, bool(swap.why)) for swap in swaps] == [(film, False), (music, True)]
        assert "与已选的“电影欣赏”时间冲突" in swaps[1].why
        assert ask(one, "swap", wanted, film).outcome == "granted"

    def test_nothing_helps_against_a_passed_course(self, place, student, ask):
        one, film, wanted = student(), place(5), place(5, name="书法")
        ask(one, "take", film)
        Standing.objects.create(student=one, course=wanted.course, kind="passed")

        (swap,) = queries.swaps_of(one, wanted)

        assert "已经修过" in swap.why

    def test_too_many_credits_until_the_larger_goes(self, place, student, ask):
        one = student()
        small, large = place(5, name="小", points=2), place(5, name="大", points=7)
        wanted = place(5, name="书法", points=5)
        for mine in (small, large):
            ask(one, "take", mine)

        assert [swap.gives.place for swap in queries.swaps_of(one, wanted) if not swap.why] == [large]
        assert ask(one, "swap", wanted, large).outcome == "granted"
        assert Enrolment.objects.filter(student=one).count() == 2
