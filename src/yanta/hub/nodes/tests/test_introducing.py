"""An upper node vouches for two of its schools to each other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from yanta.hub.nodes import enrolment, services
from yanta.hub.nodes.client import Client
from yanta.hub.nodes.models import Node
from yanta.hub.nodes.tests.pair import SYSTEM, Side, joined
from yanta.kernel.base import Refused, signatures

pytestmark = pytest.mark.django_db


@pytest.fixture
def second(pair: Any, tmp_path: Path) -> Side:
    made = Side(tmp_path, "4161010002", "school", "乙大学")
    joined(made, pair[1])
    return made


def fellows(asking: Side) -> list[dict[str, Any]]:
    with asking.acting(), Client(Node.objects.get(relation="upper")) as line:
        found: list[dict[str, Any]] = line.get("/fellows")["fellows"]
    return found


def test_it_gives_the_others_with_their_present_keys(pair: Any, second: Side) -> None:
    (card,) = fellows(pair[0])
    with second.acting():
        assert card["pem"] == signatures.own_key().pem
    assert (card["code"], card["name"], bool(card["address"])) == ("4161010002", "乙大学", True)


def test_one_that_was_suspended_is_vouched_for_no_more(pair: Any, second: Side) -> None:
    with pair[1].acting():
        services.suspend(second.node, actor=SYSTEM, reason="核查")
    assert fellows(pair[0]) == []


def test_who_was_vouched_for_is_a_peer_whose_key_is_pinned_once(pair: Any, second: Side) -> None:
    (card,) = fellows(pair[0])
    upper = pair[1].node
    with pytest.raises(Refused, match="已登记为下级"):
        enrolment.vouched(card, by=upper, at=timezone.now())
    other = {**card, "code": "4161010003"}
    node = enrolment.vouched(other, by=upper, at=timezone.now())
    enrolment.vouched({**other, "pem": "somebody else's"}, by=upper, at=timezone.now())
    (key,) = enrolment.keys_of(node)
    assert (node.relation, node.state, key.pem) == ("peer", "active", card["pem"])


def test_nobody_is_introduced_to_a_stranger_or_to_oneself(pair: Any) -> None:
    with pair[0].acting():
        with pytest.raises(Refused, match="上级没有"):
            services.introduce(actor=SYSTEM, code="4161019999")
        with pytest.raises(Refused, match="自己的代码"):
            services.introduce(actor=SYSTEM, code=pair[0].code)
