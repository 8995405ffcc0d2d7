"""What nodes say to each other, without a database."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta

import pytest

from yanta.hub.nodes import sealing, wire
from yanta.kernel.base import Refused

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


class TestParts:
    def test_equal_rows_give_equal_bytes(self):
        rows = [{"op": "u", "number": "1", "name": "张三"}]
        assert wire.packed(rows) == wire.packed(rows)
        assert wire.unpacked(wire.packed(rows)).decode() == '{"op":"u","number":"1","name":"张三"}'

    def test_what_unpacks_to_too_much_is_refused(self, monkeypatch):
        monkeypatch.setattr(wire, "PART_UNPACKED", 1000)
        with pytest.raises(Refused, match="超过限度"):
            wire.unpacked(gzip.compress(b"0" * 100_000, mtime=0))

    @pytest.mark.parametrize("content", [b"", b"no gzip", gzip.compress(b"x" * 500, mtime=0)[:-9]])
    def test_what_is_no_whole_gzip_is_refused(self, content):
        with pytest.raises(Refused, match="分块"):
            wire.unpacked(content)


class TestClock:
    @pytest.mark.parametrize("gap", [timedelta(minutes=4), timedelta(minutes=-4)])
    def test_a_little_is_borne(self, gap):
        wire.check_time((NOW + gap).isoformat(), at=NOW)

    def test_more_is_refused_with_the_direction(self):
        with pytest.raises(Refused, match="相差 600 秒（对方快）"):
            wire.check_time((NOW + timedelta(minutes=10)).isoformat(), at=NOW)


class TestProof:
    def test_is_bound_to_everything_it_was_made_for(self):
        proof = wire.proof("ABCD-EFGH", "lower", "4161010001", "pem")
        assert wire.is_proof(proof, "abcdefgh", "lower", "4161010001", "pem")
        assert not wire.is_proof(proof, "ABCD-EFGJ", "lower", "4161010001", "pem")
        assert not wire.is_proof(proof, "ABCD-EFGH", "upper", "4161010001", "pem")
        assert not wire.is_proof(proof, "ABCD-EFGH", "lower", "4161010001", "other")

    def test_a_code_can_be_read_over_the_telephone(self):
        code = wire.new_code()
        assert len(code) == 19
        assert set("01IO") & set(code) == set()


def test_a_masked_number_is_recognised_and_not_usable():
    assert sealing.masked("610113200605041239") == "6101************39"
    assert sealing.masked("123") == "123"
