"""Agreements with another school, seen from the providing side; `tests/nodes` has both sides."""

from __future__ import annotations

from datetime import timedelta

import orjson
import pytest
from django.utils import timezone

from yanta.hub.nodes import public as nodes
from yanta.hub.sharing import queries
from yanta.hub.sharing.agreements import landing, talking, terms
from yanta.hub.sharing.models import Agreement, Decision, Grant
from yanta.hub.sharing.services import agreements, applications, catalogue, grants
from yanta.hub.sharing.tests.factories import employed
from yanta.hub.sharing.tests.test_pages import browser
from yanta.kernel.base import Actor, Refused

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("test")
PEER = nodes.PeerNode("4161010002", "渭水师范学院", "school", "peer", True)


@pytest.fixture
def offered(world, acting, monkeypatch):
    """A published dataset, somebody in the registry who answers for it, signatures that hold."""
    acting("clerk", world.registry, person=employed(world.registry, name="学籍科"))
    monkeypatch.setattr(nodes, "is_signed_by", lambda code, content, signature: signature == f"by {code}")
    return world.dataset(names=["number", "name", "grade"])


def text(of, **changed) -> str:
    today = timezone.localdate()
    return orjson.dumps({
        "format": terms.FORMAT, "number": "4161010002-1", "provider": nodes.own_code(), "consumer": PEER.code,
        "dataset": of.code, "title": of.title, "subject": "student", "version": 1, "fields": ["number", "grade"],
        "condition": {}, "purpose": "联合培养", "valid_from": today.isoformat(),
        "valid_to": (today + timedelta(days=90)).isoformat(), "per_minute": 60, "rows_per_day": 1000, "level": 2, **changed,
    }).decode()  # fmt: skip


def proposed(of, **changed) -> Agreement:
    return agreements.take_in(PEER, text(of, **changed), f"by {PEER.code}", by="对方经办人")


def decided(one: Agreement, world, **values) -> Agreement:
    for decision in Decision.objects.filter(application=one.application, state="waiting"):
        speaker = world.registrar if decision.unit == world.registry else world.hr
        applications.approve(decision, actor=speaker, **values)
    one.refresh_from_db()
    return one


def in_force(offered, world) -> Agreement:
    one = decided(proposed(offered), world)
    agreements.sign(one, actor=SYSTEM)
    agreements.take_signature(one, f"by {PEER.code}", by="对方校领导")
    return Agreement.objects.select_related("grant__dataset").get(pk=one.pk)


class TestProposal:
    def test_becomes_an_application_of_the_source_departments(self, offered, world):
        one = proposed(offered)
        assert (one.state, one.unit, one.application.consumer.kind) == ("proposed", world.registry, "node")
        assert proposed(offered).pk == one.pk  # told twice, it is one
        assert Grant.objects.count() == 0

    @pytest.mark.parametrize(
        ("changed", "words"),
        [
            ({"provider": "4161010003"}, "双方"), ({"fields": ["number", "phone"]}, "没有字段"), ({"dataset": "none"}, "没有发布"),
            ({"fields": []}, "写错"), ({"purpose": ""}, "用途"), ({"valid_to": "2000-01-01"}, "截止日期"),
            ({"condition": {"field": "grade", "is": "like", "value": 1}}, "比较"), ({"format": "x"}, "格式"),
        ],
    )  # fmt: skip
    def test_is_refused_in_words(self, offered, changed, words):
        with pytest.raises(Refused, match=words):
            proposed(offered, **changed)
        assert Agreement.objects.count() == 0

    def test_a_text_that_they_did_not_sign_is_none(self, offered):
        with pytest.raises(Refused, match="不是渭水师范学院所签"):
            agreements.take_in(PEER, text(offered), "by somebody", by="x")

    def test_refused_by_a_department_it_is_over(self, offered, world):
        one = proposed(offered)
        for decision in one.application.decisions.all():
            applications.refuse(
                decision,
                actor=world.registrar if decision.unit == world.registry else world.hr,
                reason="另有渠道",
            )
        one.refresh_from_db()
        assert one.state == "refused"
        assert "另有渠道" in one.reason


class TestSigning:
    def test_only_what_both_signed_makes_a_grant(self, offered, world):
        one = decided(proposed(offered), world)
        assert (one.state, Grant.objects.count()) == ("judged", 0)
        agreements.sign(one, actor=SYSTEM)
        assert (one.state, one.partner_signature, Grant.objects.count()) == ("offered", "", 0)
        with pytest.raises(Refused, match="不是渭水师范学院所签"):
            agreements.take_signature(one, "by nobody", by="x")
        agreements.take_signature(one, f"by {PEER.code}", by="对方校领导")
        one.refresh_from_db()
        assert (one.state, one.grant.names, one.grant.ways) == ("active", ["number", "grade"], ["rest"])

    def test_the_leader_may_say_no(self, offered, world):
        one = decided(proposed(offered), world)
        agreements.decline(one, actor=SYSTEM, reason="暂不对外")
        assert (one.state, Grant.objects.count()) == ("refused", 0)

    def test_fewer_fields_are_in_the_text_that_is_signed(self, offered, world):
        one = proposed(offered)
        decided(one, world, fields="number")
        assert orjson.loads(one.terms)["fields"] == one.names == ["number"]


class TestEnd:
    def test_at_once_with_its_grant(self, offered, world):
        one = in_force(offered, world)
        agreements.end(one, actor=world.registrar, reason="数据口径调整")
        one.grant.refresh_from_db()
        assert (one.state, one.grant.state) == ("revoked", "revoked")

    def test_by_the_other_side(self, offered, world):
        one = agreements.take_end(in_force(offered, world), "不再需要")
        assert (one.state, Grant.objects.get().state) == ("revoked", "revoked")

    def test_a_grant_that_is_taken_back_ends_the_agreement(self, offered, world):
        one = in_force(offered, world)
        grants.revoke(one.grant, actor=world.registrar, reason="核查")
        assert agreements.end_what_is_over(on=timezone.localdate()) == 1
        one.refresh_from_db()
        assert one.state == "revoked"

    def test_by_itself_after_the_last_day(self, offered, world):
        one = in_force(offered, world)
        agreements.end_what_is_over(on=one.valid_to + timedelta(days=1))
        one.refresh_from_db()
        assert one.state == "ended"

    def test_only_by_whose_it_is(self, offered, world):
        with pytest.raises(Refused, match="管理范围"):
            agreements.end(in_force(offered, world), actor=world.hr, reason="x")


def test_the_other_school_is_forewarned(offered, world):
    one = in_force(offered, world)
    assert queries.forewarning(one)["notice"] == ""
    catalogue.deprecate(offered, actor=world.registrar, ends_on=timezone.localdate() + timedelta(days=60))
    assert "停止服务" in queries.forewarning(one)["notice"]


def test_what_is_offered_may_only_be_less_than_what_was_asked(offered, world):
    one = proposed(offered)
    assert terms.is_narrower(terms.read(text(offered, fields=["number"])), one) == ""
    assert "没有申请的字段" in terms.is_narrower(terms.read(text(offered, fields=["number", "name"])), one)
    assert "用途" in terms.is_narrower(terms.read(text(offered, purpose="商业推广")), one)


def test_a_connection_leads_only_where_an_agreement_runs(db):
    with pytest.raises(Refused, match="没有编号"):
        landing.AgreementConnector("none").tables()


@pytest.mark.parametrize(("rule", "state"), [("nodes.stranger", "proposed"), ("sharing.fields", "refused")])
def test_a_proposal_waits_until_the_other_side_listens(world, monkeypatch, rule, state):
    def turned_away(*_: object, **__: object) -> None:
        raise Refused("不行", rule=rule)

    monkeypatch.setattr(nodes, "ask", turned_away)
    today = timezone.localdate()
    one = Agreement.objects.create(
        number="a", side="takes", node=PEER.code, partner=PEER.name, unit=world.registry, subject="student", names=["number"],
        valid_from=today, valid_to=today, owed="proposal",
    )  # fmt: skip
    talking.settle(one.pk)
    one.refresh_from_db()
    assert (one.state, bool(one.owed)) == (state, state == "proposed")


class TestPages:
    def test_both_lists_and_the_record(self, offered, world, acting):
        one = in_force(offered, world)
        client = browser(world.registrar)
        page = client.get("/sharing/agreements/").content.decode()
        assert "渭水师范学院" in page
        record = client.get(f"/sharing/agreements/{one.pk}/").content.decode()
        assert "对方还没有取数" in record
        assert "终止协议" in record

    def test_proposing_needs_a_partner_first(self, world):
        page = browser(world.registrar).get("/sharing/agreements/new/").content.decode()
        assert "还没有接通别的学校" in page
