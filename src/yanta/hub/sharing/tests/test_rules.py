"""Decisions over plain values."""

from datetime import UTC, date, datetime, timedelta

import pytest

from yanta.hub.sharing import keys, rules
from yanta.hub.sharing.ids import written

TODAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 1, 0, 20, tzinfo=UTC)


class TestTerm:
    @pytest.mark.parametrize(
        ("level", "days", "allowed"), [(1, 1095, True), (3, 366, False), (4, 180, True), (4, 181, False)]
    )
    def test_the_more_a_leak_hurts_the_shorter(self, level, days, allowed):
        end = TODAY + timedelta(days=days - 1)
        said = rules.refusal_of_term(valid_from=TODAY, valid_to=end, level=level, today=TODAY)
        assert (said is None) == allowed

    def test_not_backwards_and_not_over(self):
        before = TODAY - timedelta(days=1)
        assert rules.refusal_of_term(valid_from=TODAY, valid_to=before, level=1, today=TODAY)
        assert rules.refusal_of_term(valid_from=before, valid_to=before, level=1, today=TODAY)


class TestOutcome:
    def outcome(self, *words):
        return rules.outcome_of(
            asked=["number", "name"],
            condition={"field": "grade", "is": "eq", "value": 1},
            valid_to=TODAY,
            words=words,
        )

    def test_fields_shrink_rows_narrow_the_earliest_end_counts(self):
        narrow = {"field": "status", "is": "eq", "value": "01"}
        earlier = TODAY - timedelta(days=9)
        found = self.outcome(
            rules.Word(frozenset({"number"}), {}, earlier), rules.Word(frozenset({"name"}), narrow, None)
        )
        assert found.names == ("number", "name")
        assert found.condition == {"all": [{"field": "grade", "is": "eq", "value": 1}, narrow]}
        assert found.valid_to == earlier

    def test_a_refusal_strikes_its_fields_only(self):
        found = self.outcome(
            rules.Word(frozenset({"number"}), {}, None),
            rules.Word(frozenset({"name"}), {}, None, is_refused=True),
        )
        assert found.names == ("number",)

    def test_nothing_left_is_no_grant(self):
        assert self.outcome(rules.Word(frozenset(), {}, None, is_refused=True)) is None


class TestPace:
    def paced(self, **values):
        given = {
            "minute": NOW.replace(second=0), "requests": 0, "day": TODAY, "rows_used": 0, "now": NOW, "today": TODAY,
            "wanted": 10, "per_minute": 2, "rows_per_day": 25, "seconds_to_midnight": 99,
        }  # fmt: skip
        return rules.paced(**{**given, **values})

    def test_the_request_too_many_waits_for_the_next_minute(self):
        assert not self.paced(requests=1).refusal
        found = self.paced(requests=2)
        assert (found.refusal != "", found.wait, found.rows) == (True, 40, 0)

    def test_a_new_minute_and_a_new_day_begin_at_nothing(self):
        found = self.paced(
            minute=NOW - timedelta(minutes=1), requests=9, day=TODAY - timedelta(days=1), rows_used=25
        )
        assert (found.requests, found.rows_used, found.rows) == (1, 10, 10)

    def test_the_last_rows_of_the_day_are_fewer_and_then_none(self):
        assert self.paced(rows_used=20).rows == 5
        assert self.paced(rows_used=25).wait == 99


class TestAddresses:
    def test_an_empty_list_lets_everyone_in(self):
        assert rules.is_allowed(None, [])
        assert rules.is_allowed("10.8.1.1", rules.networks_of("10.8.0.0/16\n192.168.1.7"))
        assert not rules.is_allowed("10.9.1.1", ["10.8.0.0/16"])
        assert not rules.is_allowed(None, ["10.8.0.0/16"])

    def test_what_is_no_address_is_an_error(self):
        with pytest.raises(ValueError, match="ten"):
            rules.networks_of("ten")


class TestKeys:
    @pytest.mark.parametrize("scheme", [keys.SHA256, keys.SM3])
    def test_a_signature_holds_for_exactly_these_words(self, scheme):
        _, secret, kept = keys.new_key()
        text = keys.signed_text("GET", "/share/v1/a/?x=1", "1", "n" * 8, b"", scheme=scheme)
        header = f"{scheme} key=k, time=1, nonce={'n' * 8}, signature={keys.signature_of(keys.kept_of(secret), text, scheme=scheme)}"
        proof = keys.proof_of(header)
        assert keys.is_true(proof, kept, text)
        assert not keys.is_true(proof, kept, text.replace(b"x=1", b"x=2"))
        assert secret not in kept

    def test_an_old_time_is_stale(self):
        at = datetime.fromtimestamp(1000, UTC)
        assert keys.is_fresh(keys.Proof(keys.SHA256, "k", "", "800", "n" * 8), at=at)
        assert not keys.is_fresh(keys.Proof(keys.SHA256, "k", "", "600", "n" * 8), at=at)
        assert not keys.is_fresh(keys.Proof(keys.SHA256, "k", "", "x", "n" * 8), at=at)


def test_ids_are_kept_as_runs():
    assert written([5, 3, 4, 9, 9]) == "{[3,6),[9,10)}"


def test_samples_show_the_shape_and_nobody():
    assert rules.mask("王小明", level=2) == "王＊＊"
    assert "9" not in rules.mask("13912345678", level=4)
    assert rules.mask("信息工程学院", level=1) == "信息工程学院"


def test_the_order_of_a_file_tells_it_from_any_other():
    assert rules.share_in_order(["a", "b", "c"]) == 1
    assert rules.share_in_order(["c", "b", "a"]) == 0
