"""What a service provider sees; its answers are read by a library that nobody here wrote (python3-saml)."""

from __future__ import annotations

import base64
import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from lxml import etree
from onelogin.saml2.response import OneLogin_Saml2_Response
from onelogin.saml2.settings import OneLogin_Saml2_Settings

from yanta.sso.applications.models import Decision, Entry
from yanta.sso.applications.tests import factories as sso
from yanta.sso.saml import keys, metadata, signatures
from yanta.sso.saml.documents import read
from yanta.sso.saml.models import Asserted, SignOnRequest
from yanta.sso.saml.tests import factories as peer

pytestmark = pytest.mark.django_db
MFA = "https://refeds.org/profile/mfa"


@pytest.fixture(autouse=True)
def _fresh_keys():
    keys.forget()
    yield
    keys.forget()


@pytest.fixture
def someone(client: Client):
    account = sso.account(username="goose", name="鹅")
    client.force_login(account)
    return account


def context(*classes: str, comparison: str = "exact") -> str:
    listed = "".join(f"<saml:AuthnContextClassRef>{one}</saml:AuthnContextClassRef>" for one in classes)
    return f'<samlp:RequestedAuthnContext Comparison="{comparison}">{listed}</samlp:RequestedAuthnContext>'


def ask(client: Client, document: str, **more: str):
    """Send a request by redirect and follow to the page that carries the answer, or to the page that refuses."""
    answer = client.get(f"/saml/sso?{peer.query(document, **more)}")
    return client.get(answer.url) if answer.status_code == 302 else answer


def fields(answer) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', answer.content.decode())
    return {name: unescape(value) for name, value in found}


def told(answer) -> bytes:
    assert answer.status_code == 200, answer.content.decode()[:800]
    return base64.b64decode(fields(answer)["SAMLResponse"])


def status_of(answer) -> list[str]:
    found = etree.fromstring(told(answer)).iter("{urn:oasis:names:tc:SAML:2.0:protocol}StatusCode")
    return [one.get("Value").rsplit(":", 1)[-1] for one in found]


def toolkit(**security: object) -> OneLogin_Saml2_Settings:
    private, certificate = peer.pair()
    return OneLogin_Saml2_Settings(
        {
            "strict": True,
            "sp": {
                "entityId": peer.ENTITY, "assertionConsumerService": {"url": peer.ACS}, "x509cert": certificate, "privateKey": private,
            },
            "idp": {
                "entityId": "http://127.0.0.1:8000/saml/metadata", "x509cert": keys.current().certificate,
                "singleSignOnService": {"url": "http://127.0.0.1:8000/saml/sso"},
            },
            "security": {"wantAssertionsSigned": True, "wantMessagesSigned": True, "wantAttributeStatement": False, **security},
        }
    )  # fmt: skip


def accepted(answer, number: str = "_1", **security: object) -> OneLogin_Saml2_Response:
    read_by_peer = OneLogin_Saml2_Response(toolkit(**security), fields(answer)["SAMLResponse"])
    request = {
        "https": "on",
        "http_host": "sp.example",
        "script_name": "/acs",
        "get_data": {},
        "post_data": {},
    }
    assert read_by_peer.is_valid(request, number), read_by_peer.get_error()
    return read_by_peer


def last() -> Decision:
    found = Decision.objects.order_by("-pk").first()
    assert found is not None
    return found


class TestSigningOn:
    def test_signs_in_with_a_name_that_others_cannot_compare(self, client, someone):
        made = peer.provider()
        sso.released(made.application, "name", "affiliation")

        answer = ask(client, peer.authn_request(), state="kept")
        read_by_peer = accepted(answer)

        assert f'action="{peer.ACS}"' in answer.content.decode()
        assert "form-action 'self' https://sp.example" in answer["Content-Security-Policy"]
        assert fields(answer)["RelayState"] == "kept"
        assert read_by_peer.get_nameid() == sso_pairwise(made, someone)
        assert read_by_peer.get_nameid_format().endswith("persistent")
        assert read_by_peer.get_attributes()["name"] == ["鹅"]
        assert read_by_peer.get_session_index() == Asserted.objects.get().session_index
        assert (last().step, last().outcome, last().account) == ("assertion", "granted", someone)

    def test_takes_a_form_and_signed_requests(self, client, someone):
        key, certificate = peer.pair()
        peer.provider(certificates=certificate, requires_signature=True)
        document = peer.signed(peer.authn_request(), key=key, certificate=certificate)

        by_form = client.post("/saml/sso", {"SAMLRequest": peer.posted(document), "RelayState": "s"})
        by_address = ask(client, peer.authn_request("_2"), key=key)

        accepted(client.get(by_form.url))
        accepted(by_address, "_2")

    def test_leads_a_stranger_over_the_sign_in_page_that_names_the_application(self, client):
        peer.provider()

        answer = ask(client, peer.authn_request())
        page = client.get(answer.url).content.decode()

        assert answer.url.startswith("/sign-in/?next=%2Fsaml%2Fcontinue")
        assert "登录后进入：图书馆" in page

    def test_speaks_of_an_encrypted_assertion_only_to_its_holder(self, client, someone):
        peer.provider(encryption_certificate=peer.pair()[1])

        answer = ask(client, peer.authn_request())

        assert b"EncryptedAssertion" in told(answer)
        assert someone.name.encode() not in told(answer)
        assert accepted(answer, wantAssertionsEncrypted=True).get_nameid()

    @pytest.mark.parametrize(("signing", "signed"), [("assertion", 1), ("response", 1), ("both", 2)])
    def test_signs_what_the_application_wants(self, client, someone, signing, signed):
        peer.provider(signing=signing)

        assert told(ask(client, peer.authn_request())).count(b"<ds:SignatureValue>") == signed

    def test_names_by_number_or_anew_each_time(self, client, someone):
        made = peer.provider(name_format="unspecified")
        first = accepted(ask(client, peer.authn_request()))
        made.name_format = "transient"
        made.save()
        others = {accepted(ask(client, peer.authn_request(f"_{n}")), f"_{n}").get_nameid() for n in (2, 3)}

        assert first.get_nameid() == "goose"
        assert len(others) == 2

    def test_tells_a_federation_in_its_words(self, client, someone, settings):
        settings.SSO_SCOPE = "yanta.edu.cn"
        from yanta.kernel.people.models import Affiliation

        Affiliation.objects.create(person=someone.person, role="undergraduate", number="2024001")
        made = peer.provider(profile="edu")
        sso.released(
            made.application, "scoped_affiliation", "principal_name", "entitlement", "home_organization"
        )

        found = accepted(ask(client, peer.authn_request())).get_attributes()

        assert found["urn:oid:1.3.6.1.4.1.5923.1.1.1.9"] == ["member@yanta.edu.cn", "student@yanta.edu.cn"]
        assert found["urn:oid:1.3.6.1.4.1.5923.1.1.1.6"] == ["goose@yanta.edu.cn"]
        assert found["urn:oid:1.3.6.1.4.1.5923.1.1.1.7"] == ["urn:mace:dir:entitlement:common-lib-terms"]
        assert found["urn:oid:1.3.6.1.4.1.25178.1.2.9"] == ["yanta.edu.cn"]
        assert found["urn:oid:1.3.6.1.4.1.5923.1.1.1.10"][0]["NameID"]["value"] == sso_pairwise(made, someone)

    def test_answers_once(self, client, someone):
        peer.provider()
        onward = client.get(f"/saml/sso?{peer.query(peer.authn_request())}").url

        accepted(client.get(onward))

        assert client.get(onward).status_code == 403
        assert Entry.objects.count() == 1

    def test_shows_no_page_to_the_passive(self, client):
        peer.provider()

        assert status_of(ask(client, peer.authn_request(IsPassive="true"))) == ["Responder", "NoPassive"]

    def test_asks_again_when_forced_and_lets_in_once(self, client, someone):
        someone.set_password("Yanta-2026-goose")
        someone.save()
        client.force_login(someone)
        peer.provider()

        asked = ask(client, peer.authn_request(ForceAuthn="true"))
        onward = parse_qs(urlsplit(asked.url).query)["next"][0]
        right = client.post("/sso/confirm/", {"next": onward, "password": "Yanta-2026-goose"})

        assert asked.url.startswith("/sso/confirm/")
        accepted(client.get(right.url))

    def test_keeps_the_rule_of_the_registry(self, client, someone):
        app = peer.provider().application
        app.audience = "ruled"
        app.save()

        answer = ask(client, peer.authn_request())

        assert answer.status_code == 403
        assert last().rule == "rule.none"


class TestContext:
    def test_says_how_somebody_signed_in(self, client, someone):
        peer.provider()

        answer = ask(
            client, peer.authn_request(inner=context("urn:oasis:names:tc:SAML:2.0:ac:classes:Password"))
        )

        assert accepted(answer).get_authn_contexts() == ["urn:oasis:names:tc:SAML:2.0:ac:classes:Password"]

    def test_does_not_promise_a_second_factor_that_was_not_shown(self, client, someone):
        peer.provider()

        assert status_of(ask(client, peer.authn_request(inner=context(MFA)))) == [
            "Responder",
            "NoAuthnContext",
        ]

    def test_promises_it_when_it_was(self, client, someone):
        peer.provider()
        session = client.session
        session["method"] = "passkey"
        session.save()

        assert accepted(ask(client, peer.authn_request(inner=context(MFA)))).get_authn_contexts() == [MFA]


class TestStartedHere:
    def test_only_where_it_is_registered(self, client, someone):
        made = peer.provider()
        assert client.get("/saml/start/library").status_code == 403
        made.allows_start_here = True
        made.save()

        answer = client.get(client.get("/saml/start/library?relay=https://lib.example/shelf").url)

        assert fields(answer)["RelayState"] == "https://lib.example/shelf"
        assert b"InResponseTo" not in told(answer)

    @pytest.mark.parametrize(
        "relay",
        ["https://evil.example/", "//evil.example", "https://lib.example.evil/", "javascript:alert(1)"],
    )
    def test_leads_nowhere_else(self, client, someone, relay):
        peer.provider(allows_start_here=True)

        assert client.get("/saml/start/library", {"relay": relay}).status_code == 403
        assert SignOnRequest.objects.count() == 0
        assert last().rule == "relay_state"


class TestMetadata:
    def test_is_signed_and_holds_the_keys_before_and_after(self, client):
        before = keys.published()
        keys.rotate()

        document = client.get("/saml/metadata").content
        signed = signatures.verified(read(document), [keys.current().certificate])
        shown = {
            "".join(one.text.split())
            for one in signed.iter("{http://www.w3.org/2000/09/xmldsig#}X509Certificate")
        }

        assert {signatures.bare(one) for one in (*before, *keys.published())} <= shown
        assert len(keys.published()) == 3
        assert metadata.identity_provider(document.decode(), at=keys.timezone.now()).sign_on

    def test_next_key_signs_after_the_rotation(self, client, someone):
        peer.provider()
        _current, upcoming = keys.published()
        keys.rotate()

        assert keys.current().certificate == upcoming
        accepted(ask(client, peer.authn_request()))


def sso_pairwise(made, account) -> str:
    from yanta.sso.applications.public import pairwise_id

    return pairwise_id(made.application, account)
