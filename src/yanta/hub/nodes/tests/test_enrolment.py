"""How a node joins: keys are exchanged under a code that never travels, and a person lets it in."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from django.utils import timezone

from yanta.hub.nodes import client, enrolment, services, wire
from yanta.hub.nodes.models import Node, Refusal
from yanta.hub.nodes.tests.pair import ADDRESS, SYSTEM
from yanta.kernel.base import Refused, signatures

pytestmark = pytest.mark.django_db


class TestEnrolment:
    def test_exchanges_keys_and_waits_for_a_person(self, db, school_side, province, line):
        with province.acting():
            invited = services.invite(actor=SYSTEM, code=school_side.code, name="甲大学")
            key_of_province = signatures.own_key()
        with school_side.acting():
            known = services.join(actor=SYSTEM, address=ADDRESS, code=invited.enrol_code.lower())
            key_of_school = signatures.own_key()

        assert school_side.node.state == "pending"
        assert enrolment.keys_of(school_side.node) == [key_of_school]
        assert enrolment.keys_of(known) == [key_of_province]
        assert school_side.node.enrol_code is None

    def test_the_code_itself_never_travels(self, db, school_side, province, line):
        with province.acting():
            code = services.invite(actor=SYSTEM, code=school_side.code, name="甲大学").enrol_code
        with school_side.acting():
            services.join(actor=SYSTEM, address=ADDRESS, code=code)

        sent = b"".join(request.read() for request in line.requests)
        assert code.encode() not in sent
        assert code.replace("-", "").encode() not in sent

    def test_a_wrong_code_is_refused_and_five_make_it_void(self, db, school_side, province, line):
        with province.acting():
            code = services.invite(actor=SYSTEM, code=school_side.code, name="甲大学").enrol_code
        with school_side.acting():
            for _ in range(5):
                with pytest.raises(Refused, match="入网码不对"):
                    self.apply("AAAABBBBCCCCDDDD")
            with pytest.raises(Refused, match="次数过多"):
                self.apply(code)
        assert Refusal.objects.filter(kind="enrolment").count() == 6

    def apply(self, code):
        """Without the operation around it, whose transaction would here hold the other side's too."""
        card, nonce = enrolment.own_card(), wire.new_nonce()
        proof = enrolment.proof_of(code.replace("-", ""), "lower", card, nonce)
        return client.enrol(ADDRESS, {"card": card, "nonce": nonce, "proof": proof})

    def test_a_code_is_good_for_a_day(self, db, school_side, province, line):
        with province.acting():
            code = services.invite(actor=SYSTEM, code=school_side.code, name="甲大学").enrol_code
        Node.objects.update(enrol_until=timezone.now() - timedelta(seconds=1))
        with school_side.acting(), pytest.raises(Refused, match="已过期"):
            services.join(actor=SYSTEM, address=ADDRESS, code=code)

    def test_who_does_not_know_the_code_is_no_upper_node(self, db, school_side, province, line, tmp_path):
        with province.acting():
            code = services.invite(actor=SYSTEM, code=school_side.code, name="甲大学").enrol_code
        line.before = lambda request: httpx.Response(200, json={**_card_of(line), "proof": "00"})

        with school_side.acting(), pytest.raises(Refused, match="没有证明"):
            services.join(actor=SYSTEM, address=ADDRESS, code=code)
        assert not Node.objects.filter(code=province.code).exists()

    def test_a_school_takes_no_schools(self, db, school_side):
        with school_side.acting(), pytest.raises(Refused, match="没有下级"):
            services.invite(actor=SYSTEM, code="X", name="乙大学")

    def test_plain_http_only_to_this_machine(self, settings):
        assert client.check_address("http://127.0.0.1:8000/") == "http://127.0.0.1:8000"
        assert client.check_address("https://a.example") == "https://a.example"
        with pytest.raises(Refused, match="HTTPS"):
            client.check_address("http://a.example")
        settings.YANTA_NODE_HTTP = True
        assert client.check_address("http://a.example") == "http://a.example"


def _card_of(line):
    with line.upper.acting():
        return {"card": enrolment.own_card()}
