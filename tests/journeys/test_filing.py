"""A statutory report from the first open cell to the receipt, as the departments walk it, on a desk and on a phone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from python_calamine import CalamineWorkbook

from tests.journeys.campus import Campus, violations

pytestmark = pytest.mark.browser

# Who fills in for which department, and in whose table they may write.
FILLERS = {
    "registry": ("XS1", "XS2"),
    "hr": ("JG1", "JG2", "JG3"),
    "affairs": ("XS3",),
    "assets": ("ZC1", "XF1"),
}
# What only people know; everywhere else there is nothing of the kind. Sums have to come out.
KNOWN = {("JG1", "zj", "ltx"): "186", ("XF1", "zj", "sg"): "12000", ("XS3", "yjs", "cj"): "2"}
LAST_YEAR = "捐赠设备验收入账，已与资产台账核对"


def test_the_report_from_open_cells_to_the_receipt(campus: Campus, tmp_path: Path) -> None:
    engineer = campus.enter("engineer")
    filing = open_filing(engineer)
    assign(engineer, filing)

    assets = campus.enter("assets")
    confirm_with_rows_and_definition(assets, filing)
    explain_against_last_year(assets, filing)
    fill_on_the_phone(campus.enter("assets", phone=True), filing)
    put_right_what_does_not_add_up(campus.enter("hr"), filing)
    for who, tables in FILLERS.items():
        finish(campus.enter(who), filing, tables)
    sign(engineer, filing)

    lock_and_send(campus.enter("leader"), engineer, filing)
    export(engineer, filing, tmp_path)
    keep_receipt(engineer, filing)
    for phone in (False, True):
        judge_the_page(campus.enter("leader", phone=phone), filing)


def open_filing(page: Page) -> str:
    """The year's report that is under way."""
    page.goto("/reporting/")
    opened = page.get_by_role("link", name="打开填报").evaluate_all("all => all.map(one => one.href)")
    for address in opened:
        page.goto(address)
        if "高等教育事业统计" in page.locator("main h1").inner_text():
            expect(page.locator("main")).to_contain_text("还差")
            return str(address)
    raise AssertionError(f"no report is under way: {opened}")


def assign(page: Page, filing: str) -> None:
    """A table goes to its department with a day."""
    page.goto(f"{filing}tables/XS3/")
    due = re.search(r"\d{4}-\d{2}-\d{2}", page.locator("main").inner_text())
    assert due is not None
    page.get_by_role("link", name="分派").click()
    page.wait_for_url("**/assign/")
    page.fill("[name=due_on]", due.group())
    press(page, page.locator("main form button.btn-primary").first)
    page.goto(f"{filing}tables/XS3/")
    expect(page.locator("main")).to_contain_text("学生工作部")


def press(page: Page, button: Locator) -> None:
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        button.click()


def confirm_with_rows_and_definition(page: Page, filing: str) -> None:
    """A figure beside the table: what it means, whose fields it counts; then the rows it counted."""
    page.goto(f"{filing}tables/ZC1/")
    page.locator("a[href='cells/sbt/z/']").click()
    panel = page.locator("#panel")
    expect(panel).to_contain_text("口径")
    expect(panel).to_contain_text("上年")
    expect(panel).to_contain_text("理由：两台捐赠设备")
    panel.get_by_role("link", name="看明细").click()
    page.wait_for_url("**/rows/")
    expect(page.locator("main table tbody tr").first).to_be_visible()


def explain_against_last_year(page: Page, filing: str) -> None:
    page.goto(f"{filing}tables/ZC1/")
    said = page.locator("li", has_text="上年").locator("form")
    expect(said).to_be_visible()
    said.locator("[name=text]").fill(LAST_YEAR)
    press(page, said.locator("button"))
    expect(page.locator("main")).to_contain_text(LAST_YEAR)


def fill_on_the_phone(page: Page, filing: str) -> None:
    """The first figure that only a person knows; on the phone it is a page of its own."""
    page.goto(f"{filing}tables/ZC1/")
    place = str(page.locator("td.missing a").first.get_attribute("href"))
    page.locator("td.missing a").first.click()
    page.wait_for_url(f"**/{place}")
    page.locator("form[action$='/fill/'] [name=value]").fill("1280000")
    press(page, page.locator("form[action$='/fill/'] button.btn-primary"))
    page.goto(f"{filing}tables/ZC1/")
    expect(page.locator(f"td.by-hand a[href='{place}']")).to_have_text("1,280,000")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def put_right_what_does_not_add_up(page: Page, filing: str) -> None:
    """A slip of the pen: the table says by how much, and cannot be checked until it is right."""
    page.goto(f"{filing}tables/JG2/")
    expect(page.locator("main")).to_contain_text("总计应等于各级之和")
    press(page, page.get_by_role("button", name="自查通过"))
    expect(page.locator("body")).to_contain_text("还差")
    page.goto(f"{filing}tables/JG2/cells/fg/bk/")
    value = page.locator("form[action$='/fill/'] [name=value]")
    value.fill(str(int(value.input_value()) - 1))
    press(page, page.locator("form[action$='/fill/'] button.btn-primary"))
    page.goto(f"{filing}tables/JG2/")
    expect(page.locator("main")).not_to_contain_text("总计应等于各级之和")


def finish(page: Page, filing: str, tables: tuple[str, ...]) -> None:
    """What is left of the department's tables, page after page, then its word that they are in order."""
    for code in tables:
        page.goto(f"{filing}tables/{code}/")
        while page.locator("td.missing a").count() or page.locator("form[action$='/do/explain/']").count():
            answer_page(page, filing, code)
            page.goto(f"{filing}tables/{code}/")
        while (following := page.locator(".y-pages a[rel=next]")).count():
            following.click()
            page.wait_for_load_state()
            answer_page(page, filing, code)
        page.goto(f"{filing}tables/{code}/")
        checked = page.get_by_role("button", name="自查通过")
        if checked.count():
            press(page, checked)


def answer_page(page: Page, filing: str, code: str) -> None:
    """The forms of this page, sent as the browser sends them."""
    token = page.locator("[name=csrfmiddlewaretoken]").first.input_value()
    places = page.locator("td.missing a").evaluate_all("all => all.map(one => one.getAttribute('href'))")
    for place in places:
        _, row, column, _ = place.split("/")
        value = KNOWN.get((code, row, column), "0")
        send(page, f"{filing}tables/{code}/do/fill/", token, row=row, column=column, value=value, reason="")
    for one in page.locator("form[action$='/do/explain/'] [name=finding]").all():
        send(page, f"{filing}tables/{code}/do/explain/", token, finding=one.input_value(), text=LAST_YEAR)


def send(page: Page, address: str, token: str, **values: str) -> None:
    answer = page.request.post(
        address, form={"csrfmiddlewaretoken": token, **values}, headers={"Referer": page.url}
    )
    assert answer.ok, f"{address}: {answer.status}"


def sign(page: Page, filing: str) -> None:
    """Table by table, under the pledge; not by whoever checked it."""
    page.goto(filing)
    for code in [code for tables in FILLERS.values() for code in tables]:
        page.goto(f"{filing}tables/{code}/")
        if page.get_by_role("button", name="部门签字").count():
            page.get_by_role("button", name="部门签字").click()
            form = page.locator("dialog[open] form")
            form.locator("[name=agreed]").check()
            press(page, form.locator("button.btn-primary"))
    page.goto(filing)
    expect(page.locator("main")).to_contain_text("全部签字，可以校级审核")


def lock_and_send(leader: Page, engineer: Page, filing: str) -> None:
    leader.goto(filing)
    press(leader, leader.get_by_role("button", name="审核通过并锁定"))
    engineer.goto(f"{filing}tables/ZC1/")
    expect(engineer.locator("main")).to_contain_text("已签字锁定")
    engineer.goto(filing)
    press(engineer, engineer.get_by_role("button", name="上报"))
    expect(engineer.locator("main")).to_contain_text("上报存档")


def export(page: Page, filing: str, folder: Path) -> None:
    """The official layout, with the figures that were given."""
    page.goto(filing)
    with page.expect_download() as coming:
        page.get_by_role("link", name="Excel").first.click()
    file = folder / "report.xlsx"
    coming.value.save_as(file)
    book = CalamineWorkbook.from_path(str(file))
    cells = [
        str(cell)
        for name in book.sheet_names
        for row in book.get_sheet_by_name(name).to_python()
        for cell in row
    ]
    assert "1280000.0" in cells or "1280000" in cells


def keep_receipt(page: Page, filing: str) -> None:
    page.get_by_role("button", name="登记回执").click()
    form = page.locator("dialog[open] form")
    form.locator("input:not([type=hidden])").first.fill("统计字〔2026〕61 号")
    press(page, form.locator("button.btn-primary"))
    expect(page.locator("main")).to_contain_text("统计字〔2026〕61 号")


def judge_the_page(page: Page, filing: str) -> None:
    page.goto(filing)
    expect(page.locator("main")).to_contain_text("统计字〔2026〕61 号")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations(page, "light") == []
