"""The demo school's visiting teacher has a class list to look at."""

from datetime import date

import pytest

from yanta.kernel.identity.models import Account
from yanta.masterdata.models import AdminClass, Course, StaffMember
from yanta.systems.course_selection import demo, queries
from yanta.systems.course_selection.models import Enrolment, Place
from yanta.systems.offerings import public as offerings

BEFORE = date(2026, 8, 20)


@pytest.fixture
def visitor(acting, maker, college):
    found = acting("teacher", college)
    Account.objects.filter(person=found.person_id).update(username="teacher")
    return StaffMember.objects.create(**maker.values(StaffMember, college) | {"person_id": found.person_id})


@pytest.fixture
def section(monkeypatch, maker, college, visitor, term):
    """The visitor teaches one section, of one class."""
    course, group = Course.objects.create(**maker.values(Course, college)), maker.make(AdminClass, college)
    one = offerings.SectionView(
        7, "(2026-2027-1)-S-01", course.pk, course.name, college.pk, False, 40, 40, None, "中文", {group.pk: 40},
        {visitor.pk: 1}, (),
    )  # fmt: skip
    taught = offerings.TermTeaching(term.pk, True, (one,), (), (), (), ())
    monkeypatch.setattr(offerings, "teaching_of", lambda term_id: taught)
    monkeypatch.setattr(offerings, "taught_by", lambda staff: {7} if visitor.pk in list(staff) else set())
    return group


def test_the_visitor_has_a_section_that_students_chose(section, visitor, term, window, student):
    other, mine = student(number="20260001"), student(number="20260002", admin_class=section)

    demo.settle(BEFORE)

    (place,) = Place.objects.all()
    assert place.times.exists()
    assert [one.student for one in queries.roster_of(place)] == [other, mine]
    assert Enrolment.objects.order_by("pk").first().student == mine


def test_without_a_visitor_nothing_is_added(term):
    demo.settle(BEFORE)

    assert not Place.objects.exists()
