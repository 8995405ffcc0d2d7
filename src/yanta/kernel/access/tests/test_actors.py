from datetime import timedelta

import pytest
from django.utils import timezone

from yanta.kernel.access import services
from yanta.kernel.access.actors import actor_of
from yanta.kernel.access.models import RoleGrant
from yanta.kernel.base import Refused
from yanta.kernel.testing.factories import AccountFactory, OrgUnitFactory, RoleGrantFactory

VIEW = "access.rolegrant.view"
STUDENTS = "people.person.view"


@pytest.fixture
def account(db):
    return AccountFactory()


def actor(account, **options):
    account.refresh_from_db()
    return actor_of(account, **options)


class TestReach:
    def test_a_clerk_reaches_the_own_unit(self, account, college):
        RoleGrantFactory(account=account, role="clerk", org_unit=college)

        assert actor(account).reach(STUDENTS).paths == (college.path,)

    def test_a_clerk_of_the_owning_department_reaches_the_school(self, account, school):
        RoleGrantFactory(
            account=account,
            role="clerk",
            org_unit=OrgUnitFactory(parent=school, name="人力资源部", aliases="人事处"),
        )

        assert actor(account).reach(STUDENTS).everything

    def test_the_owner_writes_what_others_only_read(self, account, school, college):
        term = "masterdata.term.add"
        RoleGrantFactory(account=account, role="clerk", org_unit=college)
        assert not actor(account).may(term)

        RoleGrantFactory(account=account, role="clerk", org_unit=OrgUnitFactory(parent=school, name="教务处"))

        assert actor(account).reach(term).everything

    def test_acting_as_one_role_narrows_to_it(self, account, college):
        RoleGrantFactory(account=account, role="clerk", org_unit=college)
        RoleGrantFactory(account=account, role="teacher", org_unit=college)

        assert {grant.role for grant in actor(account, acting_as="teacher").grants} == {"teacher"}


class TestUntil:
    def test_a_grant_ends_with_its_last_day(self, account, college):
        today = timezone.localdate()
        grant = RoleGrantFactory(account=account, role="clerk", org_unit=college, valid_to=today)
        assert actor(account).may(STUDENTS)

        grant.valid_to = today - timedelta(days=1)
        grant.save()

        assert not actor(account).may(STUDENTS)

    def test_bulk_changes_are_seen_at_once(self, account, college):
        RoleGrantFactory(account=account, role="clerk", org_unit=college)
        assert actor(account).may(STUDENTS)

        RoleGrant.objects.filter(account=account).delete()

        assert not actor(account).may(STUDENTS)


class TestGrant:
    def test_gives_a_reason_that_can_be_read_out(self, account, college, engineer):
        given = services.grant(
            actor=engineer, account=account, role="counsellor", org_unit=college, reason="任命2026-8号"
        )

        assert [one.reason for one in actor(account).grants] == ["任命2026-8号"]
        assert given.valid_from == timezone.localdate()

    def test_an_unknown_role_is_refused(self, account, engineer):
        with pytest.raises(Refused, match="没有"):
            services.grant(actor=engineer, account=account, role="king", org_unit=None, reason="x")

    def test_one_gives_only_what_one_has(self, account, college, other_college, acting):
        guard = acting("security")

        with pytest.raises(Refused, match="只能授予"):
            services.grant(actor=guard, account=account, role="clerk", org_unit=college, reason="x")

    def test_withdrawing_ends_it_now(self, account, college, engineer):
        given = RoleGrantFactory(account=account, role="clerk", org_unit=college)

        services.withdraw(given, actor=engineer, reason="调离")

        assert not actor(account).may(STUDENTS)
        assert RoleGrant.objects.filter(pk=given.pk).exists()
