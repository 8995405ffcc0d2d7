import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from yanta.kernel.base import Refused
from yanta.kernel.codes import numbers
from yanta.kernel.codes.models import NumberReservation, NumberRule

STATUS = NumberReservation.Status


@pytest.fixture
def rule(db):
    return NumberRule.objects.create(
        key="student", title="学号", pattern="{year:4}{college:2}{seq:3}{check:luhn}"
    )


def test_numbers_count_within_their_scope(rule):
    first = numbers.reserve(rule, values={"year": 2026, "college": "1"}, by="x", count=2)
    other = numbers.reserve(rule, values={"year": 2026, "college": "2"}, by="x")

    assert [number[:9] for number in first] == ["202601001", "202601002"]
    assert other[0].startswith("202602001")


def test_a_wider_scope_counts_through(rule):
    rule.counts_within = "year"
    numbers.reserve(rule, values={"year": 2026, "college": "1"}, by="x")
    assert numbers.reserve(rule, values={"year": 2026, "college": "2"}, by="x")[0].startswith("202602002")


def test_a_released_number_never_comes_again(rule):
    (number,) = numbers.reserve(rule, values={"year": 2026, "college": "1"}, by="x")
    numbers.settle(rule, number, STATUS.RELEASED)

    assert numbers.reserve(rule, values={"year": 2026, "college": "1"}, by="x") != [number]
    with pytest.raises(Refused, match="已作废"):
        numbers.settle(rule, number, STATUS.CONFIRMED)


def test_numbers_in_use_are_adopted_and_skipped(rule):
    pattern = rule.parsed
    used = [pattern.compose({"year": "2026", "college": "01"}, n) for n in (3, 7)]

    receipt = numbers.adopt(rule, [*used, used[0], "坏号码"], by="x")

    assert (receipt.read, receipt.new, receipt.known, list(receipt.wrong)) == (4, 2, 1, ["坏号码"])
    assert numbers.reserve(rule, values={"year": 2026, "college": "1"}, by="x")[0].startswith("202601008")


def test_a_full_sequence_gives_nothing_and_keeps_the_counter(rule):
    numbers.reserve(rule, values={"year": 2026, "college": "1"}, by="x", count=998)
    with pytest.raises(Refused, match="用完"):
        numbers.reserve(rule, values={"year": 2026, "college": "1"}, by="x", count=2)
    assert numbers.reserve(rule, values={"year": 2026, "college": "1"}, by="x")[0].startswith("202601999")


def test_unknown_rules_and_numbers(rule):
    with pytest.raises(Refused, match="没有编号规则"):
        numbers.rule_of("nothing")
    with pytest.raises(Refused, match="没有预留过"):
        numbers.settle(rule, "0", STATUS.CONFIRMED)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"pattern": "{year:4}"}, "pattern"),
        ({"pattern": "{year:4}{seq:5}"}, "pattern"),
        ({"counts_within": "month"}, "counts_within"),
    ],
)
def test_a_rule_stays_what_it_was_when_numbers_were_given_out(rule, changes, field):
    numbers.reserve(rule, values={"year": 2026, "college": "1"}, by="x")
    for name, value in changes.items():
        setattr(rule, name, value)
    with pytest.raises(ValidationError) as caught:
        rule.full_clean()
    assert list(caught.value.message_dict) == [field]


@pytest.fixture
def committed_rule(django_db_setup, django_db_blocker):
    """A rule that other connections see; removed by hand, for the audit trail forbids a flush."""
    with django_db_blocker.unblock():
        rule = NumberRule.objects.create(key="at-once", title="学号", pattern="{year:4}{seq:6}")
        try:
            yield rule
        finally:
            rule.reservations.all().delete()
            rule.delete()
            connection.close()


def test_eight_at_once_never_get_the_same_number(committed_rule):
    rule = committed_rule
    together = threading.Barrier(8)

    def ask(_):
        try:
            together.wait()
            return [numbers.reserve(rule, values={"year": 2026}, by="x", count=3) for _ in range(10)]
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        given = [number for batches in pool.map(ask, range(8)) for batch in batches for number in batch]

    assert len(given) == len(set(given)) == 240
    assert sorted(given) == [f"2026{n:06}" for n in range(1, 241)]
    assert rule.reservations.count() == 240
