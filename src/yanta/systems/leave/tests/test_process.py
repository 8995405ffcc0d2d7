"""A leave on its way: whom it asks, by whichever door it is decided."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from yanta.kernel import workflow
from yanta.kernel.base import Refused
from yanta.kernel.testing import published
from yanta.kernel.testing.factories import OrgUnitFactory, PersonFactory
from yanta.kernel.testing.rows import RowMaker
from yanta.kernel.workflow.models import Instance, WorkItem
from yanta.masterdata.models import Student
from yanta.systems.leave import events, rules, services
from yanta.systems.leave.models import Leave


@pytest.fixture
def student(college):
    person = PersonFactory(home_unit=college, name="王同学")
    maker = RowMaker(person=lambda unit: person)
    row = maker.make(Student, college)
    Student.objects.filter(pk=row.pk).update(status="01")
    return row


@pytest.fixture
def applicant(student, acting, college):
    return acting("student", college, person=student.person)


@pytest.fixture
def counsellor(acting, college):
    return acting("counsellor", college, name="张辅导员")


@pytest.fixture
def head(acting, college):
    return acting("head", college)


@pytest.fixture
def affairs(acting, school):
    return acting("clerk", OrgUnitFactory(parent=school, name="学生工作部", short_name="学工部"))


def asked(applicant, *, days=2):
    begin = timezone.localdate() + timedelta(days=3)
    return services.ask(
        actor=applicant, kind=Leave.Kind.PRIVATE, starts_on=begin, ends_on=begin + timedelta(days=days - 1), destination="西安市碑林区",
        reason="家中有事", contact="母亲 13800000000",
    )  # fmt: skip


def item_of(actor):
    return WorkItem.objects.get(person_id=actor.person_id, state=WorkItem.State.TODO)


class TestChain:
    def test_up_to_three_days_the_counsellor_decides(self, applicant, counsellor, head):
        leave = asked(applicant, days=3)

        workflow.act(item_of(counsellor), "approve", actor=counsellor, opinion="注意安全")

        leave.refresh_from_db()
        assert (leave.status, leave.opinion, leave.decided_by) == ("granted", "注意安全", "张辅导员")
        assert workflow.instance_of(leave).outcome == "granted"
        assert published(events.LeaveDecided) == [events.LeaveDecided(leave_id=leave.pk, granted=True)]

    def test_beyond_a_week_three_decide_one_after_the_other(self, applicant, counsellor, head, affairs):
        leave = asked(applicant, days=8)

        for actor, status in ((counsellor, "endorsed"), (head, "cleared"), (affairs, "granted")):
            workflow.act(item_of(actor), "approve", actor=actor)
            leave.refresh_from_db()
            assert leave.status == status

    def test_returned_to_the_student_and_handed_in_again(self, applicant, counsellor, head):
        leave = asked(applicant, days=5)
        workflow.act(item_of(counsellor), "approve", actor=counsellor)

        workflow.act(item_of(head), "return", actor=head, opinion="去向写到区县", node="")
        leave.refresh_from_db()
        assert leave.status == "submitted"
        workflow.act(item_of(applicant), "approve", actor=applicant)

        assert item_of(counsellor).node == "counsellor"

    def test_mended_by_the_student_it_says_the_new_days(self, applicant, counsellor):
        leave = asked(applicant, days=2)
        later = leave.ends_on + timedelta(days=9)
        workflow.act(item_of(counsellor), "return", actor=counsellor, opinion="日期不对", node="")

        workflow.act(item_of(applicant), "approve", actor=applicant, values={"ends_on": later})

        leave.refresh_from_db()
        assert (leave.ends_on, leave.destination) == (later, "西安市碑林区")
        assert "11 天" in workflow.instance_of(leave).title

    def test_mended_to_days_that_the_regulation_refuses_it_stays_with_the_student(
        self, applicant, counsellor
    ):
        leave = asked(applicant, days=2)
        workflow.act(item_of(counsellor), "return", actor=counsellor, opinion="日期不对", node="")

        with pytest.raises(Refused):
            workflow.act(
                item_of(applicant),
                "approve",
                actor=applicant,
                values={"ends_on": leave.starts_on - timedelta(days=1)},
            )

        assert item_of(applicant).kind == WorkItem.Kind.RESUBMIT

    def test_what_comes_straight_back_is_decided_where_it_stood(self, applicant, counsellor, head):
        leave = asked(applicant, days=5)
        workflow.act(item_of(counsellor), "approve", actor=counsellor)
        workflow.act(item_of(head), "return", actor=head, opinion="去向写到区县", node="", how="straight")
        workflow.act(item_of(applicant), "approve", actor=applicant)

        workflow.act(item_of(head), "approve", actor=head)

        leave.refresh_from_db()
        assert leave.status == "granted"

    def test_the_counsellor_takes_the_word_back_before_the_college_has_spoken(
        self, applicant, counsellor, head
    ):
        leave = asked(applicant, days=5)
        first = item_of(counsellor)
        workflow.act(first, "approve", actor=counsellor)

        workflow.act(first, "withdraw", actor=counsellor)

        leave.refresh_from_db()
        assert leave.status == "submitted"
        assert item_of(counsellor).node == "counsellor"


class TestButtons:
    """The buttons of the record are the steps of the process."""

    def test_the_counsellors_button_moves_the_process(self, applicant, counsellor):
        leave = asked(applicant)

        services.endorse(leave, actor=counsellor, opinion="同意")

        assert leave.status == "granted"
        assert workflow.instance_of(leave).state == Instance.State.ENDED

    def test_whose_turn_it_is_not_is_told_who_has_it(self, applicant, counsellor, acting, college):
        leave = asked(applicant)

        with pytest.raises(Refused, match="张辅导员"):
            services.endorse(leave, actor=acting("counsellor", college))

        leave.refresh_from_db()
        assert leave.status == "submitted"

    def test_the_student_takes_it_back(self, applicant, counsellor):
        leave = asked(applicant)

        services.withdraw(leave, actor=applicant)

        assert leave.status == "withdrawn"
        assert workflow.instance_of(leave).outcome == "withdrawn"
        assert not WorkItem.objects.filter(state__in=WorkItem.OPEN).exists()

    def test_refused_with_a_reason_that_the_student_reads(self, applicant, counsellor):
        leave = asked(applicant)

        services.refuse(leave, actor=counsellor, opinion="考试周")

        assert (leave.status, leave.opinion) == ("refused", "考试周")


class TestAsking:
    def test_days_that_are_taken_are_named(self, applicant, counsellor):
        asked(applicant)

        with pytest.raises(Refused, match="已经有一次请假"):
            asked(applicant)

    def test_who_does_not_study_cannot(self, acting, college):
        with pytest.raises(Refused, match="在读学生"):
            asked(acting("student", college))


class TestNotBack:
    def test_student_then_counsellor_then_college_hear_once_each(self, student, counsellor, head, clock):
        today = date(2026, 11, 20)
        leave = Leave.objects.create(
            student=student, kind="private", starts_on=today - timedelta(days=5), ends_on=today - timedelta(days=2), destination="x",
            reason="x", contact="x", status="granted",
        )  # fmt: skip

        assert services.escalate(on=leave.ends_on + timedelta(days=1)) == 1
        assert services.escalate(on=leave.ends_on + timedelta(days=2)) == 2
        assert services.escalate(on=leave.ends_on + timedelta(days=2)) == 0
        assert services.escalate(on=leave.ends_on + timedelta(days=4)) == 2

    def test_nobody_hears_on_other_days(self):
        assert rules.heard_by(3) == ()
