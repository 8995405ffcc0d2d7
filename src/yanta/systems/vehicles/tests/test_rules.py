from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from yanta.systems.vehicles import rules

NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)


def duty(start, end):
    return rules.Duty(NINE + timedelta(hours=start), NINE + timedelta(hours=end))


@pytest.mark.parametrize(
    ("begins", "lasts", "words"),
    [(1, 2, "提前 2 小时"), (3, -1, "晚于"), (24 * 61, 2, "60 天"), (3, 24 * 6, "5 天"), (3, 4, None)],
)
def test_when_a_ride_can_be_asked_for(begins, lasts, words):
    start = NINE + timedelta(hours=begins)
    said = rules.refusal_to_ask(starts_at=start, ends_at=start + timedelta(hours=lasts), now=NINE)

    assert (said is None) if words is None else (words in str(said))


class TestDrivers:
    def test_the_class_of_the_licence_decides(self):
        on = date(2026, 11, 23)

        assert (
            rules.refusal_to_drive(licence="C1", kind="bus", licence_until=on, on=on)
            == "准驾车型 C1 不能驾驶这种车"
        )
        assert rules.refusal_to_drive(licence="A1", kind="bus", licence_until=on, on=on) is None
        assert "到期" in str(
            rules.refusal_to_drive(licence="A1", kind="bus", licence_until=on - timedelta(days=1), on=on)
        )

    def test_half_an_hour_of_rest_between_two(self):
        assert "30 分钟" in str(rules.refusal_to_work([duty(0, 2)], wanted=duty(2.25, 4)))
        assert rules.refusal_to_work([duty(0, 2)], wanted=duty(2.5, 4)) is None

    def test_ten_hours_a_day(self):
        assert "10 小时" in str(rules.refusal_to_work([duty(0, 5)], wanted=duty(6, 12)))


class TestSharing:
    @staticmethod
    def wish(key, *, later=0, destination="西安北站", shares=True):
        start = NINE + timedelta(minutes=later)
        return rules.Wish(key, "东门", destination, start, start + timedelta(hours=2), 2, shares)

    def test_same_places_about_the_same_time(self):
        assert rules.same_way(self.wish(1), self.wish(2, later=45))

    @pytest.mark.parametrize("other", [{"later": 46}, {"destination": "机场"}, {"shares": False}])
    def test_else_not(self, other):
        assert not rules.same_way(self.wish(1), self.wish(2, **other))


class TestCosts:
    def test_kilometres_and_tolls(self):
        assert rules.cost(km=42, price_per_km=Decimal("1.60"), tolls=Decimal(15)) == Decimal("82.20")

    def test_split_by_heads_without_losing_a_cent(self):
        shares = rules.split(Decimal("100.00"), [1, 1, 1])

        assert shares == [Decimal("33.33"), Decimal("33.33"), Decimal("33.34")]
        assert sum(shares) == Decimal("100.00")
