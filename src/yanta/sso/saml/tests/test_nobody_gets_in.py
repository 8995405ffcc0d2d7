"""Every way of getting in or out with a message that is not what it seems; none works, each is logged."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import xmlsec
from django.test import Client
from django.utils import timezone

from yanta.kernel.identity.models import Session
from yanta.sso.applications import signing_out
from yanta.sso.applications.models import Decision, Entry
from yanta.sso.applications.tests import factories as sso
from yanta.sso.saml import keys, signatures
from yanta.sso.saml.documents import Fault, read, written
from yanta.sso.saml.models import Asserted, ServiceProvider
from yanta.sso.saml.tests import factories as peer
from yanta.sso.saml.tests.test_signing_on import accepted, ask, fields, status_of

pytestmark = pytest.mark.django_db


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


@pytest.fixture
def signer() -> ServiceProvider:
    return peer.provider(certificates=peer.pair()[1], requires_signature=True)


def refused(answer: Any, rule: str) -> None:
    found = Decision.objects.order_by("-pk").first()
    assert answer.status_code == 403, answer.content.decode()[:600]
    assert (found.protocol, found.outcome, found.rule) == ("saml", "refused", rule), found.reason
    assert Asserted.objects.count() == 0


def by_form(client: Client, document: str | bytes, **more: str):
    return client.post("/saml/sso", {"SAMLRequest": peer.posted(document), **more})


class TestRequests:
    def test_of_nobody_known(self, client, someone):
        refused(ask(client, peer.authn_request()), "issuer")

    def test_to_an_address_that_is_not_registered(self, client, someone):
        peer.provider()

        refused(
            ask(client, peer.authn_request(AssertionConsumerServiceURL="https://evil.example/acs")), "acs"
        )
        refused(ask(client, peer.authn_request("_2", AssertionConsumerServiceURL=f"{peer.ACS}/../x")), "acs")
        refused(
            ask(
                client,
                peer.authn_request("_3", AssertionConsumerServiceURL="", AssertionConsumerServiceIndex="7"),
            ),
            "acs",
        )

    @pytest.mark.parametrize(("minutes", "rule"), [(-9, "time.old"), (4, "time.future")])
    def test_too_old_or_from_the_future(self, client, someone, minutes, rule):
        peer.provider()

        refused(ask(client, peer.authn_request(at=timezone.now() + timedelta(minutes=minutes))), rule)

    def test_within_what_clocks_may_differ(self, client, someone):
        peer.provider()

        accepted(ask(client, peer.authn_request(at=timezone.now() + timedelta(minutes=2))))

    def test_a_second_time(self, client, someone):
        peer.provider()
        accepted(ask(client, peer.authn_request()))
        Asserted.objects.all().delete()

        refused(ask(client, peer.authn_request()), "replay")

    def test_meant_for_another_provider(self, client, someone):
        peer.provider()

        refused(ask(client, peer.authn_request(Destination="https://other.example/saml/sso")), "destination")

    def test_by_another_binding_or_version(self, client, someone):
        peer.provider()

        artifact = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact"
        refused(ask(client, peer.authn_request(ProtocolBinding=artifact)), "binding")
        refused(ask(client, peer.authn_request(Version="1.1")), "version")

    def test_for_a_name_that_is_not_its_own(self, client, someone):
        peer.provider()
        policy = '<samlp:NameIDPolicy Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent" SPNameQualifier="https://other"/>'
        mail = '<samlp:NameIDPolicy Format="urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"/>'

        for number, inner in (("_1", policy), ("_2", mail)):
            answer = ask(client, peer.authn_request(number, inner=inner))
            assert status_of(answer) == ["Requester", "InvalidNameIDPolicy"]

    @pytest.mark.parametrize(
        ("document", "rule"),
        [
            ('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "xml.doctype"),
            ('<!DOCTYPE a [<!ENTITY x "xx"><!ENTITY y "&x;&x;&x;">]><a>&y;</a>', "xml.doctype"),
            ('<?xml version="1.0"?><?xml-stylesheet href="x"?><a/>', "xml.doctype"),
            ('<?xml version="1.0" encoding="UTF-7"?><a/>', "xml.encoding"),
            ("<a>", "xml.syntax"),
            ("<a/>" + " " * 300_000, "xml.size"),
        ],
        ids=["external entity", "entity bomb", "instruction", "encoding", "no xml", "size"],
    )
    def test_that_are_more_than_xml(self, client, someone, document, rule):
        refused(by_form(client, document), rule)
        refused(client.get(f"/saml/sso?{peer.query(document)}"), rule)


class TestSignatures:
    def test_missing_where_they_are_required(self, client, someone, signer):
        refused(ask(client, peer.authn_request()), "signature.missing")
        refused(by_form(client, peer.authn_request("_2")), "signature.missing")

    def test_by_another_key(self, client, someone, signer):
        key, certificate = peer.pair("evil")

        refused(ask(client, peer.authn_request(), key=key), "signature.wrong")
        refused(
            by_form(client, peer.signed(peer.authn_request("_2"), key=key, certificate=certificate)),
            "signature.wrong",
        )

    def test_wrong_although_none_is_required(self, client, someone, signer):
        ServiceProvider.objects.update(requires_signature=False)

        refused(ask(client, peer.authn_request(), key=peer.pair("evil")[0]), "signature.wrong")

    def test_of_something_else(self, client, someone, signer):
        """Signed, and then changed: relay state, order, content."""
        key, certificate = peer.pair()
        query = peer.query(peer.authn_request(), key=key, state="mine")
        document = peer.signed(peer.authn_request("_2"), key=key, certificate=certificate)

        refused(client.get(f"/saml/sso?{query.replace('mine', 'evil')}"), "signature.wrong")
        refused(client.get(f"/saml/sso?{query}&RelayState=evil"), "binding")
        refused(by_form(client, document.replace(b'"_2"', b'"_3"')), "signature.shape")
        refused(
            by_form(
                client,
                document.replace(b"IsPassive", b"x").replace(b"<saml:Issuer>", b'<saml:Issuer Format="x">'),
            ),
            "signature.wrong",
        )

    @pytest.mark.parametrize(
        "algorithm",
        [
            "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
            "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
            "none",
        ],
    )
    def test_by_a_method_that_is_not_taken(self, client, someone, signer, algorithm):
        refused(
            ask(client, peer.authn_request(), key=peer.pair()[0], algorithm=algorithm), "signature.algorithm"
        )

    def test_by_a_certificate_used_as_a_password(self, client, someone, signer):
        """Algorithm confusion: the public certificate as the secret of an HMAC."""
        key, certificate = peer.pair()
        document = peer.signed(peer.authn_request(), key=key, certificate=certificate)
        for confused in (
            b"http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
            b"http://www.w3.org/2000/09/xmldsig#rsa-sha1",
        ):
            refused(
                by_form(
                    client, document.replace(b"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", confused)
                ),
                "signature.algorithm",
            )

    def test_with_sha1(self, client, someone, signer):
        key, certificate = peer.pair()
        document = peer.signed(
            peer.authn_request(), key=key, certificate=certificate, method=xmlsec.constants.TransformRsaSha1
        )

        refused(by_form(client, document), "signature.algorithm")

    def test_in_the_name_of_another_application(self, client, someone, signer):
        """Whoever has a key of one application cannot ask as another."""
        key, certificate = peer.pair("other")
        peer.provider(sso.application("other"), entity_id="https://other.example/", certificates=certificate)

        refused(ask(client, peer.authn_request(), key=key), "signature.wrong")


class TestWrapping:
    """The forms of signature wrapping: something signed is shown, something else is to be read."""

    SIGNED, EVIL = "https://sp.example/acs", "https://sp.example/other"

    @pytest.fixture
    def whole(self, signer: ServiceProvider) -> Any:
        ServiceProvider.objects.update(acs_urls=f"{peer.ACS}\nhttps://sp.example/other")
        key, certificate = peer.pair()
        return read(peer.signed(peer.authn_request(), key=key, certificate=certificate))

    def _evil(self, whole: Any, number: str) -> Any:
        """A copy without signature that asks for another address."""
        evil = read(written(whole))
        evil.remove(evil.find("{http://www.w3.org/2000/09/xmldsig#}Signature"))
        evil.set("AssertionConsumerServiceURL", self.EVIL)
        evil.set("ID", number)
        return evil

    @pytest.mark.parametrize("number", ["_1", "_evil"])
    def test_signature_moved_to_a_forged_root(self, client, someone, whole, number):
        evil, signature = (
            self._evil(whole, number),
            whole.find("{http://www.w3.org/2000/09/xmldsig#}Signature"),
        )
        evil.insert(1, signature)

        refused(by_form(client, written(evil)), "signature.shape" if number == "_evil" else "signature.wrong")

    @pytest.mark.parametrize("number", ["_1", "_evil"])
    def test_original_inside_the_signature_of_a_forged_root(self, client, someone, whole, number):
        evil = self._evil(whole, number)
        signature = whole.find("{http://www.w3.org/2000/09/xmldsig#}Signature")
        evil.insert(1, signature)
        holder = signature.makeelement("{http://www.w3.org/2000/09/xmldsig#}Object")
        holder.append(self._without_signature(whole))
        signature.append(holder)

        refused(by_form(client, written(evil)), "signature.shape")

    @pytest.mark.parametrize("number", ["_1", "_evil"])
    def test_original_as_a_child_beside_the_signature(self, client, someone, whole, number):
        evil, signature = (
            self._evil(whole, number),
            whole.find("{http://www.w3.org/2000/09/xmldsig#}Signature"),
        )
        evil.insert(1, signature)
        extensions = evil.makeelement("{urn:oasis:names:tc:SAML:2.0:protocol}Extensions")
        extensions.append(self._without_signature(whole))
        evil.append(extensions)

        refused(by_form(client, written(evil)), "signature.shape")

    def test_whole_signed_original_inside_a_forged_root(self, client, someone, whole):
        evil = self._evil(whole, "_evil")
        extensions = evil.makeelement("{urn:oasis:names:tc:SAML:2.0:protocol}Extensions")
        extensions.append(whole)
        evil.append(extensions)

        refused(by_form(client, written(evil)), "signature.missing")

    def test_two_signatures(self, client, someone, whole):
        signature = whole.find("{http://www.w3.org/2000/09/xmldsig#}Signature")
        whole.insert(1, read(written(signature)))

        refused(by_form(client, written(whole)), "signature.shape")

    def test_reading_takes_only_what_was_signed(self, whole):
        """A comment cannot cut a name short, and what comes back is the signed document itself."""
        document = written(whole).replace(
            b"https://sp.example/metadata", b"https://sp.example/<!-- x -->metadata"
        )

        signed = signatures.verified(read(document), [peer.pair()[1]])

        assert signed.find("{urn:oasis:names:tc:SAML:2.0:assertion}Issuer").text == peer.ENTITY

    def _without_signature(self, whole: Any) -> Any:
        return read(re.sub(rb"<ds:Signature .*</ds:Signature>", b"", written(whole), flags=re.DOTALL))


class TestCertificates:
    @pytest.mark.parametrize(
        "text", ["nonsense", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"]
    )
    def test_that_are_none(self, text):
        with pytest.raises(Fault, match="证书"):
            signatures.certificates_in(text)


class TestSigningOut:
    @pytest.fixture
    def inside(self, client, someone, signer) -> Asserted:
        accepted(ask(client, peer.authn_request(), key=peer.pair()[0]))
        return Asserted.objects.get()

    def out(self, client: Client, document: str, **more: str):
        return client.get(f"/saml/slo?{peer.query(document, **more)}")

    def test_asked_by_the_application_ends_the_session_everywhere(self, client, inside, monkeypatch):
        request = peer.logout_request(inside.name_id, inside.session_index)

        answer = self.out(client, request, key=peer.pair()[0], state="back")

        assert answer.url.startswith(f"{peer.SLO}?SAMLResponse=")
        assert "RelayState=back" in answer.url
        assert Session.objects.filter(account=inside.account).count() == 0
        assert Entry.objects.get().notice == "none"
        assert client.get("/account/").status_code == 302

    def test_asked_by_form_needs_no_cookie(self, client, inside):
        key, certificate = peer.pair()
        ServiceProvider.objects.update(logout_redirect_url="", logout_post_url=peer.SLO)
        document = peer.signed(
            peer.logout_request(inside.name_id, inside.session_index), key=key, certificate=certificate
        )

        answer = Client().post("/saml/slo", {"SAMLRequest": peer.posted(document)})

        signed = read(__import__("base64").b64decode(fields(answer)["SAMLResponse"]))
        assert signatures.verified(signed, [keys.current().certificate]).get("InResponseTo") == "_L1"
        assert Session.objects.filter(account=inside.account).count() == 0

    @pytest.mark.parametrize(
        ("how", "rule"),
        [
            ("unsigned", "signature.missing"),
            ("forged", "signature.wrong"),
            ("old", "time.old"),
            ("twice", "replay"),
        ],
    )
    def test_by_nobody_else(self, client, inside, how, rule):
        key = {"unsigned": "", "forged": peer.pair("evil")[0]}.get(how, peer.pair()[0])
        at = timezone.now() - timedelta(minutes=20 if how == "old" else 0)
        document = peer.logout_request(inside.name_id if how != "twice" else "nobody", at=at)
        if how == "twice":
            self.out(client, document, key=key)

        answer = self.out(client, document, key=key)

        assert answer.status_code == 403
        assert Decision.objects.order_by("-pk").first().rule == rule
        assert Session.objects.filter(account=inside.account).count() == 1

    def test_leaving_here_opens_a_frame_or_writes_a_letter(self, client, inside, monkeypatch):
        letters: list[signing_out.Letter] = []
        monkeypatch.setattr(signing_out, "post", lambda letter: letters.append(letter) or "")

        page = client.post("/sign-out/").url
        frame = re.search(r'<iframe src="(https://sp[^"]+)"', client.get(page).content.decode())
        ServiceProvider.objects.update(logout_soap_url="https://sp.example/soap")
        signing_out.collect()
        signing_out.tell_due()

        assert frame[1].startswith(f"{peer.SLO}?SAMLRequest=")
        assert letters[0].url == "https://sp.example/soap"
        request = read(letters[0].content).find(".//{urn:oasis:names:tc:SAML:2.0:protocol}LogoutRequest")
        proved = signatures.verified(read(written(request)), [keys.current().certificate])
        assert inside.session_index in written(proved).decode()

    def test_frame_with_a_form_for_who_takes_no_redirect(self, client, inside):
        ServiceProvider.objects.update(logout_redirect_url="", logout_post_url=peer.SLO)
        page = client.get(client.post("/sign-out/").url).content.decode()
        address = re.search(r'<iframe src="http://127.0.0.1:8000(/saml/leaving[^"]+)"', page)[1]

        answer = client.get(address)

        assert f'action="{peer.SLO}"' in answer.content.decode()
        assert "frame-ancestors 'self'" in answer["Content-Security-Policy"]
        assert answer["X-Frame-Options"] == "SAMEORIGIN"
        assert client.get("/saml/leaving?k=forged").status_code == 404

    def test_answer_of_the_application_is_kept(self, client, inside):
        from yanta.sso.saml import assertions

        envelope = assertions.Envelope(
            peer.ENTITY, "us", "http://127.0.0.1:8000/saml/slo", timezone.now(), "_x"
        )
        document = written(assertions.logout_response(envelope)).decode()
        query = peer.query(document).replace("SAMLRequest", "SAMLResponse")
        assert client.get(f"/saml/slo?{query}").status_code == 403

        key, certificate = peer.pair()
        signed = peer.signed(document, key=key, certificate=certificate)
        assert client.post("/saml/slo", {"SAMLResponse": peer.posted(signed)}).status_code == 200
        assert Decision.objects.order_by("-pk").first().step == "sign_out"
