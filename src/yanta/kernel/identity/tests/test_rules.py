from datetime import UTC, date, datetime, timedelta

import pytest

from yanta.kernel.identity import rules

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


class TestWeakness:
    @pytest.mark.parametrize(
        "password", ["Goose-Tower-652", "correct horse battery staple", "雁塔晨钟暮鼓一二三四五六七八九十"]
    )
    def test_takes_strong_ones(self, password):
        assert rules.weakness_of(password) is None

    @pytest.mark.parametrize(
        ("password", "why"),
        [
            ("Ab1-", "至少"),
            ("abcdefghijk", "三种"),
            ("1" * 129, "最多"),
            ("Password123!", "常见"),
            ("aaaaaaaaaaaaaaaaaa", "常见"),
            ("abcabcabcabcabcabc", "常见"),
        ],
    )
    def test_says_why_a_weak_one_is_weak(self, password, why):
        assert why in rules.weakness_of(password)

    def test_refuses_what_others_know_about_the_person(self):
        assert "学号" in rules.weakness_of("Ab-20261234-x", known=["20261234"])
        assert "生日" in rules.weakness_of("Ab-20010203-x", born=date(2001, 2, 3))

    def test_ignores_names_too_short_to_mean_anything(self):
        assert rules.weakness_of("Goose-Tower-652", known=["Go"]) is None


class TestLockout:
    def test_nothing_before_the_limit(self):
        assert rules.lockout_until(failures=4, limit=5, at=NOW) is None

    def test_each_round_waits_twice_as_long_but_never_beyond_a_day(self):
        waits = [rules.lockout_until(failures=5 * n, limit=5, at=NOW) - NOW for n in (1, 2, 3, 20)]
        assert waits == [timedelta(minutes=15), timedelta(minutes=30), timedelta(hours=1), timedelta(days=1)]


class TestSessionTerms:
    def test_a_guarded_account_is_not_kept_signed_in(self):
        assert rules.session_terms(signed_in=True, remembered=True, guarded=True) == rules.ORDINARY
        assert rules.session_terms(signed_in=True, remembered=True, guarded=False) == rules.REMEMBERED

    def test_who_is_not_signed_in_yet_has_little_time(self):
        assert rules.session_terms(signed_in=False, remembered=True, guarded=False) == rules.UNFINISHED
