"""The draw, recomputed by the published script, which shares no code with us."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from yanta.kernel.base import Actor, Refused
from yanta.kernel.testing.factories import OrgUnitFactory
from yanta.masterdata.models import AdminClass, Campus, Programme
from yanta.systems.course_selection import queries, services
from yanta.systems.course_selection.models import Decision, Enrolment, Pool, Round, RoundScope, Wish
from yanta.systems.course_selection.rules import lottery
from yanta.systems.course_selection.rules.lottery import Seats
from yanta.systems.course_selection.rules.wishing import Wanted

SYSTEM = Actor.system("test")
SCRIPT = Path(__file__).parents[1] / "templates" / "course_selection" / "recompute.txt"
ANYBODY = (None, None, None)


def wanted(*places, points=()):
    return [Wanted(one.pk, n) for one, n in zip(places, [*points, *[0] * len(places)], strict=False)]


class TestOdds:
    @pytest.mark.parametrize(
        ("seats", "before", "beside", "percent"),
        [(10, 0, 5, 100), (10, 0, 40, 25), (10, 12, 3, 0), (10, 5, 10, 50), (0, 0, 1, 0)],
    )
    def test_better_wishes_first_then_equals(self, seats, before, beside, percent):
        asked = {1: {ANYBODY: before}, 2: {ANYBODY: beside}}

        assert lottery.odds([Seats(ANYBODY, seats)], asked, group=ANYBODY, tier=2) == percent

    def test_seats_kept_for_others_are_not_mine(self):
        seats = [Seats(ANYBODY, 10), Seats((7, None, None), 20)]
        asked = {1: {(7, 2026, 1): 20, (8, 2026, 1): 20}}

        assert lottery.odds(seats, asked, group=(8, 2026, 1), tier=1) == 50
        assert lottery.odds(seats, asked, group=(7, 2026, 1), tier=1) == 100

    def test_whoever_finds_the_kept_seats_taken_comes_to_the_others(self):
        seats = [Seats(ANYBODY, 10), Seats((7, None, None), 5)]
        asked = {1: {(7, 2026, 1): 20, (8, 2026, 1): 20}}

        assert lottery.odds(seats, asked, group=(7, 2026, 1), tier=1) == pytest.approx(37, abs=2)
        assert lottery.odds(seats, asked, group=(8, 2026, 1), tier=1) == pytest.approx(38, abs=2)

    def test_seats_kept_for_a_campus(self):
        seats = [Seats(ANYBODY, 10), Seats((None, None, 2), 20)]
        asked = {1: {(7, 2026, 1): 20, (7, 2026, 2): 20}}

        assert lottery.odds(seats, asked, group=(7, 2026, 1), tier=1) == 50
        assert lottery.odds(seats, asked, group=(7, 2026, 2), tier=1) == 100

    def test_how_many_points_surely_do(self):
        asked = {-30: {ANYBODY: 2}, -20: {ANYBODY: 5}}

        assert lottery.enough([Seats(ANYBODY, 3)], asked, group=ANYBODY, most=100) == 21
        assert lottery.enough([Seats(ANYBODY, 2)], asked, group=ANYBODY, most=100) == 31
        assert lottery.enough([Seats(ANYBODY, 2)], asked, group=ANYBODY, most=30) == 31
        assert lottery.enough([Seats(ANYBODY, 9)], asked, group=ANYBODY, most=30) == 0


@pytest.fixture
def preselection(window):
    Round.objects.filter(pk=window.pk).update(kind=Round.Kind.LOTTERY)
    window.refresh_from_db()
    return window


@pytest.fixture
def by_points(preselection):
    Round.objects.filter(pk=preselection.pk).update(points=100)
    preselection.refresh_from_db()
    return preselection


def draw(window):
    services.seal_seed(window, actor=SYSTEM)
    Round.objects.filter(pk=window.pk).update(closes_at=timezone.now())
    window.refresh_from_db()
    services.draw(window, actor=SYSTEM)


@pytest.fixture
def drawn(preselection, student, place):
    places = [place(2, name=f"课{n}") for n in range(3)]
    students = [student() for _ in range(9)]
    for n, one in enumerate(students):
        services.store_wishes(preselection, one.pk, wanted(places[n % 3], places[(n + 1) % 3]))
    draw(preselection)
    return preselection


@pytest.fixture
def drawn_by_points(by_points, student, place, maker, college):
    """With seats kept for a programme and a campus, equal points, and two courses at one time, so that rules stop some."""
    other, campus = maker.make(Programme, college), maker.make(Campus, college)
    away = AdminClass.objects.create(**maker.values(AdminClass, college) | {"campus": campus})
    places = [place(3, name=f"课{n}", times=[(n // 2 + 1, 1, 2, "1-16")]) for n in range(4)]
    Pool.objects.create(place=places[0], programme=other, capacity=2)
    Pool.objects.create(place=places[1], campus=campus, capacity=1)
    for n in range(14):
        one = student(**({"programme": other} if n % 2 else {"admin_class": away if n % 4 else None}))
        points = (20 + n % 3 * 10, 30, 20)
        services.store_wishes(
            by_points, one.pk, wanted(*(places[(n + k) % 4] for k in range(3)), points=points)
        )
    draw(by_points)
    return by_points


def recompute(window, tmp_path, *numbers, change=lambda text: text, with_numbers=True):
    """What the published script says of the published list."""
    rows = queries.published(window, with_numbers=with_numbers)
    path = tmp_path / "draw.csv"
    path.write_text(change("".join(",".join(row) + "\n" for row in rows)), encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-I", SCRIPT, path, *numbers], capture_output=True, text=True, check=False
    )


@pytest.mark.django_db
class TestDraw:
    @pytest.mark.parametrize("kind", ["drawn", "drawn_by_points"])
    def test_anybody_gets_the_same_result(self, kind, request, tmp_path):
        window = request.getfixturevalue(kind)

        said = recompute(window, tmp_path)

        assert said.returncode == 0, said.stdout + said.stderr
        assert (
            f"{Wish.objects.count()} wishes, {Enrolment.objects.count()} seats won, 0 faults" in said.stdout
        )

    def test_rules_stopped_some_of_the_wishes_by_points(self, drawn_by_points):
        codes = Counter(Decision.objects.values_list("code", flat=True))
        assert codes["full"]
        assert codes["time"]

    @pytest.mark.parametrize("kind", ["drawn", "drawn_by_points"])
    def test_a_seat_given_to_somebody_else_is_found(self, kind, request, tmp_path):
        window = request.getfixturevalue(kind)

        def exchange(text):
            return text.replace(",won", ",WON", 1).replace(",full", ",won", 1).replace(",WON", ",full")

        said = recompute(window, tmp_path, change=exchange)

        assert (said.returncode, "the list says" in said.stdout) == (1, True)

    def test_another_seed_is_found(self, drawn, tmp_path):
        said = recompute(drawn, tmp_path, change=lambda text: text.replace(drawn.seed, "0" * 32))

        assert "not the one whose fingerprint" in said.stdout

    def test_one_finds_oneself_in_the_list_without_numbers(self, drawn, tmp_path):
        wish = Wish.objects.order_by("pk").first()

        said = recompute(drawn, tmp_path, wish.student.number, with_numbers=False)

        assert f"{wish.student.number} {wish.place.number}: turn " in said.stdout
        assert wish.student.number not in (tmp_path / "draw.csv").read_text()

    def test_more_points_come_first_and_the_seed_decides_among_equals(self, by_points, student, place):
        film, ranks = place(2), place(9, name="音乐")
        lists = {name: student() for name in ("most", "second", "equal", "first_rank")}
        for name, points in (("most", 60), ("second", 40), ("equal", 40)):
            services.store_wishes(by_points, lists[name].pk, wanted(ranks, film, points=(10, points)))
        services.store_wishes(by_points, lists["first_rank"].pk, wanted(film, points=(39,)))

        draw(by_points)

        equals = sorted(
            (lists["second"], lists["equal"]),
            key=lambda one: hashlib.sha256(
                f"{by_points.seed}|{one.number}|{film.number}".encode()
            ).hexdigest(),
        )
        held = set(Enrolment.objects.filter(place=film).values_list("student", flat=True))
        assert held == {lists["most"].pk, equals[0].pk}

    def test_the_seed_is_the_one_that_was_sealed_and_everybody_has_a_receipt(self, drawn):
        assert hashlib.sha256(drawn.seed.encode()).hexdigest() == drawn.seed_digest
        assert Counter(Decision.objects.values_list("verb", "outcome")) == {
            ("draw", "granted"): 6, ("draw", "refused"): 12,
        }  # fmt: skip

    def test_it_is_drawn_once(self, drawn):
        with pytest.raises(Refused, match="已经抽过"):
            services.draw(drawn, actor=SYSTEM)

    def test_points_lowered_after_they_were_spread(self, by_points, student, place):
        services.store_wishes(by_points, student().pk, wanted(place(), points=(80,)))
        Round.objects.filter(pk=by_points.pk).update(points=50)

        with pytest.raises(Refused, match="1 名学生填的意愿值超过 50 分"):
            draw(by_points)
        assert not Decision.objects.exists()


@pytest.mark.django_db
class TestWishes:
    def refused(self, window, one, wishes, words):
        with pytest.raises(Refused, match=words):
            services.store_wishes(window, one.pk, wishes)
        assert not Wish.objects.exists()

    def test_refused_in_words(self, preselection, student, place):
        film, sport, one = place(), place(sex="2"), student()

        self.refused(preselection, one, wanted(sport), "只收女生")
        self.refused(preselection, one, wanted(film, film), "一个志愿")
        self.refused(preselection, one, wanted(film, points=(1,)), "不用意愿值")

    def test_no_more_points_than_there_are(self, by_points, student, place):
        film, music, one = place(), place(name="音乐"), student()

        self.refused(
            by_points, one, wanted(film, music, points=(60, 41)), "共 100 分，您填了 101 分，请减去 1 分"
        )
        self.refused(by_points, one, wanted(film, points=(-1,)), "不能小于 0")
        services.store_wishes(by_points, one.pk, wanted(film, music, points=(60, 40)))
        assert list(Wish.objects.values_list("rank", "points")) == [(1, 60), (2, 40)]

    def test_the_chance_and_what_would_surely_do(self, by_points, student, place):
        film, one = place(2), student()
        for points in (50, 30, 30):
            services.store_wishes(by_points, student().pk, wanted(film, points=(points,)))
        services.store_wishes(by_points, one.pk, wanted(film, points=(30,)))

        (line,) = queries.wishes_of(one, by_points)

        assert (line.chance, line.seats, line.wished, line.enough) == (33, 2, 4, 31)

    def test_the_lottery_that_is_for_me(self, preselection, student):
        RoundScope.objects.create(round=preselection, grade=2025)
        now = timezone.now()
        mine = Round.objects.create(
            term=preselection.term, name="新生预选", kind=Round.Kind.LOTTERY, opens_at=now - timedelta(days=3),
            closes_at=now - timedelta(days=2),
        )  # fmt: skip

        assert queries.lottery_of(student()) == mine
        assert queries.lottery_of(student(grade=2025)) == preselection

    def test_not_before_the_end(self, preselection):
        services.seal_seed(preselection, actor=SYSTEM)

        with pytest.raises(Refused, match="还没有截止"):
            services.draw(preselection, actor=SYSTEM)


@pytest.mark.django_db
class TestWhoGetsStudentNumbers:
    @pytest.fixture
    def page(self, drawn):
        from django.test import RequestFactory

        from yanta.systems.course_selection.views.lotteries import DrawnView

        def fetched(actor):
            request = RequestFactory().get("/")
            request.actor = actor
            return DrawnView.as_view()(request, key=drawn.pk).content.decode()

        return fetched

    def test_the_registry_of_the_whole_school(self, page, acting, school):
        office = OrgUnitFactory.create(parent=school, code="2010", name="教务处", kind="office")

        assert Wish.objects.first().student.number in page(acting("clerk", office))

    def test_not_the_head_of_one_college(self, page, acting, school, student, maker):
        elsewhere = OrgUnitFactory.create(parent=school, code="3010", name="别的学院", kind="college")

        assert Wish.objects.first().student.number not in page(acting("head", elsewhere))
