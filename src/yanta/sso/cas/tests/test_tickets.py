"""What a CAS client sees, and what nobody gets in by."""

from __future__ import annotations

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.test import Client

from yanta.kernel.testing.factories import RoleGrantFactory
from yanta.sso.applications.models import AccessRule, Decision
from yanta.sso.applications.tests import factories as sso
from yanta.sso.cas.models import Ticket
from yanta.sso.cas.tests.factories import service
from yanta.sso.cas.tests.flows import HERE, SAML, last, login, ticket_of, validated

pytestmark = pytest.mark.django_db


class TestLogin:
    def test_gives_a_ticket_that_each_version_of_the_protocol_takes(self, client, someone):
        sso.released(service().application, "name", "affiliation")

        assert validated("validate", ticket_of(login(client))) == "yes\ngoose\n"
        assert "<cas:user>goose</cas:user>" in validated("serviceValidate", ticket_of(login(client)))
        assert "<cas:name>鹅</cas:name>" in validated("p3/serviceValidate", ticket_of(login(client)))
        told = Client().post(
            f"/cas/samlValidate?{urlencode({'TARGET': HERE})}", SAML.format(ticket_of(login(client))), content_type="text/xml"
        ).content.decode()  # fmt: skip
        assert 'Value="samlp:Success"' in told
        assert "<saml:NameIdentifier>goose</saml:NameIdentifier>" in told

    def test_says_it_in_json_when_asked(self, client, someone):
        service()

        told = validated("p3/serviceValidate", ticket_of(login(client)), format="JSON")

        assert '"user": "goose"' in told

    def test_leads_a_stranger_over_the_sign_in_page_and_back(self, client):
        service()
        answer = login(client)

        page = client.get(answer.url)

        assert answer.url.startswith("/sign-in/?next=%2Fcas%2Flogin")
        assert "登录后进入：图书馆" in page.content.decode()
        assert "form-action 'self' https://lib.example" in page["Content-Security-Policy"]

    def test_sends_a_stranger_back_at_a_gateway(self, client):
        service()

        assert login(client, gateway="true").url == HERE

    def test_keeps_the_password_duty(self, client, someone):
        service()
        type(someone).objects.filter(pk=someone.pk).update(must_change_password=True)

        assert login(client).url == "/account/password/"

    def test_is_kept_by_a_rule_and_says_whom_to_ask(self, client, someone):
        app = service().application
        app.audience = "ruled"
        app.save()
        AccessRule.objects.create(application=app, effect="allow", role="teacher")

        answer = login(client)

        assert answer.status_code == 403
        assert "只对这些人开放：教师" in answer.content.decode()
        assert "8001" in answer.content.decode()
        assert (last().outcome, last().rule, last().account) == ("refused", "rule.none", someone)

    def test_opens_to_whom_the_rule_names(self, client, someone):
        app = service().application
        app.audience = "ruled"
        app.save()
        AccessRule.objects.create(application=app, effect="allow", role="teacher")
        RoleGrantFactory(account=someone, role="teacher")

        assert ticket_of(login(client))

    def test_of_a_stopped_application_is_refused(self, client, someone):
        app = service().application
        app.state = "disabled"
        app.save()

        assert login(client).status_code == 403

    def test_posts_the_ticket_when_asked(self, client, someone):
        service()

        answer = login(client, method="POST")

        assert 'action="https://lib.example/app/start?x=1"' in answer.content.decode()
        assert "form-action 'self' https://lib.example" in answer["Content-Security-Policy"]


class TestRenew:
    def test_asks_again_who_is_signed_in_and_then_lets_in_once(self, client, someone, settings):
        service()
        someone.set_password("Yanta-2026-goose")
        someone.save()
        client.force_login(someone)
        asked = login(client, renew="true")
        assert asked.url.startswith("/sso/confirm/")
        onward = parse_qs(urlsplit(asked.url).query)["next"][0]

        wrong = client.post("/sso/confirm/", {"next": onward, "password": "nonsense"})
        right = client.post("/sso/confirm/", {"next": onward, "password": "Yanta-2026-goose"})
        ticket = ticket_of(client.get(right.url))

        assert wrong.status_code == 422
        assert "<cas:user>" in validated("serviceValidate", ticket, renew="true")
        assert client.get(right.url).url.startswith("/sso/confirm/"), "the mark is good for one entry"

    def test_asks_for_the_second_factor_too(self, client, someone, monkeypatch):
        from yanta.kernel.identity import factors

        service()
        someone.set_password("Yanta-2026-goose")
        someone.save()
        client.force_login(someone)
        onward = parse_qs(urlsplit(login(client, renew="true").url).query)["next"][0]
        monkeypatch.setattr(factors, "is_enrolled", lambda account: True)
        monkeypatch.setattr(factors, "accepts", lambda account, code: code == "123456")
        asked = {"next": onward, "password": "Yanta-2026-goose"}

        assert client.post("/sso/confirm/", {**asked, "code": "000000"}).status_code == 422
        assert client.post("/sso/confirm/", {**asked, "code": "123456"}).status_code == 302

    def test_refuses_a_ticket_of_single_sign_on(self, client, someone):
        service()

        told = validated("serviceValidate", ticket_of(login(client)), renew="true")

        assert "INVALID_TICKET_SPEC" in told


class TestNobodyGetsIn:
    @pytest.mark.parametrize(
        "url",
        [
            "https://lib.example.evil/app", "https://lib.example@evil.example/app", "https://evil.example/https://lib.example/app",
            "http://lib.example/app", "https://lib.example:8443/app", "https://lib.example/application", "https://lib.example/app/../x",
            "https://lib.example/app/%2e%2e/x", "https://lib.example/app/%252e%252e/x", "https://lib.example\\@evil.example/app",
            "//lib.example/app", "javascript:alert(1)//https://lib.example/app", "https://lib.example/app\r\nLocation: https://evil",
            "https://lib.example%2eevil.example/app", "https://LIB.example.:443/app",
        ],
    )  # fmt: skip
    def test_by_an_address_that_only_looks_registered(self, client, someone, url):
        service()
        for more in ({}, {"gateway": "true"}):
            answer = login(client, url, **more)

            assert answer.status_code == 403, url
            assert (last().outcome, last().rule) == ("refused", "INVALID_SERVICE")
        assert Ticket.objects.count() == 0

    def test_by_a_ticket_used_before(self, client, someone):
        service()
        ticket = ticket_of(login(client))
        validated("serviceValidate", ticket)

        assert "INVALID_TICKET" in validated("serviceValidate", ticket)
        assert "用过" in last().reason

    def test_by_a_ticket_of_another_service_which_is_then_used_up(self, client, someone):
        service()
        service("https://other.example/", sso.application("other"))
        ticket = ticket_of(login(client))

        assert "INVALID_SERVICE" in validated("serviceValidate", ticket, "https://other.example/")
        assert "INVALID_TICKET" in validated("serviceValidate", ticket)

    def test_by_a_ticket_past_its_minute(self, client, someone):
        service()
        ticket = ticket_of(login(client))
        Ticket.objects.update(expires_at="2020-01-01T00:00:00Z")

        assert "INVALID_TICKET" in validated("serviceValidate", ticket)
        assert "过期" in last().reason

    def test_by_a_ticket_of_a_session_that_ended(self, client, someone):
        service()
        ticket = ticket_of(login(client))
        client.post("/sign-out/")

        assert "INVALID_TICKET" in validated("serviceValidate", ticket)

    def test_by_a_ticket_of_a_locked_account(self, client, someone):
        service()
        ticket = ticket_of(login(client))
        type(someone).objects.filter(pk=someone.pk).update(state="locked")

        assert "INVALID_TICKET" in validated("serviceValidate", ticket)

    @pytest.mark.parametrize("ticket", ["", "ST-none", "ST-<x>&amp;", "PGT-x", "' OR 1=1", "\0"])
    def test_by_a_made_up_ticket(self, client, someone, ticket):
        service()

        assert "authenticationFailure" in validated("serviceValidate", ticket)
        assert last().outcome == "refused"

    @pytest.mark.parametrize(
        "document",
        [
            '<!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]>' + SAML.format("&y;"),
            '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>' + SAML.format("&b;"),
            SAML.format("ST-1").encode("utf-16"), SAML.format("x" * 70_000), "nonsense", "",
            SAML.format("ST-1</samlp:AssertionArtifact><samlp:AssertionArtifact>ST-2"),
        ],
    )  # fmt: skip
    def test_by_entities_in_a_saml_request(self, client, someone, document):
        service()

        told = (
            Client()
            .post(f"/cas/samlValidate?TARGET={HERE}", document, content_type="text/xml")
            .content.decode()
        )

        assert "samlp:RequestDenied" in told
        assert "root:" not in told
        assert (last().outcome, last().step) == ("refused", "samlValidate")

    def test_by_the_way_out(self, client, someone):
        service()

        answer = client.get("/cas/logout?service=https://lib.example.evil/app")

        assert not answer.url.startswith("http")
        assert Decision.objects.filter(step="logout", outcome="refused").exists()
