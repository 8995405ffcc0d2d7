from datetime import UTC, date, datetime, timedelta

import pytest

from yanta.kernel.access.events import RightsChanged
from yanta.kernel.access.models import RoleGrant
from yanta.kernel.identity.models import Account, Session
from yanta.kernel.testing import published
from yanta.kernel.testing.factories import AccountFactory, PersonFactory, RoleGrantFactory
from yanta.kernel.testing.rows import RowMaker
from yanta.masterdata import rules, services
from yanta.masterdata.models import AdminClass, StaffMember, Student

TODAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


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


class TestLifeCycle:
    """One account through a life: its id stays, what it may do follows the facts."""

    def state(self, person):
        return Account.objects.get(person=person)

    def test_who_graduates_becomes_an_alumnus_with_the_same_account(self, student):
        before = self.state(student.person)
        services.follow_facts(on=TODAY)
        Student.objects.filter(pk=student.pk).update(status="07")

        services.follow_facts(on=TODAY + timedelta(days=1))

        assert [(role, until) for role, _, until in rights()] == [("student", TODAY), ("alumnus", None)]
        after = self.state(student.person)
        assert (after.pk, after.state, after.ends_on) == (before.pk, Account.State.ACTIVE, None)

    def test_who_takes_a_break_stays_a_student_and_the_reason_says_so(self, student):
        Student.objects.filter(pk=student.pk).update(status="02")

        services.follow_facts(on=TODAY)

        assert rights() == [("student", f"因{student.department.name}休学，保留学籍", None)]

    def test_who_leaves_has_a_time_of_grace_then_the_account_closes_and_its_sessions_end(
        self, college, maker
    ):
        member = maker.make(StaffMember, college)
        services.follow_facts(on=TODAY)
        StaffMember.objects.filter(pk=member.pk).update(status=StaffMember.Status.LEFT)
        later = TODAY + timedelta(days=1)

        assert services.follow_facts(on=later).accounts_ended == 0
        account = self.state(member.person)
        assert (account.ends_on, account.state) == (later + rules.GRACE, Account.State.ACTIVE)
        assert services.follow_facts(on=later + rules.GRACE).accounts_ended == 0
        Session.objects.create(account=account, key_digest="x", seen_at=NOW, expires_at=NOW, ends_at=NOW)
        assert services.follow_facts(on=later + rules.GRACE + timedelta(days=1)).accounts_ended == 1
        account = self.state(member.person)
        assert (account.state, account.state_reason) == (Account.State.CLOSED, services.OVER)
        assert not account.sessions.exists()

    def test_who_is_taken_on_again_finds_the_same_account_open(self, college, maker):
        member = maker.make(StaffMember, college)
        services.follow_facts(on=TODAY)
        StaffMember.objects.filter(pk=member.pk).update(status=StaffMember.Status.LEFT)
        services.follow_facts(on=TODAY + timedelta(days=1))
        services.follow_facts(on=TODAY + timedelta(days=60))
        closed = self.state(member.person)
        StaffMember.objects.filter(pk=member.pk).update(status=StaffMember.Status.ACTIVE)

        done = services.follow_facts(on=TODAY + timedelta(days=90))

        assert (closed.state, done.accounts_reopened) == (Account.State.CLOSED, 1)
        again = self.state(member.person)
        assert (again.pk, again.state, again.state_reason) == (closed.pk, Account.State.ACTIVE, "")

    def test_an_expulsion_takes_effect_on_its_day(self, student):
        services.follow_facts(on=TODAY)
        Student.objects.filter(pk=student.pk).update(status="14")

        assert services.follow_facts(on=TODAY + timedelta(days=1)).accounts_ended == 1

    def test_who_was_given_a_role_by_hand_keeps_the_account(self, college, maker):
        member = maker.make(StaffMember, college)
        services.follow_facts(on=TODAY)
        account = self.state(member.person)
        RoleGrantFactory(account=account, role="clerk", org_unit=college, valid_from=TODAY)
        StaffMember.objects.filter(pk=member.pk).update(status=StaffMember.Status.LEFT)

        services.follow_facts(on=TODAY + timedelta(days=1))

        assert self.state(member.person).ends_on is None

    def test_a_lock_by_people_is_not_opened_by_facts(self, student):
        Account.objects.filter(person=student.person).update(state=Account.State.LOCKED)

        services.follow_facts(on=TODAY)

        assert self.state(student.person).state == Account.State.LOCKED

    @pytest.mark.django_db
    def test_a_person_without_any_fact_yet_waits(self):
        person = AccountFactory(person=PersonFactory()).person

        services.follow_facts(on=TODAY)

        assert self.state(person).ends_on is None


class TestChanges:
    def test_a_move_changes_the_rights_of_that_person_alone(self, college, other_college, maker):
        member, other = maker.make(StaffMember, college), maker.make(StaffMember, college)
        services.follow_changes(on=TODAY)
        assert services.follow_changes(on=TODAY) is None
        StaffMember.objects.filter(pk=member.pk).update(department=other_college)

        done = services.follow_changes(on=TODAY + timedelta(days=1))

        assert (done.due, done.new, done.ended) == (1, 1, 1)
        account = Account.objects.get(person=member.person)
        kept = account.grants.order_by("pk").values_list("org_unit__name", "valid_to")
        assert list(kept) == [(college.name, TODAY), (other_college.name, None)]
        assert published()[-1] == RightsChanged(account_ids=(account.pk,))
        assert Account.objects.get(person=other.person).grants.get().valid_to is None

    def test_a_class_that_changes_hands_changes_both_counsellors(self, college, maker):
        first, second = maker.make(StaffMember, college), maker.make(StaffMember, college)
        admin_class = maker.make(AdminClass, college)
        AdminClass.objects.filter(pk=admin_class.pk).update(counsellor=first, grade=2024)
        services.follow_changes(on=TODAY)
        AdminClass.objects.filter(pk=admin_class.pk).update(counsellor=second)

        services.follow_changes(on=TODAY + timedelta(days=1))

        held = RoleGrant.objects.filter(role="counsellor").order_by("pk")
        assert [(one.account.person, one.valid_to) for one in held] == [
            (first.person, TODAY),
            (second.person, None),
        ]
        assert held[1].reason == f"因担任{college.name}2024级辅导员"

    def test_a_deleted_employment_ends_its_right(self, college, maker):
        member = maker.make(StaffMember, college)
        services.follow_changes(on=TODAY)
        member.delete()

        assert services.follow_changes(on=TODAY + timedelta(days=1)).ended == 1
