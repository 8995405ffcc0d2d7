from datetime import date, timedelta
from decimal import Decimal

import pytest

from yanta.systems.trips import rules

TODAY = date(2026, 11, 20)
RATES = rules.Rates(first=1100, second=650, third=500, meals=100, transport=80)


@pytest.mark.parametrize(
    ("title", "post", "level"),
    [("011", "", 2), ("012", "", 3), ("", "处长", 2), ("012", "副校长", 1), ("", "", 3)],
)
def test_level_by_post_then_by_title(title, post, level):
    assert rules.level_of(title=title, post=post) == level


def test_estimate_is_nights_daily_sums_and_fare():
    assert rules.estimate(RATES, level=3, days=3, fare=Decimal(1030)) == 2 * 500 + 3 * 180 + 1030
    assert rules.estimate(RATES, level=1, days=1, fare=Decimal(0)) == 180


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"starts_on": TODAY - timedelta(days=1)}, "事前审批"),
        ({"is_abroad": True}, "30 天"),
        ({"ends_on": TODAY + timedelta(days=200)}, "90 天"),
        ({"advance": Decimal(3000)}, "2570.00"),
        ({}, None),
    ],
)
def test_refusals_say_why(change, words):
    case = {
        "starts_on": TODAY + timedelta(days=3), "ends_on": TODAY + timedelta(days=5), "is_abroad": False, "today": TODAY,
        "advance": Decimal(0), "limit": Decimal(2570),
    }  # fmt: skip
    said = rules.refusal_to_ask(**(case | change))

    assert (said is None) if words is None else (words in str(said))


def test_above_the_limit_and_abroad_the_school_decides():
    assert rules.needs_leader(estimate=rules.UNIT_LIMIT + 1, is_abroad=False)
    assert rules.needs_leader(estimate=Decimal(0), is_abroad=True)
    assert not rules.needs_leader(estimate=rules.UNIT_LIMIT, is_abroad=False)


def test_more_than_the_standard_is_said():
    assert (
        rules.over_standard(spent=Decimal(2600), estimate=Decimal(2570)) == "超出标准 30.00 元，超出部分自理"
    )
    assert rules.over_standard(spent=Decimal(2570), estimate=Decimal(2570)) == ""
