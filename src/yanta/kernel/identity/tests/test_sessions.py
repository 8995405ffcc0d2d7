from datetime import timedelta

import pytest
from django.test import Client

from yanta.kernel.identity import rules
from yanta.kernel.identity.models import Account, Session
from yanta.kernel.identity.tests import factories

pytestmark = pytest.mark.django_db
PAGE = "/account/"


def signed_in(account: Account, **more: str) -> Client:
    client = Client()
    client.post("/sign-in/", {"login": account.username, "password": factories.PASSWORD, **more})
    return client


def is_in(client: Client) -> bool:
    return client.get(PAGE).status_code == 200


class TestRevocation:
    def test_signing_out_ends_this_session_only(self):
        account = factories.account()
        here, there = signed_in(account), signed_in(account)
        here.post("/sign-out/")
        assert (is_in(here), is_in(there)) == (False, True)

    def test_one_other_device_is_out_at_once(self):
        account = factories.account()
        lost = signed_in(account)
        lost_id = Session.objects.get().pk
        here = signed_in(account)
        here.post("/account/sessions/", {"session": str(lost_id)})
        assert (is_in(here), is_in(lost)) == (True, False)

    def test_all_others_are_out_and_this_one_stays(self):
        account = factories.account()
        here, *others = [signed_in(account) for _ in range(3)]
        here.post("/account/sessions/", {"session": "others"})
        assert [is_in(client) for client in (here, *others)] == [True, False, False]

    def test_nobody_ends_the_session_of_another(self):
        other = signed_in(factories.account())
        theirs = Session.objects.get().pk
        signed_in(factories.account()).post("/account/sessions/", {"session": str(theirs)})
        assert is_in(other)

    def test_a_locked_account_is_out_with_the_next_request(self):
        account = factories.account()
        client = signed_in(account)
        Account.objects.filter(pk=account.pk).update(state=Account.State.LOCKED)
        assert not is_in(client)

    def test_a_stolen_cookie_is_worthless_after_signing_out(self):
        client = signed_in(factories.account())
        cookie = client.cookies["yanta_session"].value
        client.post("/sign-out/")
        thief = Client()
        thief.cookies["yanta_session"] = cookie
        assert not is_in(thief)


class TestExpiry:
    def test_ends_after_idling(self, clock):
        client = signed_in(factories.account())
        clock.now += rules.ORDINARY.idle + timedelta(seconds=1)
        assert not is_in(client)

    def test_use_keeps_it_alive_but_not_beyond_its_end(self, clock):
        client, begun = signed_in(factories.account()), clock.now
        while clock.now < begun + rules.ORDINARY.longest - rules.ORDINARY.idle / 2:
            assert is_in(client)
            clock.now += rules.ORDINARY.idle / 2
        clock.now = begun + rules.ORDINARY.longest + timedelta(seconds=1)
        assert not is_in(client)

    def test_a_remembered_device_stays_for_days(self, clock):
        client = signed_in(factories.account(), remember="on")
        assert client.cookies["yanta_session"]["max-age"]
        clock.now += timedelta(days=6)
        assert is_in(client)

    def test_an_ordinary_cookie_ends_with_the_browser(self):
        client = signed_in(factories.account())
        assert not client.cookies["yanta_session"]["max-age"]


class TestCost:
    def test_session_and_account_are_one_query(self, django_assert_num_queries):
        client = signed_in(factories.account())
        client.get("/sign-in/")
        with django_assert_num_queries(1):
            assert client.get("/sign-in/").status_code == 302

    def test_a_stranger_costs_none(self, django_assert_num_queries):
        Client().get("/sign-in/")
        with django_assert_num_queries(0):
            Client().get("/sign-in/")


class TestClosedByDefault:
    def test_strangers_are_sent_to_the_door_and_come_back(self):
        assert Client().get("/account/?a=1").url == "/sign-in/?next=%2Faccount%2F%3Fa%3D1"

    def test_the_api_answers_401(self):
        answer = Client().get("/api/anything/")
        assert answer.status_code in (401, 404)

    def test_htmx_makes_the_browser_go(self):
        answer = Client().get("/account/", headers={"HX-Request": "true"})
        assert answer["HX-Redirect"].startswith("/sign-in/")

    def test_health_is_public(self):
        assert Client().get("/healthz").status_code == 200


class TestActingAs:
    def test_narrows_to_one_role_and_back(self, acting, college):
        actor = acting("teacher", college)
        account = Account.objects.get(pk=actor.account_id)
        account.grants.create(role="clerk", org_unit=college, reason="兼任", valid_from="2020-01-01")
        client = Client()
        client.force_login(account)

        def roles() -> set[str]:
            return {grant.role for grant in client.get(PAGE).wsgi_request.actor.grants}

        assert roles() == {"teacher", "clerk"}
        client.post("/acting-as/", {"role": "clerk"})
        assert roles() == {"clerk"}
        client.post("/acting-as/", {"role": "leader"})
        assert roles() == {"teacher", "clerk"}
