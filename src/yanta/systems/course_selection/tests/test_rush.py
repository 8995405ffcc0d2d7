"""Many threads at once, on a real database: nothing oversold, nothing double, nothing lost."""

from __future__ import annotations

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import Count, Sum

from yanta.systems.course_selection.models import Decision, Enrolment, Pool, Sheet, Waiting
from yanta.systems.course_selection.services import Request, decide

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 12


def together(requests):
    def one(request):
        try:
            return decide(request)
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(one, requests))


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
