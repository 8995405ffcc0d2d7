"""The service hall on a phone: what a student touches to ask for leave, and where the decision then is."""

import re
import time
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.campus import PHONE, Campus, violations

pytestmark = pytest.mark.browser

AHEAD = 45


def fill_in(page: Page, begins: str, ends: str) -> None:
    """All that the university does not know."""
    page.locator("main label", has_text="事假").click()
    page.fill("[name=starts_on]", begins)
    page.fill("[name=ends_on]", ends)
    page.fill("[name=destination]", "陕西省宝鸡市渭滨区")
    page.fill("[name=reason]", "参加姐姐的婚礼")
    page.fill("[name=contact]", "母亲 13800000000")


def wait_for_text(page: Page, address: str, text: str) -> None:
    """What follows from an event comes with the worker's next round."""
    deadline = time.monotonic() + 20
    while text not in page.goto(address).text() and time.monotonic() < deadline:  # type: ignore[union-attr]
        time.sleep(0.3)
    expect(page.locator("main")).to_contain_text(text)


class TestLeaveOnAPhone:
    def test_asked_for_in_the_hall_decided_in_the_inbox_seen_everywhere(self, campus: Campus) -> None:
        begins = datetime.now(UTC).date() + timedelta(days=AHEAD)
        student = campus.enter("student", phone=True)
        leave = self.ask(student, begins.isoformat(), (begins + timedelta(days=1)).isoformat())

        self.decide(campus.enter("counsellor", phone=True))

        student.goto(leave)
        expect(student.locator("main")).to_contain_text("已批准")
        wait_for_text(student, "/messages/", "已通过")
        student.goto(f"/calendar/?view=month&on={begins.isoformat()}")
        expect(student.locator("main")).to_contain_text("事假")
        self.figures(campus.enter("affairs"))

    def ask(self, page: Page, begins: str, ends: str) -> str:
        """From the hall to the sent application, without a name, a number or a class; answers the leave's address."""
        page.goto("/hall/service/leave/")
        assert violations(page, "light") == []
        page.locator("main a[href='/hall/service/leave/apply/']").first.click()
        page.wait_for_url("**/hall/service/leave/apply/**")
        asked = page.locator("main .y-field:visible").all_inner_texts()
        assert not [one for one in asked if re.search("姓名|学号|班级|学院", one)]
        fill_in(page, begins, ends)
        assert not page.evaluate("() => document.documentElement.scrollWidth > innerWidth + 1"), PHONE
        page.locator("form button.btn-accent", has_text="提交").click()
        page.wait_for_url("**/hall/mine/**")
        found = page.locator("main a[href^='/leave/leave/']").first.get_attribute("href")
        assert found
        return found

    def decide(self, page: Page) -> None:
        page.goto("/todos/")
        page.locator(
            "main a", has_text=f"{(datetime.now(UTC).date() + timedelta(days=AHEAD)):%m-%d}"
        ).first.click()
        page.wait_for_url("**/workflow/items/**")
        expect(page.locator("main")).to_contain_text("宝鸡")
        page.locator("button[value=approve]").click()
        page.wait_for_load_state()

    def figures(self, page: Page) -> None:
        page.goto("/leave/leave/?q=宝鸡市渭滨区")
        expect(page.locator("main")).to_contain_text("已批准")


class TestRepairOnAPhone:
    def test_the_same_fault_is_shown_before_it_is_reported_twice(self, campus: Campus) -> None:
        student = campus.enter("student", phone=True)
        room = self.report(student)

        teacher = campus.enter("teacher", phone=True)
        teacher.goto(f"/repairs/at/{room}/")
        expect(teacher.locator("main")).to_contain_text("讲台左边的灯一直闪")
        teacher.click("text=我也遇到了")
        expect(teacher.locator("main")).to_contain_text("修好会告诉您")
        assert violations(teacher, "light") == []

    def report(self, page: Page) -> str:
        """By the code on the door: the room is filled in already."""
        rooms = page.request.get("/api/v1/masterdata/room/?page_size=1&is_bookable=1")
        number = rooms.json()["items"][0]["number"] if rooms.ok else "1J01-101"
        page.goto(f"/repairs/at/{number}/")
        page.locator("a.btn-accent", has_text="报修").click()
        page.wait_for_url("**/hall/service/repair/apply/**")
        expect(page.locator("[name=room]").first).not_to_have_value("")
        category = page.locator("select[name=category]")
        category.select_option(label="灯不亮")
        page.fill("[name=description]", "讲台左边的灯一直闪")
        page.locator("form button.btn-accent", has_text="提交").click()
        page.wait_for_url("**/hall/mine/**")
        return number
