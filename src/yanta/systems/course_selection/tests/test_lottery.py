"""The draw, recomputed by a script that shares no code with us."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections import Counter

import pytest
from django.utils import timezone

from yanta.kernel.base import Actor, Refused
from yanta.systems.course_selection import services
from yanta.systems.course_selection.models import Decision, Enrolment, Round
from yanta.systems.course_selection.rules import lottery

SYSTEM = Actor.system("test")
# What a student would write: seed, then lines of rank, student, section; seats of every section are 2.
INDEPENDENT = """
import hashlib, sys
seed, *lines = sys.stdin.read().split("\\n")
wishes = [line.split() for line in lines if line]
left, won = {}, []
wishes.sort(key=lambda w: (int(w[0]), hashlib.sha256("|".join((seed, w[1], w[2])).encode()).hexdigest()))
for rank, student, section in wishes:
    if left.setdefault(section, 2) > 0:
        left[section] -= 1
        won.append(student + " " + section)
print("\\n".join(sorted(won)))
"""


@pytest.mark.parametrize(
    ("seats", "before", "beside", "percent"),
    [(10, 0, 5, 100), (10, 0, 40, 25), (10, 12, 3, 0), (10, 5, 10, 50)],
)
def test_odds(seats, before, beside, percent):
    assert lottery.odds(seats, before, beside) == percent


@pytest.fixture
def drawn(window, student, place):
    Round.objects.filter(pk=window.pk).update(kind=Round.Kind.LOTTERY)
    window.refresh_from_db()
    places = [place(2, name=f"课{n}") for n in range(3)]
    students = [student() for _ in range(9)]
    services.seal_seed(window, actor=SYSTEM)
    for n, one in enumerate(students):
        services.store_wishes(window, one.pk, [places[(n + k) % 3].pk for k in range(2)])
    Round.objects.filter(pk=window.pk).update(closes_at=timezone.now())
    window.refresh_from_db()
    services.draw(window, actor=SYSTEM)
    return window, students, places


@pytest.mark.django_db
class TestDraw:
    def test_anybody_gets_the_same_result(self, drawn):
        window, *_ = drawn
        rows = window.wishes.values_list("rank", "student__number", "place__number")
        lines = "\n".join([window.seed, *(f"{rank} {one} {section}" for rank, one, section in rows)])

        said = subprocess.run(
            [sys.executable, "-c", INDEPENDENT], input=lines, capture_output=True, text=True, check=True
        ).stdout

        held = Enrolment.objects.values_list("student__number", "place__number")
        assert said.split("\n")[:-1] == sorted(f"{one} {section}" for one, section in held)

    def test_the_seed_is_the_one_that_was_sealed_and_everybody_has_a_receipt(self, drawn):
        window, *_ = drawn

        assert hashlib.sha256(window.seed.encode()).hexdigest() == window.seed_digest
        assert Counter(Decision.objects.values_list("verb", "outcome")) == {
            ("draw", "granted"): 6, ("draw", "refused"): 12,
        }  # fmt: skip

    def test_it_is_drawn_once(self, drawn):
        with pytest.raises(Refused, match="已经抽过"):
            services.draw(drawn[0], actor=SYSTEM)


@pytest.mark.django_db
class TestWishes:
    def test_refused_in_words(self, window, student, place):
        Round.objects.filter(pk=window.pk).update(kind=Round.Kind.LOTTERY)
        film, one = place(sex="2"), student()

        with pytest.raises(Refused, match="只收女生"):
            services.store_wishes(window, one.pk, [film.pk])
        with pytest.raises(Refused, match="一个志愿"):
            services.store_wishes(window, one.pk, [film.pk, film.pk])

    def test_not_before_the_end(self, window, student):
        Round.objects.filter(pk=window.pk).update(kind=Round.Kind.LOTTERY)
        window.refresh_from_db()
        services.seal_seed(window, actor=SYSTEM)

        with pytest.raises(Refused, match="还没有截止"):
            services.draw(window, actor=SYSTEM)
