"""Links of a verb that has too many options to list them."""

from __future__ import annotations

from django.test import Client

from yanta.kernel.access.models import RoleGrant
from yanta.kernel.identity.models import Account
from yanta.kernel.organisation.models import OrgUnit
from yanta.kernel.testing.factories import OrgUnitFactory

ADDRESS = "/equipment/item/lookup/transfer/to_unit/"


def client_of(actor) -> Client:
    client = Client()
    client.force_login(Account.objects.get(pk=actor.account_id))
    return client


def test_offers_what_the_verb_reaches(school: OrgUnit, college: OrgUnit, other_college: OrgUnit, clerk_of):
    OrgUnitFactory(parent=college, name="信息工程实验中心")
    OrgUnitFactory(parent=other_college, name="艺术实验中心")

    found = client_of(clerk_of(college)).get(ADDRESS, {"q": "实验"}).content.decode()

    assert "信息工程实验中心" in found
    assert "艺术实验中心" not in found


def test_is_closed_to_those_who_may_not_and_for_what_is_no_link(college: OrgUnit, clerk, student_actor):
    assert RoleGrant.objects.filter(account_id=student_actor.account_id, role="student").exists()
    assert client_of(student_actor).get(ADDRESS).status_code == 403
    assert client_of(clerk).get("/equipment/item/lookup/transfer/reason/").status_code == 404
