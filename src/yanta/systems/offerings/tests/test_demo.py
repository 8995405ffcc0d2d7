"""The demo data of both systems on a small school: plans that could be submitted, a term that could be locked."""

import datetime
from collections import Counter
from decimal import Decimal
from importlib import import_module

import pytest
from django.apps import apps

from yanta.kernel.organisation.models import OrgUnit
from yanta.masterdata.models import AdminClass, Course, Programme, Room, Student, Term
from yanta.systems.offerings import demo
from yanta.systems.offerings.models import Need, Season, Section, SectionClass, Teaching

TODAY = datetime.date(2026, 11, 20)
# No system imports another's insides, so the two meet here by name.
plans_demo, sheets = (import_module(f"yanta.systems.curricula.{name}") for name in ("demo", "queries.sheets"))
Plan, CreditRecord = (apps.get_model("curricula", name) for name in ("Plan", "CreditRecord"))


@pytest.fixture
def small_school(maker, college, term):
    OrgUnit.objects.filter(pk=college.pk).update(code=plans_demo.COLLEGE)
    values = maker.values(Programme, college) | {"code": "0601", "level": "3", "years": 4}
    programme = Programme.objects.create(**values)
    names = [("G00001", "高等数学"), ("G00004", "大学物理"), ("G00003", "概率论与数理统计")]
    names += [(f"Z0601{n:02d}", f"专业课{n}") for n in range(1, 13)]
    for code, name in names:
        Course.objects.create(
            code=code, name=name, department=college, credits=Decimal(2), hours=32, kind="1", nature="1"
        )
    Term.objects.create(
        code="2026-2027-2",
        name="第二学期",
        academic_year="2026-2027",
        half="2",
        starts_on="2027-03-01",
        ends_on="2027-07-18",
    )
    for grade in (2025, 2026):
        values = maker.values(AdminClass, college) | {"programme": programme, "grade": grade}
        group = AdminClass.objects.create(**values)
        for _ in range(5):
            values = maker.values(Student, college)
            Student.objects.create(
                **values
                | {"admin_class": group, "programme": programme, "grade": grade, "status": "01", "level": "3"}
            )
    Room.objects.create(**maker.values(Room, college) | {"use": "111", "seats": 60})
    return programme


def test_plans_and_terms_are_plausible(small_school):
    plans_demo.fill(TODAY)
    demo.fill(TODAY)
    plans_demo.settle(TODAY)
    demo.settle(TODAY)

    assert set(Plan.objects.values_list("status", flat=True)) == {"published", "draft"}
    for plan in Plan.objects.filter(kind="major"):
        assert [one.text for one in sheets.problems_of(sheets.sheet_of(plan)) if one.stops] == []
    now, after = Season.objects.order_by("term__starts_on")
    assert (now.status, after.status) == ("locked", "confirming")
    assert Need.objects.exists()
    assert Section.objects.count() <= SectionClass.objects.count()
    assert not Teaching.objects.exists()
    assert CreditRecord.objects.filter(student__grade=2025).exists()
    assert not CreditRecord.objects.filter(student__grade=2026).exists()


def test_an_empty_school_stays_empty(db):
    plans_demo.fill(TODAY)
    demo.fill(TODAY)
    plans_demo.settle(TODAY)
    demo.settle(TODAY)

    assert not Plan.objects.exists()


def test_colleagues_without_a_course_take_over_one_section_each(ready, college, teacher):
    OrgUnit.objects.filter(pk=college.pk).update(code=demo.COLLEGE)
    busy, other = teacher(), teacher()
    Teaching.objects.update(teacher=busy)
    first, second, *_ = Section.objects.order_by("number")
    Teaching.objects.filter(section=second).update(share=Decimal("0.5"))
    Teaching.objects.create(section=second, teacher=other, share=Decimal("0.5"))

    demo.settle(TODAY)

    held = Counter(Teaching.objects.exclude(teacher__in=[busy, other]).values_list("teacher", flat=True))
    assert set(held.values()) <= {1}
    assert set(Teaching.objects.filter(teacher=busy).values_list("section", flat=True)) == {
        first.pk,
        second.pk,
    }
