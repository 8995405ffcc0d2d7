"""An agreement between two installations: proposed, judged, signed by both, read within its bounds, ended at once."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from tests.nodes.agreeing import DATASET
from tests.nodes.conftest import Pair
from tests.nodes.installations import Installation, wait_until_answered
from yanta.hub.nodes import wire
from yanta.kernel.base import schemes
from yanta.kernel.base.signatures import PublicKey, Signature

# Open, and of two credits or more: what is left of the dozen.
AGREED = {"P001": 2, "P002": 3, "P003": 4, "P005": 2, "P006": 3, "P007": 4, "P009": 2, "P010": 3}


class Outsider:
    """A third node with a key of its own: what it may not do it tries by hand."""

    code = "4161010009"

    def __init__(self, upper: Installation) -> None:
        self.upper = upper
        self._key, pem = schemes.of("ed25519").new_pair()
        self.public = PublicKey.from_pem("ed25519", pem)

    def ask(self, target: str, *, node: str = "", minutes: int = 0, nonce: str = "") -> dict[str, Any]:
        at, nonce = wire.now_text(datetime.now(UTC) - timedelta(minutes=minutes)), nonce or wire.new_nonce()
        text = wire.request_text(
            node=node or self.code, method="GET", target=target, time=at, nonce=nonce, body=b""
        )
        value = b64encode(schemes.of("ed25519").sign(self._key, text)).decode()
        signed = Signature("ed25519", self.public.key_id, value).as_text()
        headers = {wire.NODE: node or self.code, wire.TIME: at, wire.NONCE: nonce, wire.SIGNATURE: signed}
        answer = httpx.get(self.upper.url + target, headers=headers, trust_env=False)
        return {"status": answer.status_code, **answer.json()}


def test_two_nodes_agree_and_exactly_what_was_agreed_is_read(pair: Pair) -> None:
    province, school = pair.province, pair.school
    pair.above.step("publish")
    outsider = Outsider(province)
    pair.above.step("stranger", outsider.public.pem)
    pair.above.start("serve")
    wait_until_answered(province)

    number = pair.below.step("propose", province.code)
    assert pair.below.step("standing") == "proposed", school.rows("SELECT reason FROM sharing_agreement")
    assert "还不能取数" in pair.below.step("read")["refused"]
    pair.above.step("decide")
    assert pair.above.step("sign") == "offered"
    assert pair.below.step("settle") == "offered"
    assert pair.below.step("sign") == "active"
    assert pair.above.step("standing") == "active"

    page = pair.below.step("read")
    assert {row["code"]: float(row["credits"]) for row in page["rows"]} == AGREED
    assert {name for row in page["rows"] for name in row} == {"_id", "code", "name", "credits"}
    assert (page["receipt"]["rows"], page["next"]) == (len(AGREED), None)
    landed = pair.below.step("land")
    assert (landed["read"], landed["new"]) == (len(AGREED), len(AGREED))
    assert [code for (code,) in school.rows("SELECT code FROM masterdata_course ORDER BY 1")] == sorted(
        AGREED
    )
    assert any(line.startswith("陕西省 · 省级共享课程 → source:") for line in pair.below.step("whence"))

    target = f"/api/v1/peer/sharing/agreements/{number}/rows"
    assert_outsiders_get_nothing(outsider, target, school.code)
    assert_everything_is_on_record(province, number)

    assert pair.above.step("revoke", "课程调整") == "revoked"
    assert "课程调整" in pair.below.step("read")["refused"]
    assert "课程调整" in pair.below.step("land")["refused"]
    assert pair.below.step("settle") == "revoked"
    assert "已终止" in pair.below.step("land")["refused"]
    pair.above.stop("serve")


def assert_outsiders_get_nothing(outsider: Outsider, target: str, school: str) -> None:
    """Another node's agreement, an old request, a repeated one, somebody else's name."""
    nonce = wire.new_nonce()
    wrong = outsider.ask(target, nonce=nonce)
    again = outsider.ask(target, nonce=nonce)
    old = outsider.ask(target, minutes=10)
    borrowed = outsider.ask(target, node=school)
    assert "不是与第三大学签订的" in wrong["detail"]
    assert (again["status"], old["status"], borrowed["status"]) == (401, 401, 401)
    assert "重放" in again["detail"]
    assert "时钟相差" in old["detail"]
    assert "rows" not in {**wrong, **again, **old, **borrowed}


def assert_everything_is_on_record(province: Installation, number: str) -> None:
    """Who read what and why; who was turned away."""
    done = province.rows(
        "SELECT c.title, a.purpose, e.count, e.is_signed, e.detail FROM sharing_readentry e"
        " JOIN sharing_consumer c ON c.id = e.consumer_id JOIN sharing_grant g ON g.id = e.grant_id"
        " JOIN sharing_application a ON a.id = g.application_id WHERE e.outcome = 'done'"
    )
    assert done == [("测试大学", "本校学生跨校选课", len(AGREED), True, f"协议 {number}")] * 2
    ((refused,),) = province.rows("SELECT count(*) FROM sharing_readentry WHERE outcome = 'refused'")
    assert refused == 1
    kinds = {kind for (kind,) in province.rows("SELECT kind FROM nodes_refusal WHERE about LIKE 'sharing/%'")}
    assert {"replay", "clock", "key"} <= kinds
    assert province.rows(f"SELECT 1 FROM sharing_dataset WHERE code = '{DATASET}' AND state = 'published'")
