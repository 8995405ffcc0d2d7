"""A statutory report from one installation to another and back: filed, judged, returned, explained, corrected, accepted,
added up. Two databases, two processes on either side."""

from __future__ import annotations

from tests.nodes.conftest import Pair
from tests.nodes.installations import Installation, until, wait_until_answered


def test_a_report_goes_up_comes_back_and_is_accepted(pair: Pair) -> None:
    province, school = pair.province, pair.school
    pair.above.step("remember", school.code, school.name, "100")
    pair.above.start("serve")
    pair.above.start("hear")
    wait_until_answered(province)
    students = pair.below.step("file")
    pair.below.start("report")

    until(filing_is("returned"), school)  # the province remembers another year; nobody there had to look
    assert tables(school, "drafting") == [("XS1", "教务处")]
    assert [said for said in pair.below.step("explain") if "上年 100" in said]

    until(received(2, "received"), province)
    pair.above.step("judge", "send_back_to_school", "占地面积请核对", "ZC1")
    until(filing_is("returned"), school)
    assert [code for code, _ in tables(school, "drafting")] == ["ZC1"]
    pair.below.step("correct", "ZC1", "zd", "z", "5000")

    until(received(3, "received"), province)
    pair.above.step("judge", "accept")
    until(filing_is("archived"), school)
    found = pair.above.step("region")
    for work in ("serve", "hear"):
        pair.above.stop(work)
    pair.below.stop("report")

    assert found["students"] == str(2 * students)
    assert found["schools"] == [["测试大学", str(students)], ["第二大学", str(students)]]
    assert ["ZC1.zd.z", "0", "5000"] in found["changed"]
    assert receipts_of(school) == province.rows(
        "SELECT number, receipt FROM reporting_receivedfiling WHERE period = '2026' AND node = '4161010001' ORDER BY 1"
    )
    assert len(receipts_of(school)) == 3


def filing_is(state: str) -> str:
    return f"SELECT 1 FROM reporting_filing WHERE package = 'gj' AND state = '{state}'"


def received(number: int, state: str) -> str:
    return f"SELECT 1 FROM reporting_receivedfiling WHERE period = '2026' AND number = {number} AND state = '{state}'"


def tables(school: Installation, state: str) -> list[tuple[object, ...]]:
    return school.rows(
        "SELECT t.code, u.name FROM reporting_filingtable t JOIN organisation_orgunit u ON u.id = t.unit_id"
        f" WHERE t.state = '{state}' ORDER BY 1"
    )


def receipts_of(school: Installation) -> list[tuple[object, ...]]:
    return school.rows("SELECT number, receipt FROM reporting_submission ORDER BY 1")
