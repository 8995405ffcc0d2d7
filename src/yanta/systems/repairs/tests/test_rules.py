from datetime import UTC, datetime, timedelta

import pytest

from yanta.systems.repairs import rules

FRIDAY = datetime(2026, 11, 20, 16, tzinfo=UTC)


class TestPromise:
    def test_round_the_clock_is_counted_in_plain_hours(self):
        assert rules.promised_at(FRIDAY, hours=4, around_the_clock=True) == FRIDAY + timedelta(hours=4)

    def test_else_only_between_eight_and_eighteen(self):
        assert rules.promised_at(FRIDAY, hours=4, around_the_clock=False) == datetime(
            2026, 11, 21, 10, tzinfo=UTC
        )

    def test_what_is_reported_at_night_begins_in_the_morning(self):
        night = FRIDAY.replace(hour=23)

        assert rules.promised_at(night, hours=1, around_the_clock=False) == datetime(
            2026, 11, 21, 9, tzinfo=UTC
        )

    def test_many_hours_take_many_days(self):
        assert rules.promised_at(FRIDAY.replace(hour=8), hours=25, around_the_clock=False) == datetime(
            2026, 11, 22, 13, tzinfo=UTC
        )


@pytest.mark.parametrize(("after", "tone"), [(1, "success"), (7.6, "warning"), (10.1, "danger")])
def test_lights_follow_the_promise(after, tone):
    now = FRIDAY + timedelta(hours=after)

    assert rules.light(reported_at=FRIDAY, promised_at=FRIDAY + timedelta(hours=10), now=now) == tone


def worker(key, trades, *, campus=1, jobs=0, on_duty=True):
    return rules.Candidate(key, frozenset(trades), campus, jobs, on_duty)


class TestChoice:
    def test_of_the_trade_of_this_campus_with_the_fewest_jobs(self):
        crew = [
            worker(1, {"water"}, jobs=3), worker(2, {"water"}, jobs=1), worker(3, {"water"}, campus=2), worker(4, {"electric"}),
            worker(5, {"water"}, campus=None),
        ]  # fmt: skip

        chosen = rules.choose(crew, trade="water", campus_id=1)

        assert chosen is not None
        assert chosen.worker_id == 2

    def test_a_general_hand_rather_than_nobody(self):
        chosen = rules.choose([worker(1, {"general"}), worker(2, {"electric"})], trade="water", campus_id=1)

        assert chosen is not None
        assert chosen.worker_id == 1

    def test_nobody_who_is_off_duty_or_has_too_much(self):
        crew = [worker(1, {"water"}, on_duty=False), worker(2, {"water"}, jobs=rules.MOST_OPEN_JOBS)]

        assert rules.choose(crew, trade="water", campus_id=1) is None


class TestReporting:
    def test_the_same_fault_is_named(self):
        said = rules.refusal_to_report(open_reports=0, same="WX0000007", is_another=False)

        assert "WX0000007" in str(said)
        assert rules.refusal_to_report(open_reports=0, same="WX0000007", is_another=True) is None

    def test_too_many_open_ones(self):
        assert "5 份" in str(rules.refusal_to_report(open_reports=5, same=None, is_another=False))
