from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from yanta.kernel import workflow
from yanta.kernel.base import Refused
from yanta.kernel.base.refused import NotAllowed
from yanta.kernel.testing import published
from yanta.kernel.testing.factories import OrgUnitFactory
from yanta.kernel.workflow.models import WorkItem
from yanta.masterdata.models import StaffMember
from yanta.systems.timetables import public as timetables
from yanta.systems.trips import events, services
from yanta.systems.trips.models import Allowance, Trip


@pytest.fixture
def teacher(college, acting):
    actor = acting("teacher", college, name="赵老师")
    StaffMember.objects.create(number="T900", person_id=actor.person_id, department=college)
    return actor


@pytest.fixture
def head(college, acting):
    return acting("head", college)


@pytest.fixture
def leader(acting):
    return acting("leader")


@pytest.fixture
def beijing(db):
    return Allowance.objects.create(place="北京市", first=1100, second=650, third=500, source="样例")


@pytest.fixture
def ask(teacher, beijing):
    def make(**more):
        start = timezone.localdate() + timedelta(days=5)
        given = {
            "actor": teacher, "kind": "meeting", "purpose": "参加年会", "starts_on": start, "ends_on": start + timedelta(days=2),
            "allowance": beijing, "place": "国家会议中心", "budget": "学院运行经费", "fare": Decimal(1030),
        }  # fmt: skip
        return services.ask(**(given | more))

    return make


def item_of(actor):
    return WorkItem.objects.get(person_id=actor.person_id, state=WorkItem.State.TODO)


class TestApproval:
    def test_within_the_units_limit_the_unit_decides(self, ask, head):
        trip = ask()
        assert trip.estimate == 2 * 500 + 3 * 180 + 1030

        workflow.act(item_of(head), "approve", actor=head)

        trip.refresh_from_db()
        assert trip.status == "granted"
        assert [one.trip_id for one in published(events.TripGranted)] == [trip.pk]

    def test_above_it_the_school_too(self, ask, head, leader):
        trip = ask(ends_on=timezone.localdate() + timedelta(days=14))
        workflow.act(item_of(head), "approve", actor=head)
        trip.refresh_from_db()
        assert trip.status == "endorsed"

        workflow.act(item_of(leader), "approve", actor=leader)

        trip.refresh_from_db()
        assert trip.status == "granted"

    def test_abroad_is_countersigned_before_the_school_decides(self, ask, head, leader, acting, school):
        hr = acting("clerk", OrgUnitFactory(parent=school, name="人事处"))
        start = timezone.localdate() + timedelta(days=40)
        trip = ask(allowance=None, country="840", starts_on=start, ends_on=start + timedelta(days=4))

        for actor in (head, hr, leader):
            workflow.act(item_of(actor), "approve", actor=actor)

        trip.refresh_from_db()
        assert trip.status == "granted"


class TestAsking:
    def test_at_home_or_abroad_and_not_both(self, ask):
        with pytest.raises(Refused, match="只填一个"):
            ask(country="840")

    def test_not_twice_on_one_day(self, ask, head):
        ask()

        with pytest.raises(Refused, match="已有一次出差"):
            ask()

    def test_who_has_classes_says_what_becomes_of_them(self, ask, head, monkeypatch):
        lesson = timetables.ClassOn(date(2026, 11, 27), 13, "数据结构", "X-01", 3, 4, "1J01-101", 7)
        monkeypatch.setattr(timetables, "classes_between", lambda *_: [lesson])

        with pytest.raises(Refused, match="1 次课"):
            ask()
        assert ask(handover="与钱老师对调").clashes == 1

    def test_students_do_not_travel_on_business(self, ask, student_actor):
        with pytest.raises(NotAllowed):
            ask(actor=student_actor)


class TestReport:
    def test_what_was_spent_beyond_the_standard_is_said(self, ask, head, teacher):
        trip = ask()
        services.endorse(trip, actor=head)
        Trip.objects.update(
            starts_on=timezone.localdate() - timedelta(days=3),
            ends_on=timezone.localdate() - timedelta(days=1),
        )
        trip.refresh_from_db()

        services.report_back(
            trip,
            actor=teacher,
            on=timezone.localdate() - timedelta(days=1),
            spent=Decimal(3000),
            report="报告一次",
        )

        assert trip.status == "reported"
        assert "超出标准 430.00 元" in trip.report
