"""What a SAML identity provider's assertion is believed of."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from yanta.sso.partners.models import Link
from yanta.sso.partners.tests import factories as there
from yanta.sso.partners.tests.flows import ACS, OURS, asserted, is_in, refused, sent
from yanta.sso.saml import encryption, keys, metadata, names
from yanta.sso.saml.documents import read, written
from yanta.sso.saml.tests import factories as peer

pytestmark = pytest.mark.django_db


class TestSaml:
    @pytest.fixture(autouse=True)
    def _linked(self, goose):
        partner = there.partner("saml")
        Link.objects.create(partner=partner, subject="subject-1", person=goose.person, proof="self")

    @pytest.mark.parametrize("whole", [True, False])
    def test_lets_in_whom_the_assertion_names(self, client, whole):
        assert sent(client, *asserted(client, whole=whole)).url == "/account/"
        assert is_in(client)

    def test_opens_what_was_encrypted_for_us(self, client):
        response, state = asserted(client)
        inner = response.find("{urn:oasis:names:tc:SAML:2.0:assertion}Assertion")
        sealed = encryption.encrypted(read(written(inner)), certificate=keys.current().certificate)
        response.replace(inner, sealed)

        assert sent(client, response, state).url == "/account/"

    @pytest.mark.parametrize(
        ("changed", "rule"),
        [
            ({"key": "evil"}, "signature.wrong"), ({"key": "evil", "whole": True}, "signature.wrong"),
            ({"issuer": "https://evil.example"}, "issuer"), ({"audience": "https://other.example"}, "audience"),
            ({"recipient": "https://other.example/acs"}, "destination"), ({"in_response_to": "_another"}, "in_response_to"),
            ({"in_response_to": ""}, "in_response_to"), ({"later": timedelta(minutes=-30)}, "time.old"),
            ({"later": timedelta(minutes=30)}, "time.future"), ({"format": names.TRANSIENT}, "name_id"),
        ],
    )  # fmt: skip
    def test_believes_nothing_else(self, client, changed, rule):
        refused(client, sent(client, *asserted(client, **changed)), rule)

    def test_takes_no_unsigned_and_no_wrapped_assertion(self, client):
        """The signed one is hidden, and a forged one stands where it is read."""
        wrap = "{urn:oasis:names:tc:SAML:2.0:assertion}Assertion"
        signature = "{http://www.w3.org/2000/09/xmldsig#}Signature"

        response, state = asserted(client)
        inner = response.find(wrap)
        inner.remove(inner.find(signature))
        refused(client, sent(client, response, state), "signature.missing")

        for place in ("before", "inside"):
            response, state = asserted(client)
            good = response.find(wrap)
            evil = read(written(good).replace(b"subject-1", b"subject-2"))
            evil.remove(evil.find(signature))
            evil.set("ID", "_evil")
            if place == "before":
                response.insert(2, evil)
                refused(client, sent(client, response, state), "xml.content")
            else:
                response.replace(good, evil)
                evil.append(good)
                refused(client, sent(client, response, state), "assertion")

    def test_takes_no_assertion_twice_and_in_no_other_browser(self, client):
        response, state = asserted(client)
        form = {"SAMLResponse": peer.posted(written(response)), "RelayState": state}
        first = Client().post("/partners/province/acs", form)

        refused(client, Client().post("/partners/province/acs", form), "replay")
        assert Client().get(first.url).status_code == 403

    def test_says_what_a_partner_registers_of_us(self, client):
        found = metadata.service_provider(
            client.get("/partners/province/metadata").content.decode(), at=timezone.now()
        )

        assert found.entity_id == OURS
        assert found.acs[0][1] == ACS
        assert found.signs_requests
