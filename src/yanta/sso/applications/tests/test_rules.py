from datetime import UTC, datetime

import pytest

from yanta.sso.applications.rules import Terms, Who, is_same, is_under, next_try, place_of, verdict

TEACHER = Who(frozenset({"teacher"}), ("00010001",), frozenset({"staff"}), 7)


def allow(words: str = "x", **terms: object) -> Terms:
    return Terms(True, words, **terms)


def deny(words: str = "x", **terms: object) -> Terms:
    return Terms(False, words, **terms)


class TestPlaces:
    @pytest.mark.parametrize(
        "url",
        [
            "", "app.example", "ftp://a.example/", "https://", "https://a@b.example/", "https://a.example:x/", "https://a.example:/",
            "https://a.example/\\b", "https://a.example/ b", "https://a_b.example/", "https://a..example/", "https://a.example/..",
            "https://a.example/%2e%2E/b", "https://a.example/%252e%252e", "https://a.example/\x00", "javascript:1", "x" * 700,
        ],
    )  # fmt: skip
    def test_what_is_no_proper_address_is_none(self, url):
        assert place_of(url) is None

    def test_default_ports_are_the_same_place(self):
        assert place_of("https://a.example/x") == place_of("https://A.example:443/x")

    def test_an_origin_names_an_odd_port(self):
        assert place_of("http://a.example:8080/x").origin == "http://a.example:8080"

    @pytest.mark.parametrize(
        "url", ["https://a.example/app", "https://a.example/app/", "https://a.example/app/x?y#z"]
    )
    def test_below_means_at_a_slash(self, url):
        assert is_under("https://a.example/app", url)
        assert is_under("https://a.example/app/", url)

    @pytest.mark.parametrize(
        "url",
        [
            "https://a.example/apple",
            "https://a.example/",
            "https://a.example.evil/app",
            "http://a.example/app",
        ],
    )
    def test_beside_is_not_below(self, url):
        assert not is_under("https://a.example/app", url)

    def test_the_root_covers_the_host_and_no_other(self):
        assert is_under("https://a.example/", "https://a.example/anything")
        assert not is_under("https://a.example", "https://a.example.evil/")

    def test_same_is_letter_for_letter(self):
        assert is_same("https://a.example/x", "https://a.example/x")
        assert not is_same("https://a.example/x", "https://a.example/x/")


class TestVerdict:
    def test_nobody_is_let_in_where_nothing_is_said(self):
        found = verdict([], TEACHER, open_to_all=False)

        assert not found.allowed
        assert "还没有对任何人开放" in found.reason

    def test_keeping_out_is_stronger(self):
        found = verdict(
            [allow(role="teacher"), deny("本科生", affiliation="staff")], TEACHER, open_to_all=True
        )

        assert (found.allowed, found.rule) == (False, "rule.deny")
        assert "本科生" in found.reason

    def test_what_one_rule_names_must_hold_together(self):
        assert verdict([allow(role="teacher", unit_path="0001")], TEACHER, open_to_all=False).allowed
        assert not verdict([allow(role="teacher", unit_path="0002")], TEACHER, open_to_all=False).allowed
        assert not verdict([allow(role="student", person_id=7)], TEACHER, open_to_all=False).allowed

    def test_a_refusal_says_who_may(self):
        found = verdict([allow("财务处的教职工", unit_path="0009")], TEACHER, open_to_all=False)

        assert "财务处的教职工" in found.reason


def test_a_notice_is_given_up_after_five_tries():
    at = datetime(2026, 11, 20, tzinfo=UTC)

    assert [next_try(n, at=at) is not None for n in range(1, 6)] == [True, True, True, True, False]
