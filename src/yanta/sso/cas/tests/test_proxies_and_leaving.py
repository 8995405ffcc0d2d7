"""Who acts for somebody else, and how services hear that somebody left."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.test import Client

from yanta.kernel.identity.models import Session
from yanta.sso.applications import signing_out
from yanta.sso.applications.models import Entry, SsoSession
from yanta.sso.applications.tests import factories as sso
from yanta.sso.cas import services, tickets, validation
from yanta.sso.cas.tests.factories import service
from yanta.sso.cas.tests.flows import HERE, last, login, ticket_of, validated

pytestmark = pytest.mark.django_db


class TestProxy:
    @pytest.fixture
    def front(self, monkeypatch):
        service(may_proxy=True, proxy_callback="https://lib.example/pgt")
        called: list[str] = []
        monkeypatch.setattr(validation, "_took", lambda url: not called.append(url))
        return called

    def granted(self, client, called) -> str:
        told = validated("serviceValidate", ticket_of(login(client)), pgtUrl="https://lib.example/pgt/in")
        given = parse_qs(urlsplit(called[-1]).query)
        assert f"<cas:proxyGrantingTicket>{given['pgtIou'][0]}<" in told
        return given["pgtId"][0]

    def proxied(self, pgt: str, target: str = "https://back.example/") -> str:
        return Client().get(f"/cas/proxy?{urlencode({'pgt': pgt, 'targetService': target})}").content.decode()

    def test_acts_for_somebody_at_another_service(self, client, someone, front):
        service("https://back.example/", sso.application("back"))
        ticket = re.search(
            "<cas:proxyTicket>(.*)</cas:proxyTicket>", self.proxied(self.granted(client, front))
        )[1]

        told = validated("proxyValidate", ticket, "https://back.example/")

        assert "<cas:user>goose</cas:user>" in told
        assert "<cas:proxy>https://lib.example/pgt/in</cas:proxy>" in told

    def test_ticket_is_refused_where_proxies_are_not_accepted(self, client, someone, front):
        service("https://back.example/", sso.application("back"))
        ticket = re.search(
            "<cas:proxyTicket>(.*)</cas:proxyTicket>", self.proxied(self.granted(client, front))
        )[1]

        assert "INVALID_TICKET_SPEC" in validated("serviceValidate", ticket, "https://back.example/")

    def test_stops_with_the_session(self, client, someone, front):
        service("https://back.example/", sso.application("back"))
        pgt = self.granted(client, front)
        client.post("/sign-out/")

        assert "INVALID_TICKET" in self.proxied(pgt)

    @pytest.mark.parametrize(
        "url", ["https://evil.example/pgt", "http://lib.example/pgt", "https://lib.example/pgtx"]
    )
    def test_is_called_back_nowhere_else(self, client, someone, front, url):
        told = validated("serviceValidate", ticket_of(login(client)), pgtUrl=url)

        assert "authenticationFailure" in told
        assert front == []

    def test_needs_leave_to_proxy_and_https(self, settings):
        settings.SSO_HTTP_LOOPBACK = False
        assert not validation.is_safe_callback("http://127.0.0.1:1/")
        settings.SSO_HTTP_LOOPBACK = True
        assert validation.is_safe_callback("http://127.0.0.1:1/")
        assert not validation.is_safe_callback("http://lib.example/")


class TestSigningOut:
    @pytest.fixture
    def posted(self, monkeypatch):
        letters: list[signing_out.Letter] = []
        monkeypatch.setattr(signing_out, "post", lambda letter: letters.append(letter) or "")
        return letters

    def told(self) -> None:
        signing_out.collect()
        signing_out.tell_due()

    def test_tells_each_service_by_its_ticket(self, client, someone, posted):
        service()
        ticket = ticket_of(login(client))

        client.get("/cas/logout")
        self.told()

        assert posted[0].url == HERE
        assert f"<samlp:SessionIndex>{ticket}</samlp:SessionIndex>" in posted[0].data["logoutRequest"]
        assert Entry.objects.get().notice == "sent"

    @pytest.mark.parametrize("how", ["portal", "row", "account"])
    def test_follows_however_the_session_ends(self, client, someone, posted, how):
        service()
        ticket_of(login(client))
        if how == "portal":
            assert "/sso/left/" in client.post("/sign-out/").url
        elif how == "row":
            Session.objects.all().delete()
        else:
            from yanta.sso.applications import sessions

            type(someone).objects.filter(pk=someone.pk).update(state="locked")
            sessions.end_expired(at=SsoSession.objects.get().created_at)
        self.told()

        assert len(posted) == 1
        assert SsoSession.objects.get().ended_at is not None

    def test_tries_again_and_keeps_why(self, client, someone, monkeypatch):
        service()
        ticket_of(login(client))
        monkeypatch.setattr(signing_out, "post", lambda letter: "对方回答 500")
        client.get("/cas/logout")
        for _ in range(6):
            self.told()
            Entry.objects.filter(notice="waiting").update(due_at="2020-01-01T00:00:00Z")

        entry = Entry.objects.get()
        assert (entry.notice, entry.attempts, entry.result) == ("failed", 5, "对方回答 500")
        assert last().outcome == "failed"

    def test_leaves_one_application_alone(self, client, someone, posted):
        service()
        service("https://other.example/", sso.application("other"))
        ticket_of(login(client))
        ticket_of(login(client, "https://other.example/"))
        entry = Entry.objects.get(application__code="library")

        client.post(f"/sso/entries/{entry.pk}/leave/")
        self.told()

        assert [letter.url for letter in posted] == [HERE]
        assert ticket_of(login(client))

    def test_returns_to_a_registered_address(self, client, someone):
        service()
        ticket_of(login(client))

        assert client.get(f"/cas/logout?service={HERE}").url == HERE

    def test_ends_proxies_too(self, client, someone, posted):
        service()
        text = ticket_of(login(client))
        entry = Entry.objects.get()
        services.stop_tickets(entry)

        assert "INVALID_TICKET" in validated("serviceValidate", text)
        assert tickets.clear_old(at=entry.entered_at) == 0
