"""What a CAS server's answer is believed of."""

from __future__ import annotations

import pytest

from yanta.sso.partners.models import Link
from yanta.sso.partners.tests import factories as there
from yanta.sso.partners.tests.flows import CAS_ANSWER, back_by_cas, is_in, refused

pytestmark = pytest.mark.django_db


class TestCas:
    @pytest.fixture(autouse=True)
    def _linked(self, goose):
        partner = there.partner("cas")
        Link.objects.create(partner=partner, subject="subject-1", person=goose.person, proof="self")

    def test_lets_in_whom_the_ticket_names(self, client, server):
        assert back_by_cas(client, server).url == "/account/"
        assert is_in(client)

    @pytest.mark.parametrize(
        ("answer", "rule"),
        [
            ('<cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas"><cas:authenticationFailure/></cas:serviceResponse>', "ticket"),
            (f'<!DOCTYPE a [<!ENTITY x "y">]>{CAS_ANSWER}', "answer"), ("no", "answer"),
            (CAS_ANSWER.replace("subject-1", "nobody"), "unknown"),
        ],
        ids=["failure", "entity", "no xml", "nobody"],
    )  # fmt: skip
    def test_believes_nothing_else(self, client, server, answer, rule):
        refused(client, back_by_cas(client, server, answer), rule)
