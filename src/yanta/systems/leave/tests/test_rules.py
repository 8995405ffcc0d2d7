from datetime import date, timedelta

import pytest

from yanta.systems.leave import rules

TODAY = date(2026, 11, 20)


def reason(start=0, end=1, kind="private"):
    return rules.refusal_reason(
        starts_on=TODAY + timedelta(days=start), ends_on=TODAY + timedelta(days=end), kind=kind, today=TODAY
    )


def test_a_plain_leave_is_accepted():
    assert reason() is None


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ({"start": 2, "end": 1}, "不能早于"),
        ({"end": 30}, "最多 30 天"),
        ({"start": -1}, "补请"),
        ({"start": -8, "end": -7, "kind": "illness"}, "补请"),
        ({"start": 181, "end": 182}, "半年"),
    ],
)
def test_refusals_say_why(case, words):
    assert words in (reason(**case) or "")


def test_illness_may_be_asked_for_within_a_week_afterwards():
    assert reason(start=-7, end=-6, kind="illness") is None


def test_more_than_three_days_go_to_the_college():
    assert not rules.needs_college(3)
    assert rules.needs_college(4)


def test_overdue_from_the_second_day_after_the_end():
    assert not rules.is_overdue(ends_on=TODAY, returned=False, today=TODAY + timedelta(days=1))
    assert rules.is_overdue(ends_on=TODAY, returned=False, today=TODAY + timedelta(days=2))
    assert not rules.is_overdue(ends_on=TODAY, returned=True, today=TODAY + timedelta(days=9))
