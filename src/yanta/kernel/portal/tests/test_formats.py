"""How values read on a screen."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone, translation

from yanta.kernel.portal import formats


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "—"),
        (date(2026, 2, 9), "2026-02-09"),
        (datetime(2026, 11, 20, 23, 30, tzinfo=UTC), "2026-11-21"),
    ],
)
def test_a_day_is_the_day_of_the_school_s_clock(value, shown):
    assert formats.day(value) == shown


def test_a_moment_tells_how_long_ago_without_letting_markup_through():
    shown = formats.moment(timezone.now() - timedelta(minutes=20))
    assert 'title="20 分钟前"' in shown
    assert "<time " in shown.__html__()


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (timedelta(seconds=-5), "刚刚"), (timedelta(minutes=-20), "20 分钟前"), (timedelta(hours=3), "3 小时后"),
        (timedelta(days=-1), "昨天"), (timedelta(days=-12), "12 天前"), (timedelta(days=2, minutes=1), "2 天后"),
    ],
)  # fmt: skip
def test_relative_times(span, said):
    assert formats.relative(timezone.now() + span) == said


def test_english_knows_one_and_many():
    with translation.override("en"):
        assert formats.relative(timezone.localdate() - timedelta(days=3)) == "3 days ago"
        assert formats.relative(timezone.now() - timedelta(minutes=1)) == "1 minute ago"


def test_money_and_numbers_keep_their_thousands():
    assert formats.money(Decimal("1234567.5")) == "¥1,234,567.50"
    assert formats.number(20481) == "20,481"
    assert formats.number(0.5, 1) == "0.5"
    assert formats.number(None) == "—"


@pytest.mark.parametrize(
    ("value", "shown"), [("13812345678", "138****5678"), ("王五", "王*"), ("", "—"), (None, "—")]
)
def test_masking_shows_head_and_tail_only(value, shown):
    assert formats.masked(value) == shown


def test_a_share_of_nothing_is_nothing():
    assert formats.percent(3, 0) == 0
    assert formats.percent(1, 3) == 33


def test_states_have_tones_and_unknown_ones_stay_neutral():
    assert formats.state_tone("approved") == "success"
    assert formats.state_tone("rejected") == "danger"
    assert formats.state_tone("whatever") == "neutral"


@pytest.mark.parametrize(
    ("days", "said"),
    [(0, "今天到期"), (1, "明天到期"), (10, "10 天后到期"), (-1, "已逾期 1 天"), (-4, "已逾期 4 天")],
)
def test_a_deadline_is_said_as_one_says_it(days, said):
    assert formats.deadline(timezone.localdate() + timedelta(days=days)) == said
