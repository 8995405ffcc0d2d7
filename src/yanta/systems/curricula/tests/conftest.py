"""A programme with a plan that keeps every rule."""

from __future__ import annotations

from decimal import Decimal

import pytest

from yanta.kernel.testing.factories import PersonFactory
from yanta.kernel.testing.rows import RowMaker
from yanta.masterdata.models import Course, Programme, Student
from yanta.systems.curricula.models import Group, Plan, PlanCourse


@pytest.fixture
def maker():
    return RowMaker(person=lambda unit: PersonFactory(home_unit=unit))


@pytest.fixture
def programme(maker, college):
    return maker.make(Programme, college)


@pytest.fixture
def course(maker, college):
    def made(name="课程", points=2, **changes):
        values = maker.values(Course, college) | {"name": name, "credits": Decimal(points), "is_open": True}
        return Course.objects.create(**(values | changes))

    return made


@pytest.fixture
def plan(programme, course):
    """Two required courses of 3 credits, and 2 of 4 elective credits: 8 in all."""
    plan = Plan.objects.create(programme=programme, grade=2026, credits=8)
    required = Group.objects.create(plan=plan, code="R", name="必修", position=1)
    elective = Group.objects.create(
        plan=plan, code="E", name="选修", position=2, need="some", minimum_credits=2
    )
    for number, name in enumerate(("数学", "物理"), start=1):
        PlanCourse.objects.create(group=required, course=course(name, 3), credits=3, term_number=number)
    for name in ("茶文化", "摄影"):
        PlanCourse.objects.create(group=elective, course=course(name), credits=2, term_number=3)
    return plan


@pytest.fixture
def student(maker, college, programme):
    values = maker.values(Student, college) | {"programme": programme, "grade": 2026, "status": "01"}
    return Student.objects.create(**values)


@pytest.fixture
def registry(acting, school):
    """A clerk of the department that owns the plans."""
    from yanta.kernel.testing.factories import OrgUnitFactory

    return acting("clerk", OrgUnitFactory.create(parent=school, code="2010", name="教务处", kind="office"))
