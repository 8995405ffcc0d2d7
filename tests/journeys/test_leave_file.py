"""A leave from the application to the personal file: decided, its form with opinion and day, back again, kept and whole."""

from __future__ import annotations

import io
import time
from datetime import UTC, datetime, timedelta

import docx
import pytest
from playwright.sync_api import Page, expect

from tests.journeys.campus import DESK, PHONE, Campus, violations

pytestmark = pytest.mark.browser
AHEAD, OPINION, PLACE = 67, "已与家长核实，同意。", "陕西省延安市宝塔区"
WITHIN_SECONDS = 60


def wait_for(page: Page, address: str, text: str) -> None:
    """What follows from an event comes with the worker's next round; a form is printed meanwhile."""
    deadline = time.monotonic() + WITHIN_SECONDS
    while text not in page.goto(address).text() and time.monotonic() < deadline:  # type: ignore[union-attr]  # None only within a page
        time.sleep(0.5)
    expect(page.locator("main")).to_contain_text(text)


def ask(page: Page) -> tuple[str, str]:
    """Hand a leave in; answers the addresses of its matter and of the leave."""
    begins = datetime.now(UTC).date() + timedelta(days=AHEAD)
    page.goto("/hall/service/leave/apply/")
    page.locator("main label", has_text="事假").click()
    page.fill("[name=starts_on]", begins.isoformat())
    page.fill("[name=ends_on]", (begins + timedelta(days=1)).isoformat())
    page.fill("[name=destination]", PLACE)
    page.fill("[name=reason]", "参加表哥的婚礼")
    page.fill("[name=contact]", "父亲 13900000000")
    page.locator("form button.btn-accent", has_text="提交").click()
    page.wait_for_url("**/hall/mine/**")
    leave = page.locator("main a[href^='/leave/leave/']").first.get_attribute("href")
    assert leave
    return page.url, leave


def decide(page: Page) -> None:
    page.goto("/todos/")
    begins = datetime.now(UTC).date() + timedelta(days=AHEAD)
    page.locator("main a[href*='/workflow/items/']", has_text=f"事假 {begins:%m-%d}").first.click()
    page.wait_for_url("**/workflow/items/**")
    page.fill("#opinion_main", OPINION)
    page.locator("button[value=approve]").click()
    page.wait_for_load_state()


def report_back(page: Page, leave: str) -> None:
    page.goto(f"{leave.rstrip('/')}/report_back/")
    page.fill("[name=on]", (datetime.now(UTC).date() + timedelta(days=AHEAD + 1)).isoformat())
    page.locator(".y-form .y-actions .btn-primary").click()
    page.wait_for_url(f"**{leave}")
    expect(page.locator("main")).to_contain_text("已销假")


class TestLeaveInTheFile:
    def test_asked_decided_printed_back_and_kept(self, campus: Campus) -> None:
        student = campus.enter("student", phone=True)
        matter, leave = ask(student)
        decide(campus.enter("counsellor", phone=True))

        wait_for(student, matter, "学生请假审批单（Word）")
        assert violations(student, "light") == []
        paper = student.locator("main a", has_text="学生请假审批单（Word）").get_attribute("href")
        assert paper
        self.look_at(student.request.get(paper).body())

        report_back(student, leave)
        wait_for(student, "/dossiers/", PLACE)
        self.file(student)

    def look_at(self, content: bytes) -> None:
        """The counsellor's words, name and day in the cell of the step; what nobody was asked for stays empty."""
        rows = {
            row.cells[0].text: row.cells[1].text for row in docx.Document(io.BytesIO(content)).tables[0].rows
        }
        assert OPINION in rows["辅导员意见"]
        assert f"{datetime.now(UTC).astimezone().year}年" in "".join(rows["辅导员意见"].split())
        assert PLACE in rows["去向"]
        assert OPINION not in rows["学院意见"]

    def file(self, page: Page) -> None:
        """Leave, matter and form are entries; the file is whole, and looks well."""
        main = page.locator("main")
        expect(main).to_contain_text("学生请假审批单")
        page.locator("button", has_text="四性检测").click()
        page.wait_for_load_state()
        expect(page.locator("#inspection")).to_contain_text("通过")
        expect(page.locator("#inspection")).not_to_contain_text("不通过")
        for size, theme in ((PHONE, "light"), (DESK, "dark")):
            page.set_viewport_size(size)
            assert violations(page, theme) == []
            assert not page.evaluate("() => document.documentElement.scrollWidth > innerWidth + 1"), size
