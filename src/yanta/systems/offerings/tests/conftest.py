"""A term, two classes of one cohort, and a plan in force that asks for two courses in it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from yanta.kernel.base import Actor
from yanta.kernel.testing.factories import OrgUnitFactory, PersonFactory
from yanta.kernel.testing.rows import RowMaker
from yanta.masterdata.models import AdminClass, Course, Programme, Room, StaffMember, Student, Term
from yanta.systems.curricula.tests import factories as plans
from yanta.systems.offerings import services
from yanta.systems.offerings.models import Season, TeachingRoom


@pytest.fixture
def maker():
    return RowMaker(person=lambda unit: PersonFactory(home_unit=unit))


@pytest.fixture
def registry(acting, school):
    return acting("clerk", OrgUnitFactory.create(parent=school, code="2010", name="教务处", kind="office"))


@pytest.fixture
def term(db):
    return Term.objects.create(
        code="2026-2027-1", name="2026-2027 学年第一学期", academic_year="2026-2027", half="1", starts_on="2026-09-07",
        ends_on="2027-01-24", teaching_weeks=18,
    )  # fmt: skip


@pytest.fixture
def cohort(maker, college):
    """A programme with two classes of 30 and 25 students, and its plan in force."""
    programme = maker.make(Programme, college)
    for number, size in ((1, 30), (2, 25)):
        values = maker.values(AdminClass, college) | {
            "code": f"C{number}",
            "programme": programme,
            "grade": 2026,
        }
        group = AdminClass.objects.create(**values)
        for _ in range(size):
            enrol(maker, college, group)
    taught: dict[int, list[Course]] = {}
    for name, kind, hours, number in (
        ("数学", "1", 48, 1),
        ("物理实验", "3", 32, 1),
        ("后来的课", "1", 32, 2),
    ):
        values = maker.values(Course, college) | {
            "name": name, "credits": Decimal(2), "hours": hours, "kind": kind, "is_open": True,
        }  # fmt: skip
        taught.setdefault(number, []).append(Course.objects.create(**values))
    plans.plan_in_force(programme, taught)
    return programme


def enrol(maker, college, group):
    values = maker.values(Student, college)
    return Student.objects.create(
        **values | {"admin_class": group, "programme": group.programme, "grade": 2026, "status": "01"}
    )


@pytest.fixture
def season(term, cohort):
    season = Season.objects.create(term=term, largest_class=60, largest_lab=40)
    services.generate(season, actor=Actor.system("test"))
    return season


@pytest.fixture
def teacher(maker, college):
    def made(**changes):
        return StaffMember.objects.create(**(maker.values(StaffMember, college) | changes))

    return made


@pytest.fixture
def rooms(maker, college):
    for kind, seats in (("media", 90), ("lab", 45)):
        TeachingRoom.objects.create(room=maker.make(Room, college), kind=kind, capacity=seats)


@pytest.fixture
def ready(season, teacher, rooms):
    """The season with a teacher in every section."""
    from yanta.systems.offerings.models import Section, Teaching

    for section in Section.objects.filter(offering__season=season):
        Teaching.objects.create(section=section, teacher=teacher(), share=1)
    return season
