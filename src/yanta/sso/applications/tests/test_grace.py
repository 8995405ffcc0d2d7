"""People whose standing has ended keep what an application grants them for a while, and not a day longer."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from yanta.kernel.access.models import RoleGrant
from yanta.kernel.identity.models import Account
from yanta.kernel.testing.factories import RoleGrantFactory
from yanta.sso.applications.access import decide
from yanta.sso.applications.models import AccessRule
from yanta.sso.applications.people import Holder
from yanta.sso.applications.tests import factories

pytestmark = pytest.mark.django_db
today = timezone.localdate


@pytest.fixture
def graduate(college):
    """Yesterday a student of the college, an alumna today."""
    account = factories.account()
    RoleGrantFactory(
        account=account, role="student", org_unit=college, source=RoleGrant.Source.ENROLMENT,
        valid_to=today() - timedelta(days=1),
    )  # fmt: skip
    RoleGrantFactory(
        account=account, role="alumnus", org_unit=college, source=RoleGrant.Source.ENROLMENT, reason="毕业"
    )
    return account


def entered(account, *, grace, days=0, effect="allow"):
    app = factories.application(f"app{grace}{days}{effect}", audience="ruled", grace_days=grace)
    AccessRule.objects.create(application=app, role="student", effect="allow")
    if effect == "deny":
        AccessRule.objects.create(application=app, role="alumnus", effect="deny")
    return decide(app, Holder(Account.objects.get(pk=account.pk), today() + timedelta(days=days)))


def test_mail_is_kept_for_ninety_days_and_the_person_is_told_until_when(graduate):
    kept = entered(graduate, grace=90, days=80)
    assert (kept.allowed, kept.rule) == (True, "grace")
    assert str(today() + timedelta(days=89)) in kept.reason
    assert not entered(graduate, grace=90, days=95).allowed


def test_without_grace_the_door_closes_at_once(graduate):
    assert not entered(graduate, grace=0).allowed


def test_a_rule_that_keeps_out_is_stronger_than_grace(graduate):
    assert not entered(graduate, grace=90, effect="deny").allowed


def test_what_people_gave_has_no_grace(college):
    account = factories.account()
    RoleGrantFactory(
        account=account, role="student", source="delegation", valid_to=today() - timedelta(days=1)
    )
    assert not entered(account, grace=90).allowed
