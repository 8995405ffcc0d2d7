"""Who may come in, with what: clocks, replays, forgeries, strangers, old keys, wrong nodes; all in words and logged."""

from __future__ import annotations

from datetime import timedelta

import httpx
import orjson
import pytest
from django.utils import timezone

from yanta.hub.nodes import enrolment, services, wire
from yanta.hub.nodes.client import Client, Rejected, Unreachable
from yanta.hub.nodes.models import Arrival, Node, NodeKey, Package, Receipt, Refusal, RegionalRow, Stream
from yanta.hub.nodes.tests.pair import SYSTEM, Side, agreed, push
from yanta.kernel.base import Refused, signatures

pytestmark = pytest.mark.django_db


@pytest.fixture
def upper(pair) -> Node:
    return pair[1].node


def changed(request, **headers):
    """The same request with other headers."""
    fresh = {**dict(request.headers), **{name.replace("_", "-"): value for name, value in headers.items()}}
    return httpx.Request(request.method, request.url, headers=fresh, content=request.read())


class TestRequests:
    def hello(self, pair):
        with pair[0].acting(), Client(pair[1].node) as talk:
            return talk.get("/hello")

    def test_a_signed_request_is_answered(self, pair):
        assert self.hello(pair)["state"] == "active"

    def test_a_stranger_is_sent_away(self, pair, line):
        line.before = lambda request: line.deliver(changed(request, yanta_node="9999"))
        with pytest.raises(Rejected, match="没有登记"):
            self.hello(pair)

    def test_a_clock_that_is_wrong_hears_by_how_much(self, pair, line):
        late = wire.now_text(timezone.now() - timedelta(minutes=7))
        line.before = lambda request: line.deliver(changed(request, yanta_time=late))
        with pytest.raises(Rejected, match=r"时钟相差 4[12]\d 秒（对方慢）"):
            self.hello(pair)

    def test_the_same_request_again_is_a_replay(self, pair, line):
        self.hello(pair)
        again = line.deliver(line.requests[-1])
        assert again.status_code == 401
        assert "已经用过一次" in again.json()["detail"]
        assert Refusal.objects.filter(kind="replay").count() == 1

    def test_another_address_or_body_under_the_same_signature_is_altered(self, pair, line):
        self.hello(pair)
        signed = line.requests[-1]
        other = httpx.Request("GET", str(signed.url).replace("hello", "notices"), headers=signed.headers)
        assert "签名不符" in line.deliver(other).json()["detail"]
        with_body = httpx.Request("GET", signed.url, headers=signed.headers, content=b"x")
        assert "签名不符" in line.deliver(with_body).json()["detail"]

    def test_a_node_that_waits_or_is_suspended_reports_nothing(self, pair):
        school, province = pair
        with province.acting():
            services.suspend(school.node, actor=SYSTEM, reason="核查")
        with school.acting(), Client(province.node) as talk:
            assert talk.get("/hello")["state"] == "suspended"
            with pytest.raises(Rejected, match="停用"):
                talk.get("/notices?after=0")

    def test_an_answer_of_somebody_else_is_not_believed(self, pair, line, tmp_path):
        stranger = Side(tmp_path / "else", "610000", "province", "假省")

        def forging(request):
            line.upper, kept = stranger, line.upper
            try:
                return line.deliver(request)
            finally:
                line.upper = kept

        line.before = lambda request: None if "/keys" in request.url.path else forging(request)
        with pytest.raises(Refused, match=r"没有给出新密钥"):
            self.hello(pair)

    def test_an_unsigned_answer_is_no_answer(self, pair, line):
        line.before = lambda request: httpx.Response(200, json={"state": "active"})
        with pytest.raises(Unreachable, match="没有签名"):
            self.hello(pair)

    def test_too_many_requests_have_to_wait(self, pair, monkeypatch):
        from django.core.cache import cache

        from yanta.hub.nodes import door

        cache.clear()
        monkeypatch.setattr(door, "REQUESTS_A_MINUTE", 2)
        self.hello(pair)
        self.hello(pair)
        with pytest.raises(Unreachable, match="频繁"):
            self.hello(pair)
        cache.clear()


class TestKeys:
    def test_a_new_key_of_the_school_is_followed(self, pair, campus):
        school, _province = pair
        agreed(school, "organisation")
        with school.acting():
            old, new = signatures.own_key(), signatures.rotate()

        push(school)

        assert enrolment.keys_of(school.node) == [new]
        assert NodeKey.objects.get(key_id=old.key_id).retired_at is not None
        assert Receipt.objects.filter(side="given", subject="organisation").count() == 1

    def test_a_new_key_of_the_province_is_followed(self, pair, campus):
        school, province = pair
        agreed(school, "organisation")
        with province.acting():
            new = signatures.rotate()

        push(school)

        assert enrolment.keys_of(province.node) == [new]
        assert Receipt.objects.filter(side="got", subject="organisation").count() == 1

    def test_a_package_signed_before_the_change_still_counts(self, reporting, campus, line):
        school, _province = reporting
        line.before = _broken
        push(school)
        with school.acting():
            signatures.rotate()
        line.before = lambda request: None

        push(school)

        assert not Package.objects.exclude(state="done").exists()

    def test_an_old_key_signs_nothing_new(self, reporting, campus, line):
        """Somebody found the old private key and signs a package of today with it."""
        school, province = reporting
        row = NodeKey.objects.get(node=school.node)
        row.retired_at = timezone.now() - timedelta(days=1)
        row.save()
        with school.acting():
            old = signatures.own_key()
            signatures.rotate()
            enrolment.pin(school.node, signatures.own_key(), "rollover", at=timezone.now())
            Node.objects.filter(code=province.code).update(announced_key=signatures.own_key().key_id)
        stolen = _package_of(reporting, campus)
        assert Package.objects.get(pk=stolen.pk).signature.split(":")[1] != old.key_id
        with pytest.raises(Refused, match="已经更换"):
            _announce(reporting, stolen, key=row)


def _broken(request):
    raise httpx.ConnectError("down")


def _package_of(pair, campus):
    from yanta.hub.nodes import building

    with pair[0].acting():
        return building.build(Stream.objects.get(subject="organisation"), at=timezone.now())


def _announce(pair, package, *, key):
    """As the upper node would judge the manifest, had that key signed it."""
    from yanta.hub.nodes import receiving

    manifest = wire.read_manifest(package.manifest.encode())
    found = [signatures.PublicKey(key.algorithm, key.key_id, key.pem)]
    with pytest.MonkeyPatch.context() as patch, pair[1].acting():
        patch.setattr(wire, "check_signature", lambda *_: found[0])
        receiving._check_signature(pair[0].node, package.manifest.encode(), "", manifest)


class TestPackages:
    def announce(self, pair, package, **changes):
        told = {"manifest": package.manifest, "signature": package.signature, "introduced": None, **changes}
        with pair[0].acting(), Client(pair[1].node) as talk:
            return talk.post("/packages", told)

    @pytest.fixture
    def package(self, reporting, campus):
        return _package_of(reporting, campus)

    def test_an_altered_manifest_is_refused(self, reporting, package):
        altered = package.manifest.replace('"subject":"organisation"', '"subject":"programme"')
        with pytest.raises(Rejected, match="签名不符"):
            self.announce(reporting, package, manifest=altered)
        assert Refusal.objects.filter(kind="signature").exists()

    def test_nobody_reports_for_another(self, reporting, package):
        """A manifest in another school's name, even one that the sender signed itself."""
        school, _province = reporting
        told = orjson.loads(package.manifest) | {"node": "4161019999"}
        text = wire.canonical(told)
        with school.acting():
            signature = signatures.sign(text).as_text()
        with pytest.raises(Rejected, match="不能替 4161019999 上报"):
            self.announce(reporting, package, manifest=text.decode(), signature=signature)
        card = {"code": "4161019999", "name": "乙大学", "level": "school"}
        with pytest.raises(Rejected, match="不能转报"):
            self.announce(reporting, package, manifest=text.decode(), signature=signature, introduced=card)

    def test_an_altered_part_is_dropped_and_asked_for_again(self, reporting, package, line):
        def altering(request):
            if "/parts/" not in request.url.path:
                return None
            body = bytearray(request.read())
            body[-1] ^= 1
            return (
                line.deliver(request)
                if altering.done
                else self._signed_anew(reporting, request, bytes(body), line)
            )

        altering.done = False
        line.before = altering
        push(reporting[0])
        assert not RegionalRow.objects.filter(subject="organisation").exists()
        assert "摘要不符" in Stream.objects.get(subject="organisation").error
        line.before = lambda request: None

        push(reporting[0])

        assert RegionalRow.objects.filter(subject="organisation").count() == 2

    def _signed_anew(self, pair, request, body, line):
        """Damage before signing, as by a bad disk: the request holds, the part does not."""
        with pair[0].acting():
            text = wire.request_text(
                node=pair[0].code, method=request.method, target=str(request.url.raw_path, "ascii"),
                time=request.headers[wire.TIME], nonce=request.headers[wire.NONCE], body=body,
            )  # fmt: skip
            signature = signatures.sign(text).as_text()
        headers = {
            **dict(request.headers),
            wire.SIGNATURE.lower(): signature,
            "content-length": str(len(body)),
        }
        return line.deliver(httpx.Request(request.method, request.url, headers=headers, content=body))

    def test_a_package_that_was_applied_is_answered_by_its_receipt(self, reporting, package):
        push(reporting[0])
        package.refresh_from_db()
        given = Receipt.objects.get(side="given", subject="organisation")
        rows = RegionalRow.objects.count()

        assert self.announce(reporting, package)["receipt"]["document"] == given.document
        assert RegionalRow.objects.count() == rows

    def test_another_package_under_a_used_number_is_refused(self, reporting, package):
        push(reporting[0])
        told = orjson.loads(package.manifest) | {"built_at": wire.now_text(timezone.now())}
        text = wire.canonical(told)
        with reporting[0].acting():
            signature = signatures.sign(text).as_text()
        with pytest.raises(Rejected, match="重放旧包"):
            self.announce(reporting, package, manifest=text.decode(), signature=signature)

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"fields": ["code"]}, "缺少必报的数据项"),
            ({"fields": ["code", "name", "secret"]}, "不接收这些数据项：secret"),
            ({"subject": "person"}, "上级节点不接收"),
            ({"rows": 999}, "与各分块之和不等"),
            ({"format": "other/1"}, "不认识的包格式"),
            ({"number": 0}, "超出范围"),
            ({"taken_at": "2026-11-20T00:00:00"}, "没有写明时区"),
            ({"parts": [{"rows": 2}]}, "缺少或写错了"),
        ],
    )
    def test_a_manifest_that_breaks_the_terms_is_refused_in_words(self, reporting, package, change, words):
        text = wire.canonical(orjson.loads(package.manifest) | change)
        with reporting[0].acting():
            signature = signatures.sign(text).as_text()
        with pytest.raises(Rejected, match=words):
            self.announce(reporting, package, manifest=text.decode(), signature=signature)
        assert not Arrival.objects.exists()

    def test_a_refused_package_stops_its_stream_and_says_why(self, reporting, package, monkeypatch):
        from yanta.hub.nodes import contracts

        contract = contracts.CONTRACTS["organisation"]
        stricter = contracts.Contract("organisation", contract.fields, (*contract.required, "english_name"))
        monkeypatch.setitem(contracts.CONTRACTS, "organisation", stricter)

        push(reporting[0])

        stream = Stream.objects.get(subject="organisation")
        assert (stream.state, stream.wants_full) == ("paused", True)
        assert "缺少必报的数据项" in stream.error
