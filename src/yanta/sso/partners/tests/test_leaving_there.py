"""Who came in from a partner and signs out here is shown the way out there."""

from __future__ import annotations

import html
import re
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from yanta.kernel.identity import factors, signing_in
from yanta.sso.partners.models import Link, Partner, Stay
from yanta.sso.partners.tests import factories as there
from yanta.sso.partners.tests.flows import (
    OURS,
    asserted,
    back,
    back_by_cas,
    is_in,
    last_decision,
    sent,
)
from yanta.sso.saml import assertions, bindings, keys, names, signatures
from yanta.sso.saml.documents import only, text_of
from yanta.sso.saml.names import SAML, SAMLP, tag
from yanta.sso.saml.tests import factories as peer

pytestmark = pytest.mark.django_db
SLO = "http://127.0.0.1:8000/partners/province/slo"


@pytest.fixture
def linked(goose):
    def make(kind: str = "oidc", **given: str) -> Partner:
        partner = there.partner(kind, **given)
        Link.objects.create(partner=partner, subject="subject-1", person=goose.person, proof="self")
        return partner

    return make


def offered(client: Client) -> str:
    """The button of the page after signing out here."""
    page = client.get(client.post("/sign-out/").url).content.decode()
    assert "在那里仍是登录状态" in page
    assert not is_in(client)
    return html.unescape(re.search(r'href="(/partners/province/leave[^"]+)"', page)[1])


class TestByOpenIdConnect:
    def test_leads_to_the_partners_own_sign_out_with_the_token_as_hint(self, client, server, linked):
        linked()
        server.claims = {"sid": there.SID}
        back(client, server)

        address = client.get(offered(client)).url
        asked = there.asked_of(address)

        assert address.startswith(f"{there.ISSUER}/end?")
        assert asked["post_logout_redirect_uri"] == "http://127.0.0.1:8000/partners/province/left"
        assert asked["client_id"] == there.CLIENT
        assert asked["id_token_hint"].count(".") == 2
        assert "都已退出" in client.get("/partners/province/left?state=left").content.decode()

    def test_says_so_where_the_partner_has_no_page(self, client, server, linked, monkeypatch):
        linked()
        back(client, server)
        known = server.well_known_openid_configuration()
        monkeypatch.setattr(
            server, "well_known_openid_configuration", lambda: {**known, "end_session_endpoint": ""}
        )
        cache.clear()

        assert "没有提供退出页面" in client.get(offered(client)).content.decode()

    def test_way_out_is_ours_alone_and_for_a_while(self, client, server, linked):
        linked()
        back(client, server)
        way = offered(client)

        assert "已过期" in client.get(way.replace("k=", "k=x")).content.decode()
        there.partner(code="other", issuer="https://other.example")
        assert "已过期" in client.get(way.replace("/province/", "/other/")).content.decode()
        Stay.objects.all().delete()
        assert "已过期" in client.get(way).content.decode()

    def test_is_not_offered_to_who_came_in_by_our_own_password(self, client, goose, linked):
        linked()
        client.force_login(goose)

        assert client.post("/sign-out/").url == "/sign-in/"

    def test_is_offered_after_a_second_factor_too(self, client, server, linked, goose, monkeypatch):
        linked()
        monkeypatch.setattr(factors, "is_enrolled", lambda account: True)
        monkeypatch.setattr(signing_in, "prove_factor", lambda *a, **k: "factor")
        back(client, server)
        client.post("/sign-in/second-factor/", {"code": "123456"})

        assert is_in(client)
        assert client.get(offered(client)).status_code == 302


class TestByCas:
    def test_leads_to_the_servers_logout(self, client, server, linked):
        linked("cas")
        back_by_cas(client, server)

        address = client.get(offered(client)).url

        assert address.startswith(f"{there.ISSUER}/logout?")
        assert there.asked_of(address)["service"] == "http://127.0.0.1:8000/partners/province/left"


class TestBySaml:
    def answer(self, number: str, *, key: str = "idp", to: str = SLO, issuer: str = there.ISSUER) -> str:
        envelope = assertions.Envelope(issuer, OURS, to, timezone.now(), number)
        made = assertions.logout_response(envelope)
        return bindings.in_address("/partners/province/slo", "SAMLResponse", made, key=peer.pair(key)[0])

    def request_of(self, client: Client):
        sent(client, *asserted(client, index="a-session-index"))
        address = client.get(offered(client)).url
        message = bindings.from_query(urlsplit(address).query, "SAMLRequest")
        assert address.startswith(f"{there.ISSUER}/slo?")
        return message.proved([keys.current().certificate])

    def test_leads_there_with_a_signed_request_about_that_session(self, client, linked):
        linked("saml")

        root = self.request_of(client)

        assert root.tag == tag(SAMLP, "LogoutRequest")
        assert text_of(only(root, tag(SAML, "NameID"))) == "subject-1"
        assert only(root, tag(SAML, "NameID")).get("Format") == names.PERSISTENT
        assert text_of(only(root, tag(SAMLP, "SessionIndex"))) == "a-session-index"
        assert root.get("Destination") == f"{there.ISSUER}/slo"

    def test_takes_the_answer_once(self, client, linked):
        linked("saml")
        number = self.request_of(client).get("ID")

        page = client.get(self.answer(number))

        assert "都已退出" in page.content.decode()
        assert last_decision().reason == "登录方回答已退出"
        assert client.get(self.answer(number)).status_code == 403
        assert last_decision().rule == "in_response_to"

    @pytest.mark.parametrize(
        ("changed", "rule"),
        [
            ({"key": "evil"}, "signature.wrong"), ({"to": "https://elsewhere.example/slo"}, "destination"),
            ({"issuer": "https://evil.example"}, "issuer"),
        ],
    )  # fmt: skip
    def test_takes_no_other_answer(self, client, linked, changed, rule):
        linked("saml")
        number = self.request_of(client).get("ID")

        assert client.get(self.answer(number, **changed)).status_code == 403
        assert last_decision().rule == rule

    def test_takes_no_answer_that_nobody_asked_for(self, client, linked):
        linked("saml")
        self.request_of(client)

        assert client.get(self.answer("")).status_code == 403
        assert client.get(self.answer("_another")).status_code == 403
        assert last_decision().rule == "in_response_to"

    def test_posts_where_the_partner_takes_forms_only(self, client, linked):
        linked("saml", signs_off_by_form=True)
        sent(client, *asserted(client))

        page = client.get(offered(client))
        text = page.content.decode()
        document = re.search(r'name="SAMLRequest" value="([^"]+)"', text)[1]

        assert f'action="{there.ISSUER}/slo"' in text
        assert there.ISSUER in page["Content-Security-Policy"]
        root = bindings.from_form({"SAMLRequest": html.unescape(document)}, "SAMLRequest").root
        assert signatures.verified(root, [keys.current().certificate]).tag == tag(SAMLP, "LogoutRequest")
