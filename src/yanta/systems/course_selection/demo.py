"""A round of this term that is open now, with requests of every outcome, and a lottery that was drawn."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.utils import timezone

from yanta.kernel.base import Actor
from yanta.masterdata.models import StaffMember, Student, Term
from yanta.systems.course_selection import services
from yanta.systems.course_selection.models import Place, Pool, Round, SectionTime
from yanta.systems.course_selection.rules.wishing import Wanted
from yanta.systems.course_selection.services import timing
from yanta.systems.offerings import public as offerings

SYSTEM = Actor.system("demo")
PLACES, TIGHT = 60, 3
CHOOSING = 28  # so many students try for the section of the visiting teacher
SLOTS = [(day, first) for day in range(1, 6) for first in (1, 3, 5, 7, 9)]


def fill(today: date) -> None:
    """Next term's sections, where they are prepared."""
    term = _next_term(today)
    teaching = offerings.teaching_of(term.pk) if term else None
    if term is None or teaching is None:
        return
    draw = random.Random(31)  # noqa: S311 - reproducible sample data
    electives = [one for one in teaching.sections if one.is_elective] or list(teaching.sections)
    chosen = tuple(electives[:: max(1, len(electives) // PLACES)][:PLACES])
    services.offer(
        term.pk, replace(teaching, sections=chosen),
        only_electives=False,
    )  # fmt: skip
    places = list(Place.objects.filter(term=term).order_by("number"))
    timing.follow_timetable(term.pk)
    _times([one for one in places if not one.times.exists()], draw)
    for place in places[:TIGHT]:
        Pool.objects.filter(place=place, programme=None, grade=None).update(capacity=15)
    students = list(
        Student.objects.filter(left_on=None, grade__isnull=False).order_by("number")[: 5 * len(places)]
    )
    _lottery(term, today, places, students[: 2 * len(places)], draw)
    _rush(term, today, places, students, draw)


def _times(places: list[Place], draw: random.Random) -> None:
    """Those that the demo's timetable has not placed."""
    for place in places:
        day, first = draw.choice(SLOTS)
        SectionTime.objects.create(
            place=place,
            weekday=day,
            first_period=first,
            last_period=first + 1,
            weeks=draw.choice(["1-16", "1-15单"]),
        )


def _at(day: date, hour: int) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour)))


def _lottery(
    term: Term, today: date, places: list[Place], students: list[Student], draw: random.Random
) -> None:
    """Open for a moment, so that wishes may be stored; then closed and drawn."""
    window = Round.objects.create(
        term=term, name="预选", kind=Round.Kind.LOTTERY, opens_at=_at(today - timedelta(days=9), 9), closes_at=_at(today + timedelta(days=1), 17)
    )  # fmt: skip
    services.seal_seed(window, actor=SYSTEM)
    for student in students:
        keys = [one.pk for one in draw.sample(places[:20], 3)]
        if not services.refusals(student.pk, keys, verb="wish"):
            services.store_wishes(window, student.pk, [Wanted(key) for key in keys])
    Round.objects.filter(pk=window.pk).update(closes_at=_at(today - timedelta(days=7), 17))
    window.refresh_from_db()
    services.draw(window, actor=SYSTEM)


def _rush(term: Term, today: date, places: list[Place], students: list[Student], draw: random.Random) -> None:
    Round.objects.create(
        term=term,
        name="正选",
        opens_at=_at(today - timedelta(days=1), 0),
        closes_at=_at(today + timedelta(days=13), 17),
    )
    for student in students:
        for place in draw.sample(places[:TIGHT], 1) + draw.sample(places, 2):
            asked = services.Request(student.pk, "take", place.pk, UUID(int=draw.getrandbits(128)))
            if services.decide(asked).code in ("full", "queue") and draw.random() < 0.2:
                services.decide(
                    services.Request(student.pk, "wait", place.pk, UUID(int=draw.getrandbits(128)))
                )


def _next_term(today: date) -> Term | None:
    return Term.objects.filter(starts_on__gt=today).order_by("starts_on").first()


def settle(today: date) -> None:
    """The teacher whom a visitor signs in as is known only now: a section of theirs may be chosen, and is."""
    term = _next_term(today)
    teaching = offerings.teaching_of(term.pk) if term else None
    visitor = StaffMember.objects.filter(person__account__username="teacher").first()
    if term is None or teaching is None or visitor is None:
        return
    own = offerings.taught_by([visitor.pk])
    mine = tuple(one for one in teaching.sections if one.id in own)
    services.offer(term.pk, replace(teaching, sections=mine), only_electives=False)
    draw = random.Random(37)  # noqa: S311 - reproducible sample data
    for place in Place.objects.filter(term=term, section_id__in=own).order_by("number"):
        if not place.times.exists():
            _times([place], draw)
        _choose(place, next(one for one in mine if one.id == place.section_id), draw)


def _choose(place: Place, section: offerings.SectionView, draw: random.Random) -> None:
    """Students of its classes first, then whoever else may have it."""
    here = Student.objects.filter(left_on=None, grade__isnull=False).order_by("number")
    keys = list(here.filter(admin_class__in=section.classes).values_list("pk", flat=True))
    keys += here.exclude(pk__in=keys).values_list("pk", flat=True)[:CHOOSING]
    for key in keys[:CHOOSING]:
        services.decide(services.Request(key, "take", place.pk, UUID(int=draw.getrandbits(128))))
