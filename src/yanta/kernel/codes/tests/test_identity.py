"""Checked against the vectors of the standards."""

from datetime import date

import pytest

from yanta.kernel.codes import packaged
from yanta.kernel.codes.rules import identity_check, lengthen, read_credit_code, read_identity
from yanta.kernel.codes.rules.checks import mod11_2_check

VECTORS = list(packaged.rows_of(packaged.DATA / "sets" / "CHECKSUM_VECTORS.csv"))
DIVISIONS = frozenset(entry.code for entry in packaged.entries_of("GBT2260_HISTORY"))


def vectors(standard: str) -> list[tuple[str, str]]:
    return [(row["value"], row["expect"]) for row in VECTORS if row["standard"] == standard]


@pytest.mark.parametrize(("value", "expect"), vectors("GB 11643"))
def test_identity_vectors(value, expect):
    assert read_identity(value, divisions=DIVISIONS).ok == expect.startswith("valid")


@pytest.mark.parametrize(("value", "expect"), vectors("GB 32100"))
def test_credit_code_vectors(value, expect):
    assert read_credit_code(value).ok == (expect == "valid")


def test_old_number_becomes_the_new_one():
    assert lengthen("110105491231002") == "11010519491231002X"
    assert lengthen("110105491231996")[6:10] == "1849"


def test_what_a_number_tells():
    reading = read_identity(" １１０１０５１９４９１２３１００２ｘ ", divisions=DIVISIONS)

    assert (reading.number, reading.division) == ("11010519491231002X", "110105")
    assert (reading.birth_on, reading.sex) == (date(1949, 12, 31), "2")


def test_a_division_that_no_longer_exists_is_valid_and_one_that_never_did_is_not():
    former = "61012119800101001"  # 长安县, 长安区 since 2002
    assert "610121" not in {entry.code for entry in packaged.entries_of("GBT2260_XZQH")}
    assert read_identity(former + identity_check(former), divisions=DIVISIONS).ok

    reading = read_identity("999999194912310025", divisions=DIVISIONS)
    assert "行政区划" in reading.reason


def test_a_resident_of_hong_kong_has_no_division():
    body = "81000019900101001"
    assert read_identity(body + identity_check(body), divisions=DIVISIONS).ok


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("", "18 位"),
        ("1101051949123100", "18 位"),
        ("11010519490231002X", "不是日期"),
        ("110105194912310020", "校验码应为 X"),
        ("1101051949123100甲X", "18 位"),
    ],
)
def test_reasons(value, reason):
    assert reason in read_identity(value, divisions=DIVISIONS).reason


def test_a_birth_in_the_future_is_refused_only_when_a_date_is_given():
    body = "11010520991231002"
    number = body + identity_check(body)

    assert read_identity(number, divisions=DIVISIONS).ok
    assert "晚于" in read_identity(number, divisions=DIVISIONS, on=date(2026, 1, 1)).reason


def test_identity_check_is_iso_7064_mod_11_2():
    assert mod11_2_check("11010519491231002") == identity_check("11010519491231002") == "X"


def test_credit_code_of_a_public_university():
    reading = read_credit_code("12100000400000624d")
    assert (reading.registrar, reading.category, reading.organisation) == ("1", "2", "400000624")
