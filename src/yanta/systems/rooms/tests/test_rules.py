from datetime import UTC, datetime, timedelta

import pytest

from yanta.systems.rooms import rules

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
CLOSING = NOW + timedelta(hours=12)


def hours(start, end):
    return NOW + timedelta(hours=start), NOW + timedelta(hours=end)


class TestFreeUntil:
    def test_a_room_that_is_held_now_is_not_free(self):
        assert rules.free_until([hours(-1, 1)], at=NOW, closing=CLOSING) is None

    def test_free_until_the_next_booking(self):
        assert rules.free_until([hours(5, 6), hours(2, 3)], at=NOW, closing=CLOSING) == NOW + timedelta(
            hours=2
        )

    def test_free_until_closing_when_nobody_comes(self):
        assert rules.free_until([hours(-3, 0)], at=NOW, closing=CLOSING) == CLOSING

    def test_after_closing_nothing_is_free(self):
        assert rules.free_until([], at=CLOSING, closing=CLOSING) is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"is_bookable": False}, "不对外"),
        ({"ends_at": NOW}, "过去"),
        ({"starts_at": NOW + timedelta(days=61), "ends_at": NOW + timedelta(days=61, hours=1)}, "60 天"),
        ({"ends_at": NOW + timedelta(hours=16)}, "14 小时"),
        ({"attendance": 61}, "60 个座位"),
    ],
)
def test_refusals_say_why(change, words):
    case = {
        "starts_at": NOW + timedelta(hours=1), "ends_at": NOW + timedelta(hours=2), "attendance": 60, "seats": 60,
        "is_bookable": True, "now": NOW,
    }  # fmt: skip
    assert rules.refusal_reason(**case) is None
    assert words in (rules.refusal_reason(**{**case, **change}) or "")
