"""Whose person a partner's subject is."""

from __future__ import annotations

import pytest

from yanta.kernel.base import Actor
from yanta.kernel.people.models import Affiliation
from yanta.sso.applications.tests import factories as sso
from yanta.sso.partners import services
from yanta.sso.partners.models import Link, Stranger
from yanta.sso.partners.tests import factories as there
from yanta.sso.partners.tests.flows import PASSWORD, back, is_in, refused

pytestmark = pytest.mark.django_db


class TestWhoItIs:
    def test_is_never_told_by_mail_or_name(self, client, server, goose):
        there.partner()
        server.claims = {
            "email": goose.person.email,
            "email_verified": True,
            "name": goose.name,
            "phone_number": "13800000001",
        }

        refused(client, back(client, server), "unknown")
        assert Stranger.objects.count() == 0

    def test_is_told_by_a_verified_number_where_policy_says_so(self, client, server, goose):
        Affiliation.objects.create(person=goose.person, role="staff", number="T0001")
        there.partner(linking="number", number_claim="staff_no")
        server.claims = {"staff_no": "t0001"}

        assert back(client, server).status_code == 302
        assert Link.objects.get().proof == "number"
        assert is_in(client)

    def test_is_told_by_the_identity_number(self, client, server, goose):
        goose.person.id_number = "11010519491231002X"
        goose.person.save()
        there.partner(linking="identity", identity_claim="sfzjh")
        server.claims = {"sfzjh": "11010519491231002x"}

        assert back(client, server).status_code == 302
        assert Link.objects.get().person == goose.person

    def test_does_not_take_over_who_is_linked_already(self, client, server, goose):
        """A second account of the partner with the same number is not the same person's."""
        Affiliation.objects.create(person=goose.person, role="staff", number="T0001")
        partner = there.partner(linking="number", number_claim="staff_no")
        Link.objects.create(partner=partner, subject="subject-0", person=goose.person, proof="self")
        server.claims = {"staff_no": "T0001"}

        refused(client, back(client, server), "unknown")

    def test_becomes_a_todo_only_where_policy_says_so(self, client, server, goose):
        partner = there.partner(unknown="todo")

        answer = back(client, server)
        stranger = Stranger.objects.get()
        services.identify(stranger, actor=Actor.system("test"), person=goose.person, evidence="来人核验证件")

        assert "信息中心会核实" in answer.content.decode()
        assert stranger.told_name == "鹅"
        assert Link.objects.get(partner=partner).proof == "office"
        back(client, server)
        assert is_in(client)

    def test_is_linked_by_the_person_and_unlinked(self, client, server, goose):
        there.partner()
        client.force_login(goose)
        assert "合作方账号" in client.get("/account/").content.decode()
        wrong = client.post("/account/partners/", {"partner": "province", "current": "nonsense"})
        page = client.post(
            "/account/partners/", {"partner": "province", "current": PASSWORD}
        ).content.decode()
        address = (
            page.partition('href="https://login.province.example')[2].partition('"')[0].replace("&amp;", "&")
        )
        asked = there.asked_of(f"https://login.province.example{address}")
        server.nonce = asked["nonce"]

        answer = client.get("/partners/province/callback", {"code": "c", "state": asked["state"]})
        link = Link.objects.get()
        client.post(f"/account/partners/{link.pk}/unlink/")

        assert wrong.status_code == 422
        assert asked["prompt"] == "login"
        assert answer.url == "/account/partners/"
        assert (link.person, link.proof) == (goose.person, "self")
        assert Link.objects.count() == 0

    def test_link_is_nobody_elses(self, client, server, goose):
        """Started by one account, finished in the browser of another: nothing is linked."""
        there.partner()
        client.force_login(goose)
        page = client.post(
            "/account/partners/", {"partner": "province", "current": PASSWORD}
        ).content.decode()
        address = (
            page.partition('href="https://login.province.example')[2].partition('"')[0].replace("&amp;", "&")
        )
        asked = there.asked_of(f"https://login.province.example{address}")
        server.nonce = asked["nonce"]
        session = client.session
        states = session["partner_states"]
        client.force_login(sso.account(username="gander", name="雄鹅"))
        session = client.session
        session["partner_states"] = states
        session.save()

        answer = client.get("/partners/province/callback", {"code": "c", "state": asked["state"]})

        assert answer.status_code == 403
        assert Link.objects.count() == 0

    def test_button_stands_on_the_sign_in_page(self, client):
        there.partner()

        assert "省教育厅统一认证" in client.get("/sign-in/").content.decode()
