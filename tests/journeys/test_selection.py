"""A student chooses courses on the phone: finds, takes, sees what a swap would cost, looks at the receipt, gives back."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.campus import Campus, violations

pytestmark = pytest.mark.browser


def test_a_student_chooses_on_the_phone(campus: Campus) -> None:
    page = campus.enter("student", phone=True)
    find(page)
    course = take(page)
    give_back(page, course)
    see_the_lottery(page)


def find(page: Page) -> None:
    """Filters narrow the catalogue, stay in the address, and nothing is wider than the phone."""
    page.goto("/course-selection/")
    page.locator("summary", has_text="筛选").click()
    page.get_by_label("只看有余座").check()
    page.get_by_label("与我的课表不冲突").check()
    page.get_by_role("button", name="查找").click()
    page.wait_for_url("**free=1**")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert violations(page, "light") == []
    assert violations(page, "dark") == []


def take(page: Page) -> str:
    """The first course that may be had; the answer has a receipt number."""
    line = page.locator(".y-list li", has=page.get_by_role("button", name="选这个班")).first
    course = line.locator("b").first.inner_text()
    line.get_by_role("button", name="选这个班").click()
    expect(page.locator("[role=status]", has_text="选课成功")).to_contain_text("XK")
    return course


def give_back(page: Page, course: str) -> None:
    page.goto("/course-selection/mine/")
    line = page.locator(".y-list li", has=page.get_by_role("button", name="退课")).filter(has_text=course)
    expect(line).to_have_count(1)
    assert violations(page, "light") == []
    line.get_by_role("button", name="退课").click()
    expect(page.locator("[role=status]", has_text="已退课")).to_contain_text("XK")


def see_the_lottery(page: Page) -> None:
    """The seed, and the program with which everybody recomputes the draw."""
    page.goto("/course-selection/lottery/")
    expect(page.locator("main")).to_contain_text("种子指纹")
    with page.expect_download() as got:
        page.get_by_role("link", name="核对程序").click()
    assert b"recompute" in got.value.path().read_bytes()
    assert violations(page, "light") == []
