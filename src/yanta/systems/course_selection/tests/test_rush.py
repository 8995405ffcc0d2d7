"""Many threads at once, on a real database: nothing oversold, nothing double, nothing lost."""

from __future__ import annotations

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import Count, Sum

from yanta.systems.course_selection.models import Decision, Enrolment, Place, Pool, Sheet, Waiting
from yanta.systems.course_selection.services import Request, carrying, decide
from yanta.systems.offerings import public as offerings

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 12


def together(requests):
    return run_together([partial(decide, one) for one in requests])


def run_together(calls):
    def one(call):
        try:
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(one, calls))


def nothing_is_wrong():
    for pool in Pool.objects.annotate(n=Count("place__enrolments")):
        assert pool.taken == pool.n <= pool.capacity
    doubles = Enrolment.objects.values("student", "course").annotate(n=Count("pk")).filter(n__gt=1)
    assert not doubles.exists()
    for sheet in Sheet.objects.all():
        held = Enrolment.objects.filter(student=sheet.student_id).aggregate(n=Sum("course__credits"))["n"]
        assert sheet.credits == (held or 0) <= 10


def test_fifty_want_seven_seats(student, place, window):
    film = place(7)
    asked = [Request(student().pk, "take", film.pk, uuid4()) for _ in range(50)]

    answers = together([*asked, *asked])

    assert Counter(one.outcome for one in answers) == {"granted": 14, "refused": 86}
    assert answers[:50] == answers[50:]
    assert Decision.objects.count() == 50
    assert Enrolment.objects.count() == 7
    nothing_is_wrong()


def test_one_student_clicks_everything_at_once(student, place, window):
    clashing = [place(5, name=f"课{n}", times=[(1, 1, 2, "1-16")]) for n in range(6)]
    free = [place(5, name=f"自由{n}", points=4) for n in range(6)]
    one = student()

    together([Request(one.pk, "take", it.pk, uuid4()) for it in [*clashing, *free]])

    assert Enrolment.objects.filter(place__in=clashing).count() <= 1
    nothing_is_wrong()


def test_everything_mixed(student, place, window):
    draw = random.Random(7)
    places = [place(n, name=f"课{n}").pk for n in (2, 3, 5)]
    students = [student().pk for _ in range(30)]
    requests = []
    for _ in range(300):
        verb = draw.choice(["take", "take", "drop", "swap", "wait", "leave"])
        wanted, old = draw.sample(places, 2)
        requests.append(
            Request(draw.choice(students), verb, wanted, uuid4(), old_id=old if verb == "swap" else None)
        )

    answers = together(requests)

    kept = {one.pk: one.outcome for one in Decision.objects.all()}
    assert all(kept[one.decision_id] == one.outcome for one in answers)
    nothing_is_wrong()
    # Nobody waits beside a free seat.
    for pool in Pool.objects.all():
        assert pool.taken == pool.capacity or not Waiting.objects.filter(place=pool.place_id).exists()


def test_the_capacity_changes_while_everything_is_mixed(student, place, window, monkeypatch):
    """Raised and lowered over and over: never oversold, and in the end as many seats as the section holds or as are taken."""
    draw = random.Random(11)
    first, second = place(4), place(4, name="音乐")
    capacity = dict.fromkeys((first.section_id, second.section_id), 4)
    monkeypatch.setattr(
        offerings, "terms_of",
        lambda keys: {key: offerings.SectionTerms(capacity[key], "中文", None, (), ()) for key in keys},
    )  # fmt: skip
    students = [student().pk for _ in range(24)]

    def resized():
        section = draw.choice(list(capacity))
        capacity[section] = draw.randint(0, 9)
        carrying.carry_capacity(section)

    def asked():
        verb = draw.choice(["take", "take", "drop", "drop", "swap", "wait", "leave"])
        wanted, old = draw.sample([first.pk, second.pk], 2)
        decide(Request(draw.choice(students), verb, wanted, uuid4(), old_id=old if verb == "swap" else None))

    run_together([resized if n % 6 == 0 else asked for n in range(360)])
    for section, most in capacity.items():
        carrying.carry_capacity(section)
        film = Place.objects.get(section_id=section)
        pool = film.pools.get()
        assert pool.capacity == max(most, pool.taken)
        assert film.closing == max(0, pool.taken - most)
    nothing_is_wrong()


def test_leavers_at_once_close_as_many_seats_as_are_over_and_no_more(student, place, window, monkeypatch):
    film = place(12)
    people = [student().pk for _ in range(12)]
    together([Request(one, "take", film.pk, uuid4()) for one in people])
    said = offerings.SectionTerms(7, "中文", None, (), ())
    monkeypatch.setattr(offerings, "terms_of", lambda keys: dict.fromkeys(keys, said))
    carrying.carry_capacity(film.section_id)

    together([Request(one, "drop", film.pk, uuid4()) for one in people[:8]])

    film.refresh_from_db()
    assert (film.closing, film.pools.get().capacity, film.pools.get().taken) == (0, 7, 4)
