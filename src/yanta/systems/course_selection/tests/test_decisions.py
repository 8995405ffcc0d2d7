"""One decision: each rule refuses in words, everything has a receipt, seats add up."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from yanta.masterdata.models import AdminClass, Campus, Programme
from yanta.systems.course_selection import services
from yanta.systems.course_selection.models import (
    CourseNeed,
    Decision,
    Enrolment,
    GroupLimit,
    LanguageLevel,
    PlanGroup,
    Pool,
    Round,
    RoundScope,
    Sheet,
    Standing,
)
from yanta.systems.course_selection.tests.factories import taken

pytestmark = pytest.mark.django_db


class TestTake:
    def test_a_seat_a_receipt_and_the_credits(self, ask, student, place):
        one, film = student(), place()

        answer = ask(one, "take", film)

        assert (answer.outcome, answer.words) == ("granted", "选课成功")
        assert answer.receipt == Decision.objects.get().receipt
        assert Enrolment.objects.get().place == film
        assert Sheet.objects.get().credits == 2
        assert taken(film) == 1

    def test_the_last_seat_is_given_once(self, ask, student, place):
        film = place(1)
        ask(student(), "take", film)

        answer = ask(student(), "take", film)

        assert (answer.outcome, answer.code) == ("refused", "full")
        assert answer.receipt
        assert taken(film) == Enrolment.objects.count() == 1

    def test_the_same_request_twice_is_one_decision(self, ask, student, place):
        one, film, key = student(), place(5), uuid4()

        first, second = ask(one, "take", film, key=key), ask(one, "take", film, key=key)

        assert first == second
        assert Decision.objects.count() == 1
        assert taken(film) == 1

    def test_kept_seats_go_first_and_to_nobody_else(self, ask, student, place, maker, college):
        film = place(1)
        other = maker.make(Programme, college)
        Pool.objects.create(place=film, programme=other, capacity=1)

        assert ask(student(), "take", film).outcome == "granted"
        assert ask(student(), "take", film).code == "full"
        assert ask(student(programme=other), "take", film).outcome == "granted"

    def test_seats_kept_for_a_campus(self, ask, student, place, maker, college):
        film, campus = place(1), maker.make(Campus, college)
        Pool.objects.create(place=film, campus=campus, capacity=1)
        there = AdminClass.objects.create(**maker.values(AdminClass, college) | {"campus": campus})

        assert ask(student(), "take", film).outcome == "granted"
        assert ask(student(), "take", film).code == "full"
        assert ask(student(), "wait", film).outcome == "waiting"
        assert ask(student(admin_class=there), "take", film).outcome == "granted"

    def test_the_database_refuses_to_oversell(self, place):
        film = place(1)

        with pytest.raises(IntegrityError), transaction.atomic():
            Pool.objects.filter(place=film).update(taken=2)

    def test_a_place_that_is_none(self, student, window):
        answer = services.decide(services.Request(student().pk, "take", 987654321, uuid4()))

        assert (answer.outcome, answer.words) == ("unknown", "没有这个教学班")


class TestRules:
    """Each is asked before the click and again inside the decision."""

    def refused(self, ask, one, place, code):
        before = services.refusals(one.pk, [place.pk])
        answer = ask(one, "take", place)
        assert (answer.outcome, answer.code) == ("refused", code)
        assert before == {place.pk: answer.words}
        assert not Enrolment.objects.filter(place=place, student=one).exists()
        return answer.words

    def test_no_round_is_open(self, ask, student, place, window):
        Round.objects.update(
            opens_at=timezone.now() - timedelta(days=2), closes_at=timezone.now() - timedelta(days=1)
        )

        assert "没有开放" in self.refused(ask, student(), place(), "window")

    def test_a_paused_round_is_not_open(self, ask, student, place, window):
        Round.objects.update(is_paused=True)

        self.refused(ask, student(), place(), "window")

    def test_a_round_of_others(self, ask, student, place, window):
        RoundScope.objects.create(round=window, grade=2025)

        assert "“正选”不对" in self.refused(ask, student(), place(), "population")
        assert ask(student(grade=2025), "take", place()).outcome == "granted"

    def test_the_same_course_in_another_section(self, ask, student, place):
        one, film = student(), place(5)
        again = place(5, course=film.course)
        ask(one, "take", film)

        assert film.number in self.refused(ask, one, again, "chosen")

    def test_a_passed_course_unless_it_may_be_retaken(self, ask, student, place):
        one, film = student(), place()
        Standing.objects.create(student=one, course=film.course, kind="passed")
        self.refused(ask, one, film, "passed")

        film.allows_retake = True
        film.save()

        assert ask(one, "take", film).outcome == "granted"

    @pytest.mark.parametrize(
        ("retakes", "repeats", "known", "refused"),
        [
            ("too", False, "failed", None),
            ("none", False, "failed", "属于重修；“正选”不接受重修"),
            ("none", False, None, None),
            ("only", False, "failed", None),
            ("only", False, None, "“正选”只接受重修"),
            ("too", False, "passed", "“正选”不接受再次修读"),
            ("none", True, "passed", None),
        ],
    )
    def test_what_a_round_takes_of_courses_studied_before(
        self, ask, student, place, window, retakes, repeats, known, refused
    ):
        Round.objects.update(retakes=retakes, allows_repeat=repeats)
        one, film = student(), place()
        if known:
            Standing.objects.create(student=one, course=film.course, kind=known)

        if refused:
            code = "passed" if known == "passed" else "retake" if known else "first"
            assert refused in self.refused(ask, one, film, code)
        else:
            assert ask(one, "take", film).outcome == "granted"
            expected = {"failed": "retake", "passed": "repeat", None: "first"}[known]
            assert Enrolment.objects.get().study == expected

    def test_passed_after_all_is_no_retake(self, ask, student, place, window):
        Round.objects.update(retakes="none", allows_repeat=True)
        one, film = student(), place()
        for kind in ("failed", "passed"):
            Standing.objects.create(student=one, course=film.course, kind=kind)

        assert ask(one, "take", film).outcome == "granted"
        assert Enrolment.objects.get().study == "repeat"

    def test_the_language_of_teaching(self, ask, student, place):
        film, one = place(3, language="英文", least_level=6), student()
        assert "要求英文水平 6 级，您还没有登记" in self.refused(ask, one, film, "language")
        LanguageLevel.objects.create(student=one, language="中文", level=9)
        self.refused(ask, one, film, "language")
        level = LanguageLevel.objects.create(student=one, language="英文", level=5)
        assert self.refused(ask, one, film, "language").endswith("您登记的是 5 级")

        level.level = 6
        level.save()

        assert ask(one, "take", film).outcome == "granted"

    def test_what_has_to_be_studied_together(self, ask, student, place):
        one, theory, lab = student(), place(5, name="信号理论"), place(5, name="信号实验")
        CourseNeed.objects.create(course=lab.course, needs=theory.course, together=True)
        assert "信号理论" in self.refused(ask, one, lab, "needs")

        ask(one, "take", theory)

        assert ask(one, "take", lab).outcome == "granted"

    def test_what_is_studied_together_is_not_given_up_alone(self, ask, student, place):
        one, theory, lab = student(), place(5, name="信号理论"), place(5, name="信号实验")
        again, film = place(5, course=theory.course), place(5)
        CourseNeed.objects.create(course=lab.course, needs=theory.course, together=True)
        for it in (theory, lab):
            ask(one, "take", it)

        before = services.refusals(one.pk, [theory.pk], verb="drop")
        answer = ask(one, "drop", theory)
        assert (answer.code, before[theory.pk]) == ("beside", answer.words)
        assert answer.words == "要与已选的“信号实验”同时修读，请先退“信号实验”"
        assert ask(one, "swap", film, theory).code == "beside"

        assert ask(one, "swap", again, theory).outcome == "granted"
        assert ask(one, "drop", lab).outcome == "granted"
        assert ask(one, "drop", again).outcome == "granted"

    def test_a_swap_does_not_count_on_what_it_gives_up(self, ask, student, place):
        one, theory, lab = student(), place(5, name="信号理论"), place(5, name="信号实验")
        CourseNeed.objects.create(course=lab.course, needs=theory.course, together=True)
        ask(one, "take", theory)

        assert ask(one, "swap", lab, theory).code == "needs"

    def test_an_alternative_that_was_passed_lets_go(self, ask, student, place):
        one, lab = student(), place(5, name="信号实验")
        theory, optics = place(5, name="信号理论"), place(5, name="光学")
        for needs in (theory, optics):
            CourseNeed.objects.create(course=lab.course, needs=needs.course, together=True, alternative=1)
        for it in (theory, lab):
            ask(one, "take", it)
        assert ask(one, "drop", theory).code == "beside"

        Standing.objects.create(student=one, course=optics.course, kind="passed")

        assert ask(one, "drop", theory).outcome == "granted"

    def test_only_the_plan(self, ask, student, place):
        one, film = student(), place(is_plan_only=True)
        self.refused(ask, one, film, "plan")

        Standing.objects.create(student=one, course=film.course, kind="planned")

        assert ask(one, "take", film).outcome == "granted"

    def test_sport_for_women(self, ask, student, place):
        assert self.refused(ask, student(), place(sex="2"), "sex") == "这个教学班只收女生"

    def test_prerequisites_with_alternatives(self, ask, student, place):
        one, signals = student(), place(5)
        maths, physics, optics = place(name="数学"), place(name="物理"), place(name="光学")
        for needs, alternative in ((maths, 0), (physics, 1), (optics, 1)):
            CourseNeed.objects.create(course=signals.course, needs=needs.course, alternative=alternative)
        assert "数学" in self.refused(ask, one, signals, "needs")

        for passed in (maths, optics):
            Standing.objects.create(student=one, course=passed.course, kind="passed")

        assert ask(one, "take", signals).outcome == "granted"

    @pytest.mark.parametrize(
        ("weeks", "periods", "clashes"),
        [
            ("1-16", (2, 3), True),
            ("2-16双", (1, 2), False),
            ("1-16", (3, 4), False),
            ("15-16", (1, 1), True),
        ],
    )
    def test_times_across_weeks(self, ask, student, place, weeks, periods, clashes):
        one, film = student(), place(times=[(3, 1, 2, "1-15单")])
        other = place(name="音乐", times=[(3, *periods, weeks)])
        ask(one, "take", film)

        if clashes:
            assert "“电影欣赏”时间冲突：星期三" in self.refused(ask, one, other, "time")
        else:
            assert ask(one, "take", other).outcome == "granted"

    def test_no_time_to_travel_between_campuses(self, ask, student, place, maker, college):
        here, there = maker.make(Campus, college), maker.make(Campus, college)
        one = student()
        ask(one, "take", place(campus=here, times=[(1, 1, 2, "1-16")]))

        self.refused(ask, one, place(campus=there, times=[(1, 3, 4, "1-16")]), "campus")
        assert ask(one, "take", place(campus=there, times=[(1, 4, 5, "1-16")])).outcome == "granted"

    def test_credits_of_the_term(self, ask, student, place):
        one = student()
        ask(one, "take", place(points=8))

        words = self.refused(ask, one, place(points=4), "credits")

        assert words == "学分超过上限：已选 8.0 学分，上限 10.0"

    def test_credits_of_a_group_of_the_plan(self, ask, student, place, window):
        one, other = student(), student(grade=2025)
        film, music, maths = (
            place(5, points=2),
            place(5, name="音乐", points=2),
            place(5, name="数学", points=2),
        )
        for it, name in ((film, "通识选修"), (music, "通识选修"), (maths, "专业选修")):
            PlanGroup.objects.create(programme=one.programme, grade=2026, course=it.course, name=name)
        GroupLimit.objects.create(round=window, name="通识选修", most_credits=3)
        for who in (one, other):
            ask(who, "take", film)

        words = self.refused(ask, one, music, "group")

        assert words == "“通识选修”的学分超过上限：这组已选 2.0 学分，上限 3.0"
        assert ask(one, "take", maths).outcome == "granted"
        assert ask(other, "take", music).outcome == "granted"
        assert ask(one, "swap", music, film).outcome == "granted"


def test_the_functions_are_there():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_proc WHERE proname LIKE 'course_selection_%'")
        assert cursor.fetchone()[0] == 8
