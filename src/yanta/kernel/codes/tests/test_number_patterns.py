import pytest
from hypothesis import given
from hypothesis import strategies as st

from yanta.kernel.base import Refused
from yanta.kernel.codes.rules import Pattern, scope_key
from yanta.kernel.codes.rules.checks import luhn_check

STUDENT = "{year:4}{college:2}{seq:4}"


def test_composes_and_reads_back():
    pattern = Pattern.parse("ZC-{year:2}{kind:2}{seq:5}{check:luhn}")
    values = pattern.fitted({"year": 2026, "kind": "3"})

    number = pattern.compose(values, 17)

    assert number == "ZC-260300017" + luhn_check("ZC-260300017".replace("-", ""))
    assert pattern.read(f" {number.lower()} ")["seq"] == "00017"
    assert pattern.width == len(number)


def test_luhn_known_value():
    assert luhn_check("7992739871") == "3"


@given(st.integers(1, 9999), st.integers(0, 9), st.integers(0, 9))
def test_mod11_2_finds_any_wrong_digit(sequence, place, wrong):
    pattern = Pattern.parse("{year:4}{seq:6}{check:mod11-2}")
    number = pattern.compose({"year": "2026"}, sequence)
    if number[place] == str(wrong):
        return
    with pytest.raises(Refused, match="校验位"):
        pattern.read(number[:place] + str(wrong) + number[place + 1 :])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "组成"),
        ("{year:4}", "流水号"),
        ("{seq:4}{seq:4}", "流水号"),
        ("{seq:4}{a:2}{a:2}", "重复"),
        ("{check:luhn}{seq:4}", "最后"),
        ("{seq:4}{check:crc}", "校验方法"),
        ("{seq:0}", "位数"),
        ("{seq:4", "组成"),
    ],
)
def test_wrong_patterns(text, reason):
    with pytest.raises(Refused, match=reason):
        Pattern.parse(text)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"year": 2026}, "缺少"),
        ({"year": 2026, "college": "123"}, "不超过 2 位"),
        ({"year": 2026, "college": "一"}, "字母或数字"),
    ],
)
def test_wrong_values(values, reason):
    with pytest.raises(Refused, match=reason):
        Pattern.parse(STUDENT).fitted(values)


def test_an_exhausted_sequence_is_refused():
    pattern = Pattern.parse("{year:4}{seq:1}")
    with pytest.raises(Refused, match="用完"):
        pattern.compose({"year": "2026"}, 10)


def test_scope():
    assert scope_key({"year": "2026", "college": "01"}, ["year"]) == "year=2026"
