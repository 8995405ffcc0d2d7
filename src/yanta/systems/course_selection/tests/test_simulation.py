"""A trial gives what the draw would give, and leaves everything as it was."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

import pytest
from django.db import connection
from django.utils import timezone

from yanta.kernel.base import Actor, Refused
from yanta.kernel.testing.factories import OrgUnitFactory
from yanta.masterdata.models import Programme, Term
from yanta.systems.course_selection import services
from yanta.systems.course_selection.models import (
    Decision,
    Enrolment,
    Pool,
    Round,
    RoundScope,
    Sheet,
    Simulation,
    Wish,
)
from yanta.systems.course_selection.rules import simulation as rules
from yanta.systems.course_selection.rules.simulation import Person, Section
from yanta.systems.course_selection.rules.wishing import Wanted
from yanta.systems.course_selection.services import simulating

SYSTEM = Actor.system("test")


@pytest.fixture
def preselection(window):
    Round.objects.filter(pk=window.pk).update(kind=Round.Kind.LOTTERY, points=100)
    window.refresh_from_db()
    return window


@pytest.fixture
def crowd(preselection, student, place, maker, college, ask):
    """Kept seats, clashing times, seats that are already taken, credits at their limit."""
    other = maker.make(Programme, college)
    places = [
        place(3, name=f"课{n}", points=4, times=[(n // 2 + 1, 1, 2, "1-16")]) for n in range(5)
    ]  # fmt: skip
    Pool.objects.create(place=places[0], programme=other, capacity=2)
    services.decide(services.Request(student().pk, "add", places[1].pk, key=UUID(int=1)))
    for n in range(18):
        one = student(**({"programme": other} if n % 2 else {}))
        keys = [places[(n + k) % 5].pk for k in range(3)]
        services.store_wishes(preselection, one.pk, [Wanted(key, 10 + n % 4) for key in keys])
    return preselection


def everything():
    tables = (Pool, Sheet, Enrolment, Decision, Wish)
    return [list(model.objects.order_by("pk").values()) for model in tables]


def trial(window, source=None, seed="abc"):
    made = Simulation.objects.create(round=window, source=source or window, seed=seed)
    return services.try_out(made)


@pytest.mark.django_db
class TestTrial:
    def test_it_gives_what_the_draw_gives_with_the_same_seed(self, crowd):
        services.seal_seed(crowd, actor=SYSTEM)
        made = trial(crowd, seed=crowd.secret_seed)
        Round.objects.update(closes_at=timezone.now())
        crowd.refresh_from_db()

        services.draw(crowd, actor=SYSTEM)

        drawn = Decision.objects.filter(verb="draw")
        for section in made.sections:
            real = Counter(
                "won" if one.outcome == "granted" else "full" if one.code == "full" else "stopped"
                for one in drawn.filter(place=section["place"])
            )
            assert {name: section[name] for name in ("won", "full", "stopped")} == {
                name: real[name] for name in ("won", "full", "stopped")
            }
        assert made.granted == drawn.filter(outcome="granted").count()
        assert {one.code for one in drawn} >= {"", "full", "time"}

    def test_nothing_is_changed_by_it_however_often(self, crowd):
        before = everything()

        first, second = trial(crowd), trial(crowd)

        assert everything() == before
        assert (first.sections, first.groups) == (second.sections, second.groups)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_class WHERE relpersistence = 't' AND relname LIKE 'course_sel%'"
            )
            assert cursor.fetchone()[0] == 0

    def test_the_real_thing_works_between_two_trials(self, crowd, student, place):
        film, one = place(5, name="电影欣赏"), student()
        trial(crowd)

        answer = services.decide(services.Request(one.pk, "add", film.pk, key=UUID(int=2)))
        trial(crowd)

        assert answer.outcome == "granted"
        assert Enrolment.objects.filter(student=one, place=film).exists()

    def test_who_is_left_over_is_counted_once(self, preselection, student, place):
        film = place(1)
        for _ in range(3):
            services.store_wishes(preselection, student().pk, [Wanted(film.pk)])

        made = trial(preselection)

        (group,), (section,) = made.groups, made.sections
        assert (group["students"], group["won"], group["nothing"]) == (3, 1, 2)
        assert (section["seats"], section["wishes"], section["first"], section["full"]) == (1, 3, 3, 2)


@pytest.fixture
def last_year(preselection, place):
    """A round of the year before with a section of the same course."""
    term = Term.objects.create(
        code="2025-2026-1", name="上一学年", academic_year="2025-2026", half="1", starts_on="2025-09-08",
        ends_on="2026-01-25", teaching_weeks=18,
    )  # fmt: skip
    now = preselection.opens_at
    return Round.objects.create(
        term=term, name="去年预选", kind=Round.Kind.LOTTERY, opens_at=now, closes_at=timezone.now()
    )


@pytest.mark.django_db
class TestLastYear:
    def test_this_years_students_stand_for_last_years(self, preselection, last_year, student, place):
        film = place(1)
        old = place(1, term=last_year.term, course=film.course)
        gone = place(1, term=last_year.term, name="不开了")
        for _ in range(3):
            one = student(grade=2025)
            Wish.objects.create(round=last_year, student=one, place=old, rank=1)
            Wish.objects.create(round=last_year, student=one, place=gone, rank=2)
        mine = {student(grade=2026).pk for _ in range(2)}

        wishes, strangers = simulating.wishes_for(preselection, last_year)

        assert {(one.student_id, one.place_id) for one in wishes} == {(key, film.pk) for key in mine}
        assert [one.points for one in wishes] == [66, 66]
        assert strangers == 4

    def test_only_those_for_whom_the_round_is(self, preselection, student, place):
        film = place()
        for grade in (2025, 2026):
            services.store_wishes(preselection, student(grade=grade).pk, [Wanted(film.pk)])
        RoundScope.objects.create(round=preselection, grade=2025)

        wishes, strangers = simulating.wishes_for(preselection, preselection)

        assert ([one.student.grade for one in wishes], strangers) == ([2025], 1)


class TestRules:
    def test_the_nth_stands_for_the_nth(self):
        before = [Person(n, f"A{n}", 7, 2025) for n in (3, 1, 2)]
        now = [Person(n, f"B{n}", 7, 2026) for n in (12, 11)] + [Person(13, "B0", 8, 2026)]

        assert rules.stand_ins(before, now, years=1) == {1: 11, 2: 12}
        assert rules.stand_ins(before, before[:2], years=0) == {3: 3, 1: 1}

    def test_fewer_sections_take_the_wishes_of_more(self):
        before = [Section(n, f"A{n}", 7) for n in (1, 2, 3)] + [Section(4, "A4", 8)]

        assert rules.same_courses(before, [Section(11, "B1", 7), Section(12, "B2", 7)]) == {
            1: 11,
            2: 12,
            3: 11,
        }

    @pytest.mark.parametrize(
        ("spent", "before", "now", "points"),
        [((60, 40), 100, 50, [30, 20]), ((0, 0, 0), 0, 60, [30, 20, 10]), ((5, 5), 100, 0, [0, 0])],
    )
    def test_points_of_another_round(self, spent, before, now, points):
        assert rules.points_of(spent, before=before, now=now) == points


@pytest.mark.django_db
class TestOperation:
    def test_it_is_started_and_shown(self, crowd, acting, school):
        registry = acting(
            "clerk", OrgUnitFactory.create(parent=school, code="2010", name="教务处", kind="office")
        )

        made = services.simulate(crowd, actor=registry)

        assert (made.source, made.is_done) == (crowd, False)
        assert made.seed not in ("", crowd.secret_seed)

    def test_refused_in_words(self, preselection, last_year, acting, school):
        registry = acting(
            "clerk", OrgUnitFactory.create(parent=school, code="2010", name="教务处", kind="office")
        )

        with pytest.raises(Refused, match="“去年预选”里没有志愿"):
            services.simulate(preselection, actor=registry, source=last_year)
        Round.objects.filter(pk=preselection.pk).update(drawn_at=timezone.now())
        with pytest.raises(Refused, match="还没有抽签"):
            services.simulate(preselection, actor=registry)
