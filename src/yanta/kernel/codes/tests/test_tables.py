from datetime import date

import pytest

from yanta.kernel.codes import packaged
from yanta.kernel.codes.rules import CodeTable, Entry, compare, fold

SEX, ETHNIC, DIVISION = "GBT2261_1_XB", "GBT3304_MZ", "GBT2260_XZQH"
MAJOR = "MOE_UNDERGRAD_2025"


@pytest.mark.parametrize(
    ("set_id", "written", "code"),
    [
        (SEX, "1", "1"),
        (SEX, "１", "1"),
        (SEX, " 男 ", "1"),
        (SEX, "男性", "1"),
        (SEX, 2.0, "2"),
        (SEX, "Female", "2"),
        (ETHNIC, "汉", "01"),
        (ETHNIC, "1", "01"),
        (ETHNIC, "ha", "01"),
        (ETHNIC, "01-汉族", "01"),
        (ETHNIC, "汉 族（01）", "01"),
        (DIVISION, "陕西省西安市雁塔区", "610113"),
        (DIVISION, "西安市 雁塔区", "610113"),
        (MAJOR, "080910T", "080910"),
        (MAJOR, "080910t", "080910"),
        ("GBT4762_ZZMM", "共青团员", "03"),
        ("GBT2659_GJDQ", "CN", "CHN"),
        ("GBT2659_GJDQ", "156", "CHN"),
        ("GBT8561_ZYJSZW", "讲师", "013"),
        ("GBT4658_XL", "大专", "31"),
    ],
)
def test_every_way_of_writing_means_the_code(set_id, written, code):
    assert packaged.table(set_id).validate(written).code == code


@pytest.mark.parametrize("written", ["", "  ", "3", "男女", "02-汉族", "nan"])
def test_what_is_not_in_the_set_is_refused(written):
    verdict = packaged.table(ETHNIC if "汉" in written else SEX).validate(written)
    assert not verdict.ok
    assert verdict.code == ""


def test_namesakes_are_refused_and_all_named():
    verdict = packaged.table(DIVISION).validate("鼓楼区")

    assert not verdict.ok
    assert "320106" in verdict.suggestions
    assert len(verdict.suggestions) == len(set(verdict.suggestions)) >= 4


def test_a_near_miss_is_suggested():
    assert packaged.table(DIVISION).validate("雁塔").suggestions[0] == "610113"


def test_a_moved_major_is_valid_for_the_past_and_leads_to_its_successor():
    table = packaged.table(MAJOR)

    assert table.validate("083201TK").ok
    assert table.validate("083201", on=date(2025, 9, 1)).ok
    late = table.validate("083201", on=date(2026, 9, 1))
    assert not late.ok
    assert (late.successor, late.successor_set) == ("140001", "MOE_UNDERGRAD_2026_SUPPLEMENT")
    assert "改用 140001" in late.reason


def test_of_two_namesakes_the_one_in_force_is_meant():
    entries = {
        "1": Entry("1", "甲", valid_to=date(2020, 1, 1), successor="2"),
        "2": Entry("2", "甲"),
    }
    assert CodeTable("T", "测试", entries).validate("甲").code == "2"


def test_no_parent_is_inferred_from_digits():
    assert packaged.table(DIVISION).entries["110101"].parent == "110000"  # a county right under its province
    assert not packaged.table(MAJOR).hierarchical


def test_short_numerals_only_where_all_codes_are_digits_of_one_width():
    mixed = CodeTable("T", "测试", {"01": Entry("01", "甲"), "A1": Entry("A1", "乙")})
    assert mixed.code_of("1") is None


def test_a_line_of_ancestors_that_runs_in_a_circle_ends():
    entries = {"1": Entry("1", "甲", parent="2"), "2": Entry("2", "乙", parent="1")}
    assert [one.code for one in CodeTable("T", "测试", entries).ancestors("1")] == ["2", "1"]


def test_fold():
    assert fold("　Ａ b\u200b１．0 ") == "AB1.0"
    assert fold(12.0) == "12"


def test_editions_are_compared_by_code_successor_and_name():
    old = CodeTable("OLD", "旧", {
        "1": Entry("1", "甲"), "2": Entry("2", "乙"), "3": Entry("3", "丙", successor="9"),
        "4": Entry("4", "丁"),
    })  # fmt: skip
    new = CodeTable("NEW", "新", {
        "1": Entry("1", "甲"), "2": Entry("2", "乙二"), "9": Entry("9", "丙丙"),
        "8": Entry("8", "丁"), "7": Entry("7", "戊"),
    })  # fmt: skip

    found = compare(old, new)

    assert found.same == 1
    assert [after.name for _, after in found.renamed] == ["乙二"]
    assert [(before.code, after.code) for before, after in found.moved] == [("3", "9"), ("4", "8")]
    assert [entry.code for entry in found.added] == ["7"]
    assert found.removed == ()


def test_the_catalogue_of_2026_moved_eleven_majors():
    found = compare(packaged.table(MAJOR), packaged.table("MOE_UNDERGRAD_2026_SUPPLEMENT"))
    assert len([pair for pair in found.moved if pair[0].successor]) == 11
