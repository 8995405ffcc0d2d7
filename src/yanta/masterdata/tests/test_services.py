from datetime import date, timedelta

import pytest

from yanta.kernel.access.models import RoleGrant
from yanta.kernel.testing.factories import AccountFactory, PersonFactory, RoleGrantFactory
from yanta.kernel.testing.rows import RowMaker
from yanta.masterdata import services
from yanta.masterdata.models import StaffMember, Student

TODAY = date(2026, 11, 20)


@pytest.fixture
def maker():
    return RowMaker(person=lambda unit: AccountFactory(person=PersonFactory(home_unit=unit)).person)


@pytest.fixture
def student(college, maker):
    return maker.make(Student, college)


def rights():
    return list(RoleGrant.objects.order_by("pk").values_list("role", "reason", "valid_to"))


def test_an_enrolment_gives_the_student_role_with_its_reason(student):
    done = services.follow_facts(on=TODAY)

    assert (done.due, done.new) == (1, 1)
    assert rights() == [("student", f"因{student.department.name}在读", None)]


def test_doing_it_again_changes_nothing(student):
    services.follow_facts(on=TODAY)

    done = services.follow_facts(on=TODAY)

    assert (done.new, done.reopened, done.ended, done.unchanged) == (0, 0, 0, 1)


def test_the_right_ends_with_the_fact_and_comes_back_with_it(student):
    services.follow_facts(on=TODAY)
    student.status = "07"
    student.save()

    assert services.follow_facts(on=TODAY + timedelta(days=3)).ended == 1
    assert rights()[0][2] == TODAY + timedelta(days=2)

    student.status = "05"
    student.save()
    assert services.follow_facts(on=TODAY + timedelta(days=9)).reopened == 1
    assert rights()[0][2] is None


def test_who_left_the_staff_loses_the_teachers_role(college, maker):
    member = maker.make(StaffMember, college)
    services.follow_facts(on=TODAY)
    StaffMember.objects.filter(pk=member.pk).update(status=StaffMember.Status.LEFT)

    assert services.follow_facts(on=TODAY + timedelta(days=1)).ended == 1


def test_what_people_gave_is_left_alone(student, college):
    given = RoleGrantFactory(role="clerk", org_unit=college, source=RoleGrant.Source.DELEGATION)

    services.follow_facts(on=TODAY)

    given.refresh_from_db()
    assert given.valid_to is None
