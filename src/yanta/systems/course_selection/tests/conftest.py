"""A term with an open window, students, and places with seats and times."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from yanta.kernel.testing.factories import PersonFactory
from yanta.kernel.testing.rows import RowMaker
from yanta.masterdata.models import Course, Programme, Student, Term
from yanta.systems.course_selection.models import Place, Pool, Round, SectionTime
from yanta.systems.course_selection.services import Request, decide


@pytest.fixture
def maker():
    return RowMaker(person=lambda unit: PersonFactory(home_unit=unit, sex="1"))


@pytest.fixture
def term(db):
    return Term.objects.create(
        code="2026-2027-1", name="2026-2027 学年第一学期", academic_year="2026-2027", half="1", starts_on="2026-09-07",
        ends_on="2027-01-24", teaching_weeks=18,
    )  # fmt: skip


@pytest.fixture
def window(term):
    now = timezone.now()
    return Round.objects.create(
        term=term,
        name="正选",
        opens_at=now - timedelta(hours=1),
        closes_at=now + timedelta(days=2),
        most_credits=10,
    )


@pytest.fixture
def programme(maker, college):
    return maker.make(Programme, college)


@pytest.fixture
def student(maker, college, programme):
    def made(**changes):
        values = maker.values(Student, college) | {"programme": programme, "grade": 2026} | changes
        return Student.objects.create(**values)

    return made


@pytest.fixture
def place(maker, college, term):
    def made(seats=1, *, name="电影欣赏", points=2, times=(), course=None, **changes):
        course = course or Course.objects.create(
            **maker.values(Course, college) | {"name": name, "credits": points}
        )
        found = Place.objects.create(
            **maker.values(Place, college) | {"term": term, "course": course, **changes}
        )
        Pool.objects.create(place=found, capacity=seats)
        for day, first, last, weeks in times:
            SectionTime.objects.create(
                place=found, weekday=day, first_period=first, last_period=last, weeks=weeks
            )
        return found

    return made


@pytest.fixture
def ask(window):
    def asked(student, verb, place, old=None, key=None):
        return decide(Request(student.pk, verb, place.pk, key or uuid4(), old_id=old.pk if old else None))

    return asked
