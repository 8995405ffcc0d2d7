"""What an OpenID provider's answer is believed of."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from yanta.sso.partners.models import Attempt, Link
from yanta.sso.partners.tests import factories as there
from yanta.sso.partners.tests.flows import back, begun, is_in, refused

pytestmark = pytest.mark.django_db


class TestOpenIdConnect:
    def test_lets_in_whom_the_link_names(self, client, server, goose):
        partner = there.partner()
        Link.objects.create(partner=partner, subject="subject-1", person=goose.person, proof="self")

        answer = back(client, server)

        assert answer.url == "/account/"
        assert is_in(client)
        assert goose.sign_ins.get().method == "partner"
        _method, _url, told = next(one for one in server.asked if one[1].endswith("/token"))
        assert told["data"]["redirect_uri"].endswith("/partners/province/callback")
        assert len(told["data"]["code_verifier"]) >= 43

    def test_asks_with_state_nonce_and_pkce(self, client, server):
        there.partner()

        asked = begun(client, server)

        assert {"state", "nonce", "code_challenge"} <= set(asked)
        assert asked["code_challenge_method"] == "S256"

    @pytest.mark.parametrize(
        ("claims", "rule"),
        [
            ({"iss": "https://evil.example"}, "issuer"), ({"aud": "another"}, "audience"),
            ({"aud": [there.CLIENT, "another"]}, "audience"), ({"azp": "another"}, "audience"),
            ({"nonce": "another"}, "nonce"), ({"nonce": None}, "nonce"), ({"exp": 1}, "time.old"), ({"exp": None}, "time"),
            ({"iat": 4_000_000_000}, "time.future"), ({"sub": ""}, "subject"), ({"sub": "x" * 300}, "subject"),
        ],
    )  # fmt: skip
    def test_takes_no_token_of_anything_else(self, client, server, goose, claims, rule):
        partner = there.partner()
        Link.objects.create(partner=partner, subject="subject-1", person=goose.person, proof="self")
        server.claims = claims

        refused(client, back(client, server), rule)

    def test_takes_no_forged_token(self, client, server, goose):
        partner = there.partner()
        Link.objects.create(partner=partner, subject="subject-1", person=goose.person, proof="self")

        server.signed_by = "evil"
        refused(client, back(client, server), "signature")
        server.signed_by, server.algorithm = "partner", "HS256"
        refused(client, back(client, server), "signature")
        unsigned = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=") + ".e30."
        server.answers["/token"] = f'{{"id_token": "{unsigned}"}}'.encode()
        refused(client, back(client, server), "signature")

    def test_takes_no_answer_that_this_browser_did_not_start(self, client, server, goose):
        partner = there.partner()
        Link.objects.create(partner=partner, subject="subject-1", person=goose.person, proof="self")
        asked = begun(Client(), server)

        refused(
            client, client.get("/partners/province/callback", {"code": "c", "state": asked["state"]}), "state"
        )
        refused(client, client.get("/partners/province/callback", {"code": "c"}), "state")

    def test_takes_no_answer_twice_or_late(self, client, server, goose):
        there.partner()
        asked = begun(client, server)
        Attempt.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

        refused(
            client, client.get("/partners/province/callback", {"code": "c", "state": asked["state"]}), "state"
        )
        refused(
            client, client.get("/partners/province/callback", {"code": "c", "state": asked["state"]}), "state"
        )

    def test_takes_no_answer_of_one_partner_for_another(self, client, server, goose):
        """Mix-up: the address is the other partner's, or the answer names another sender."""
        there.partner()
        there.partner(code="other", issuer="https://other.example")
        asked = begun(client, server)

        refused(
            client, client.get("/partners/other/callback", {"code": "c", "state": asked["state"]}), "mix_up"
        )
        refused(client, back(client, server, iss="https://other.example"), "mix_up")
        assert not [one for one in server.asked if one[1].endswith("/token")]

    def test_takes_no_configuration_of_another_issuer(self, client, server):
        there.partner(issuer="https://other.example")

        refused(client, client.get("/partners/province/start"), "issuer")

    def test_leads_nowhere_else(self, client, server, goose):
        partner = there.partner()
        Link.objects.create(partner=partner, subject="subject-1", person=goose.person, proof="self")
        address = client.get("/partners/province/start?next=https://evil.example/").url
        server.nonce = there.asked_of(address)["nonce"]

        answer = client.get(
            "/partners/province/callback", {"code": "c", "state": there.asked_of(address)["state"]}
        )

        assert answer.url == "/"

    def test_asks_a_second_factor_where_there_is_one(self, client, server, goose, monkeypatch):
        from yanta.kernel.identity import factors

        partner = there.partner()
        Link.objects.create(partner=partner, subject="subject-1", person=goose.person, proof="self")
        monkeypatch.setattr(factors, "is_enrolled", lambda account: True)

        assert back(client, server).url == "/sign-in/second-factor/"
        assert not is_in(client)

    def test_of_a_closed_account_is_closed(self, client, server, goose):
        partner = there.partner()
        Link.objects.create(partner=partner, subject="subject-1", person=goose.person, proof="self")
        type(goose).objects.filter(pk=goose.pk).update(state="locked")

        refused(client, back(client, server), "account.state")

    def test_of_a_partner_that_is_not_open(self, client, server):
        there.partner(is_open=False)

        assert client.get("/partners/province/start").status_code == 404
