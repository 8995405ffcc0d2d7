"""A partner that signs somebody out ends the sessions that it began, and no other; nothing forged ends any."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from yanta.kernel.identity import factors, signing_in
from yanta.kernel.identity.models import Session
from yanta.sso.applications.tests import factories as sso
from yanta.sso.partners import leaving
from yanta.sso.partners.models import Link, Stay
from yanta.sso.partners.rules import Found
from yanta.sso.partners.tests import factories as there
from yanta.sso.partners.tests.flows import (
    TICKET,
    asserted,
    back,
    back_by_cas,
    is_in,
    last_decision,
    sent,
)
from yanta.sso.saml import bindings, encryption, keys
from yanta.sso.saml.documents import read, written
from yanta.sso.saml.tests import factories as peer

pytestmark = pytest.mark.django_db
BACK, FRONT, SLO = (f"/partners/province/{one}" for one in ("backchannel", "frontchannel", "slo"))


@pytest.fixture
def linked(goose):
    def make(kind: str = "oidc", **given: str):
        partner = there.partner(kind, **given)
        Link.objects.create(partner=partner, subject="subject-1", person=goose.person, proof="self")
        return partner

    return make


def refused(client: Client, answer, rule: str, *, status: int) -> None:
    """Said no, written down, and the session goes on."""
    found = last_decision()
    assert answer.status_code == status
    assert (found.protocol, found.step, found.outcome, found.rule) == ("partner", "sign_out", "refused", rule), found.reason  # fmt: skip
    assert is_in(client)


class TestBackChannel:
    @pytest.fixture(autouse=True)
    def _signed_in(self, client, server, linked):
        linked()
        server.claims = {"sid": there.SID}
        back(client, server)
        assert is_in(client)

    def told(self, server: there.Server, **changed):
        return Client().post(BACK, {"logout_token": server.logout_token(**changed)})

    def test_ends_the_session_that_it_names(self, client, server, goose):
        own, other = Client(), Client()
        own.force_login(goose)
        server.claims = {"sid": "another-session-of-the-province"}
        back(other, server)

        assert self.told(server).status_code == 200

        assert not is_in(client)
        assert is_in(other), "another session of the same person goes on"
        assert is_in(own), "what our own password opened goes on"
        assert goose.sign_ins.order_by("-pk").first().outcome == "signed_out"
        assert last_decision().account == goose

    @pytest.mark.parametrize("sid", [None, "never-told-to-us"])
    def test_ends_all_of_somebody_whose_sessions_were_never_named(self, client, server, sid):
        unnamed = Client()
        server.claims = {}
        back(unnamed, server)

        self.told(server, sid=sid)

        assert not is_in(unnamed)
        assert is_in(client) is (sid is not None), "named otherwise"

    def test_ends_what_waits_for_a_second_factor(self, server, monkeypatch):
        monkeypatch.setattr(factors, "is_enrolled", lambda account: True)
        monkeypatch.setattr(signing_in, "prove_factor", lambda *a, **k: "factor")
        waiting = Client()
        assert back(waiting, server).url == "/sign-in/second-factor/"

        self.told(server)
        waiting.post("/sign-in/second-factor/", {"code": "123456"})

        assert not is_in(waiting)

    def test_ends_a_session_in_the_moment_in_which_it_opens(self, client, server, monkeypatch):
        """The word comes after the answer was believed and before the session is written: no session opens."""
        opening = Client()
        opened = signing_in.open_session

        def told_meanwhile(*args, **kwargs):
            opened(*args, **kwargs)
            self.told(server)

        monkeypatch.setattr(signing_in, "open_session", told_meanwhile)
        back(opening, server)

        assert not is_in(opening)

    @pytest.mark.parametrize(
        ("changed", "rule"),
        [
            ({"iss": "https://evil.example"}, "issuer"), ({"aud": "another"}, "audience"), ({"events": None}, "events"),
            ({"events": {"http://schemas.openid.net/event/backchannel-logout": "yes"}}, "events"), ({"nonce": "x"}, "events"),
            ({"jti": None}, "replay"), ({"sub": None, "sid": None}, "subject"), ({"exp": 1}, "time.old"), ({"exp": None}, "time"),
            ({"iat": 4_000_000_000}, "time.future"),
        ],
    )  # fmt: skip
    def test_believes_no_token_of_anything_else(self, client, server, changed, rule):
        refused(client, self.told(server, **changed), rule, status=400)

    def test_believes_no_signature_but_the_partners(self, client, server):
        server.signed_by = "evil"
        refused(client, self.told(server), "signature", status=400)
        server.signed_by, server.algorithm = "partner", "HS256"
        refused(client, self.told(server), "signature", status=400)
        server.algorithm = "RS256"
        unsigned = f"eyJhbGciOiJub25lIn0.{server.logout_token().split('.')[1]}."
        for nonsense in ("", "a.b.c", unsigned):
            refused(client, Client().post(BACK, {"logout_token": nonsense}), "signature", status=400)

    def test_takes_no_id_token_for_a_logout_token(self, client, server):
        refused(
            client, Client().post(BACK, {"logout_token": server.token()["id_token"]}), "events", status=400
        )

    def test_takes_a_token_once(self, client, server):
        token = server.logout_token(sid="somebody-elses")
        Client().post(BACK, {"logout_token": token})

        refused(client, Client().post(BACK, {"logout_token": token}), "replay", status=400)

    def test_asks_the_partner_for_nothing_because_of_nonsense(self, client, server):
        server.asked.clear()

        self.told(server, iss="https://evil.example")

        assert not server.asked

    def test_ends_nothing_of_another_partner(self, client, server, goose):
        other = there.partner(code="other", issuer="https://other.example", client_id="other")
        key = leaving.begin(other, goose, Found("subject-1", session=there.SID), at=timezone.now())

        self.told(server)

        assert Stay.objects.get().key == key

    def test_speaks_for_this_kind_of_partner_only(self, client):
        there.partner("cas", code="cas", issuer="https://cas.example")

        assert Client().post("/partners/cas/backchannel", {"logout_token": "x"}).status_code == 404


class TestFrontChannel:
    @pytest.fixture(autouse=True)
    def _signed_in(self, client, server, linked):
        linked()
        server.claims = {"sid": there.SID}
        back(client, server)

    def test_ends_the_session_that_it_names_without_our_cookie(self, client):
        answer = Client().get(FRONT, {"iss": there.ISSUER, "sid": there.SID})

        assert answer.status_code == 200
        assert f"frame-ancestors {there.ISSUER}" in answer["Content-Security-Policy"]
        assert "X-Frame-Options" not in answer
        assert not is_in(client)

    @pytest.mark.parametrize(
        ("given", "rule"),
        [
            ({}, "issuer"), ({"sid": there.SID}, "issuer"), ({"iss": "https://evil.example", "sid": there.SID}, "issuer"),
            ({"iss": there.ISSUER}, "sid"), ({"iss": there.ISSUER, "sid": "1"}, "sid"),
        ],
    )  # fmt: skip
    def test_is_not_believed_without_a_name_that_nobody_guesses(self, client, given, rule):
        refused(client, Client().get(FRONT, given), rule, status=403)
        refused(client, client.get(FRONT, given), rule, status=403)

    def test_believes_a_short_name_from_the_very_browser(self, server):
        server.claims = {"sid": "7"}
        browser = Client()
        back(browser, server)

        browser.get(FRONT, {"iss": there.ISSUER, "sid": "7"})

        assert not is_in(browser)


class TestCas:
    NOTICE = (
        '<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="LR-1" Version="2.0"'
        ' IssueInstant="2026-11-22T00:00:00Z"><saml:NameID xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">@NOT_USED@</saml:NameID>'
        "<samlp:SessionIndex>{ticket}</samlp:SessionIndex></samlp:LogoutRequest>"
    )

    @pytest.fixture(autouse=True)
    def _signed_in(self, client, server, linked):
        linked("cas")
        back_by_cas(client, server)
        assert is_in(client)

    def told(self, text: str, code: str = "province"):
        return Client().post(f"/partners/{code}/callback?state=x", {"logoutRequest": text})

    def test_ends_the_session_of_the_ticket(self, client, server):
        other = Client()
        back_by_cas(other, server, ticket=f"{TICKET}-2")

        assert self.told(self.NOTICE.format(ticket=TICKET)).status_code == 200

        assert not is_in(client)
        assert is_in(other)

    @pytest.mark.parametrize(
        ("text", "rule"),
        [
            (NOTICE.format(ticket="ST-9-of-a-length-that-nobody-guesses"), "ticket"), (NOTICE.format(ticket="ST-1"), "ticket"),
            (NOTICE.format(ticket=""), "ticket"), ("no", "xml.syntax"), ("<a/>", "answer"),
            ('<!DOCTYPE a [<!ENTITY x "y">]>' + NOTICE.format(ticket=TICKET), "xml.doctype"),
        ],
        ids=["unknown", "short", "none", "no xml", "another message", "entity"],
    )  # fmt: skip
    def test_believes_nothing_else(self, client, text, rule):
        refused(client, self.told(text), rule, status=403)

    def test_is_refused_from_another_partner_and_the_second_time(self, client, server):
        there.partner("cas", code="other", issuer="https://other.example")
        refused(client, self.told(self.NOTICE.format(ticket=TICKET), "other"), "ticket", status=403)

        self.told(self.NOTICE.format(ticket=TICKET))
        assert self.told(self.NOTICE.format(ticket=TICKET)).status_code == 403
        assert last_decision().rule == "ticket"

    def test_is_the_business_of_cas_alone(self, client):
        there.partner(code="other", issuer="https://other.example")

        assert self.told(self.NOTICE.format(ticket=TICKET), "other").status_code == 404


class TestSaml:
    TO = "http://127.0.0.1:8000/partners/province/slo"

    @pytest.fixture
    def partner(self, linked):
        return linked("saml")

    @pytest.fixture(autouse=True)
    def _signed_in(self, client, partner):
        sent(client, *asserted(client, index="index-1"))
        assert is_in(client)

    def asked(self, *indexes: str, later: timedelta = timedelta(), **changed) -> str:
        told = {"issuer": there.ISSUER, "to": self.TO, "at": timezone.now() + later, **changed}
        return peer.logout_request("subject-1", *indexes, **told)

    def by_address(self, text: str, *, key: str = "idp"):
        return Client().get(f"{SLO}?{peer.query(text, key=peer.pair(key)[0] if key else '', state='kept')}")

    def by_form(self, text: str, *, key: str = "idp"):
        private, certificate = peer.pair(key)
        return Client().post(SLO, {"SAMLRequest": peer.posted(peer.signed(text, key=private, certificate=certificate))})  # fmt: skip

    @pytest.mark.parametrize("way", ["by_address", "by_form"])
    def test_ends_the_session_and_answers(self, client, way):
        other = Client()
        sent(other, *asserted(other, index="index-2"))

        answer = getattr(self, way)(self.asked("index-1"))

        assert not is_in(client)
        assert is_in(other)
        message = bindings.from_query(urlsplit(answer.url).query, "SAMLResponse")
        root = message.proved([keys.current().certificate])
        assert (root.get("InResponseTo"), root.get("Destination")) == ("_L1", f"{there.ISSUER}/slo")
        assert message.relay_state == ("kept" if way == "by_address" else "")

    def test_without_an_index_ends_all_of_the_subject(self, client):
        other = Client()
        sent(other, *asserted(other, index="index-2"))

        self.by_address(self.asked())

        assert not is_in(client)
        assert not is_in(other)

    def test_answers_by_form_where_the_partner_takes_forms(self, client, partner):
        partner.signs_off_by_form = True
        partner.sign_off_answer_url = f"{there.ISSUER}/slo-answers"
        partner.save()

        page = self.by_form(self.asked("index-1")).content.decode()

        assert 'name="SAMLResponse"' in page
        assert f'action="{there.ISSUER}/slo-answers"' in page

    def test_opens_a_name_that_was_encrypted_for_us(self, client):
        text = self.asked("index-1")
        name = '<saml:NameID xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">subject-1</saml:NameID>'
        sealed = encryption.encrypted(read(name.encode()), certificate=keys.current().certificate)
        sealed.tag = sealed.tag.replace("EncryptedAssertion", "EncryptedID")
        self.by_address(text.replace("<saml:NameID>subject-1</saml:NameID>", written(sealed).decode()))

        assert not is_in(client)

    @pytest.mark.parametrize("way", ["by_address", "by_form"])
    @pytest.mark.parametrize(
        ("changed", "key", "rule"),
        [
            ({}, "evil", "signature.wrong"), ({"issuer": "https://evil.example"}, "idp", "issuer"),
            ({"to": "http://127.0.0.1:8000/saml/slo"}, "idp", "destination"), ({"to": ""}, "idp", "destination"),
            ({"later": timedelta(minutes=-30)}, "idp", "time.old"),
            ({"later": timedelta(minutes=30)}, "idp", "time.future"),
        ],
    )  # fmt: skip
    def test_believes_nothing_else(self, client, way, changed, key, rule):
        refused(client, getattr(self, way)(self.asked("index-1", **changed), key=key), rule, status=403)

    def test_believes_nothing_unsigned_and_nothing_twice(self, client):
        refused(client, self.by_address(self.asked("index-1"), key=""), "signature.missing", status=403)
        form = {"SAMLRequest": peer.posted(self.asked("index-1"))}
        refused(client, Client().post(SLO, form), "signature.missing", status=403)

        self.by_address(self.asked("index-9"))
        refused(client, self.by_address(self.asked("index-9")), "replay", status=403)
        refused(client, Client().get(SLO), "xml.syntax", status=403)

    def test_takes_no_assertion_for_a_request(self, client):
        response, _state = asserted(Client())
        private = peer.pair("idp")[0]
        address = bindings.in_address(SLO, "SAMLRequest", response, key=private)

        refused(client, Client().get(address), "xml.content", status=403)


class TestStays:
    def test_go_when_no_session_can_stand_on_them_any_more(self, client, server, linked):
        linked()
        back(client, server)
        leaving.clear_old(at=timezone.now())
        assert Stay.objects.count() == 1

        leaving.clear_old(at=timezone.now() + timedelta(hours=13))

        assert Stay.objects.count() == 0

    def test_keep_what_is_needed_to_sign_out_sealed(self, client, server, linked):
        linked()
        back(client, server)

        with connection.cursor() as cursor:
            cursor.execute("SELECT told FROM partners_stay")
            assert b"id_token" not in bytes(cursor.fetchone()[0])

    def test_sessions_of_our_own_stand_on_nothing(self, client):
        client.force_login(sso.account(username="gander", name="雄鹅"))

        assert set(Session.objects.values_list("origin", flat=True)) == {""}
