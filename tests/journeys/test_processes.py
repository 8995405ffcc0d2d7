"""A process drawn, checked and compared at the desk; the inbox and its delegations on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.campus import Campus, violations

pytestmark = pytest.mark.browser
BASE = "/workflow/processes/hall.handling/"


def test_an_engineer_draws_checks_and_compares(campus: Campus) -> None:
    page = campus.enter("engineer")
    page.goto("/workflow/processes/")
    assert violations(page, "light") == []
    page.goto(f"{BASE}draw/")
    step = page.locator('.djs-shape[data-element-id="handle"]')
    expect(step).to_be_visible()
    expect(page.locator(".bjs-powered-by")).to_be_visible()  # its licence asks for it

    step.click()
    panel = page.locator("[data-designer-panel]")
    panel.get_by_label("名称").fill("部门核办")
    panel.get_by_label("名称").press("Tab")
    panel.get_by_label("几个人时").select_option("all")
    expect(panel.get_by_label("一人不同意就不通过")).to_be_checked()
    page.get_by_role("button", name="保存草稿").click()
    expect(page.locator("[data-designer-said]")).to_have_text("草稿已保存")
    expect(step).to_contain_text("部门核办")

    page.get_by_role("link", name="检查并发布").click()
    expect(page.locator("main")).to_contain_text("部门核办")
    expect(page.locator("main")).to_contain_text("会签方式")
    expect(page.locator("main")).not_to_contain_text("删去")
    expect(page.get_by_role("button", name="发布")).to_be_visible()
    page.goto(f"{BASE}compare/?from=1&to=draft")
    expect(page.locator('[data-side="after"] .djs-shape.y-now')).to_have_count(1)
    assert violations(page, "light") == []


def test_somebody_who_is_away_delegates_on_the_phone(campus: Campus) -> None:
    page = campus.enter("dean", phone=True)
    for tab in ("", "?tab=done", "?tab=started", "?tab=copied"):
        page.goto(f"/todos/{tab}")
        expect(page.locator(".y-tabs [aria-current]")).to_be_visible()
    assert violations(page, "light") == []
    page.get_by_role("link", name="委托").click()
    page.get_by_label("委托给").press_sequentially("阎敏")
    page.locator(".y-option").first.click()
    page.get_by_label("至（含当天）").fill("2099-01-01")
    page.get_by_role("button", name="开始委托").click()
    expect(page.locator("main")).to_contain_text("最长一年")
    assert violations(page, "dark") == []
