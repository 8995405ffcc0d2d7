from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from yanta.kernel.base import Refused
from yanta.kernel.base.refused import NotAllowed, OutOfScope
from yanta.kernel.testing import published
from yanta.kernel.testing.factories import PersonFactory
from yanta.kernel.testing.rows import RowMaker
from yanta.systems.leave import events, services
from yanta.systems.leave.models import Leave


@pytest.fixture
def make(college):
    maker = RowMaker(person=lambda unit: PersonFactory(home_unit=unit))

    def make(days=2, unit=college, **changes):
        start = timezone.localdate()
        values = (
            maker.values(Leave, unit)
            | {"starts_on": start, "ends_on": start + timedelta(days=days - 1)}
            | changes
        )
        return Leave.objects.create(**values)

    return make


@pytest.fixture
def counsellor(acting, college):
    return acting("counsellor", college)


@pytest.fixture
def dean(acting, college):
    return acting("head", college)


class TestEndorse:
    def test_a_short_leave_is_granted_at_once(self, make, counsellor):
        leave = make(days=3)

        services.endorse(leave, actor=counsellor, opinion="同意")

        assert leave.status == Leave.Status.GRANTED
        assert leave.decided_by == counsellor.name
        assert published(events.LeaveDecided) == [events.LeaveDecided(leave_id=leave.pk, granted=True)]

    def test_a_long_leave_goes_on_to_the_college(self, make, counsellor, dean):
        leave = make(days=5)

        services.endorse(leave, actor=counsellor, opinion="同意")
        assert leave.status == Leave.Status.ENDORSED
        services.grant(leave, actor=dean, opinion="同意")

        assert leave.status == Leave.Status.GRANTED

    def test_another_colleges_counsellor_is_refused(self, make, acting, other_college):
        leave = make()

        with pytest.raises(OutOfScope):
            services.endorse(leave, actor=acting("counsellor", other_college), opinion="同意")

        leave.refresh_from_db()
        assert leave.status == Leave.Status.SUBMITTED

    def test_a_student_may_not_decide(self, make, student_actor):
        with pytest.raises(NotAllowed):
            services.endorse(make(), actor=student_actor, opinion="同意")


class TestWithdraw:
    def test_only_ones_own_and_only_before_the_decision(self, make, acting, college):
        leave = make()
        owner = acting("student", college, person=leave.student.person)

        services.withdraw(leave, actor=owner)
        assert leave.status == Leave.Status.WITHDRAWN

        decided = make(status=Leave.Status.GRANTED)
        with pytest.raises(Refused, match="不能撤回"):
            services.withdraw(decided, actor=acting("student", college, person=decided.student.person))

    def test_somebody_elses_is_out_of_scope(self, make, student_actor):
        with pytest.raises(OutOfScope):
            services.withdraw(make(), actor=student_actor)


def test_two_leaves_cannot_cover_the_same_day(make):
    first = make(days=3)

    with pytest.raises(IntegrityError), transaction.atomic():
        make(days=1, student=first.student)

    first.status = Leave.Status.WITHDRAWN
    first.save()
    assert make(days=1, student=first.student).pk
