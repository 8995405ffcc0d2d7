"""A student on a phone: finds a service in their own words, fills in little, loses the network, hands in."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.campus import Campus

pytestmark = pytest.mark.browser


class TestOnThePhone:
    def test_a_lost_card_is_asked_for_anew(self, campus: Campus) -> None:
        page = campus.enter("student", phone=True)
        page.goto("/hall/?q=卡丢了")
        page.click("text=校园卡补办")
        page.click("text=我要办")
        expect(page.locator(".y-known")).to_contain_text("不用您填")

        asked_when_lost = page.locator("[data-ask=f2]")
        expect(asked_when_lost).to_be_hidden()
        page.check("input[value=遗失]")
        expect(asked_when_lost).to_be_visible()
        page.click("text=提交申请")
        expect(page.locator(".y-error").first).to_contain_text("请选择遗失日期")

        page.fill("#id_f2", "2026-11-20")
        page.check("#id_f3")
        page.check("input[value=东区一卡通中心]")
        expect(page.locator("[data-draft-said]")).to_contain_text("草稿已保存")
        page.reload()
        expect(page.locator("#id_f2")).to_have_value("2026-11-20")
        page.click("text=提交申请")

        page.wait_for_url("**/hall/mine/**")
        expect(page.locator(".y-notice").first).to_contain_text("已经提交")
        expect(page.locator("[aria-current=step]")).to_contain_text("部门受理")

    def test_what_was_looked_up_survives_a_lost_connection(self, campus: Campus) -> None:
        page = campus.enter("student", phone=True)
        page.goto("/hall/service/repair/apply/")
        place = page.locator("form[data-hall-draft] [data-pick]").first
        place.locator("input").first.click()
        place.locator(".y-option").first.click()
        shown, key = (place.locator("input").nth(at).input_value() for at in (0, 1))
        page.context.set_offline(offline=True)
        page.locator("textarea").first.fill("水龙头一直滴水")
        expect(page.locator("[data-draft-said]")).to_contain_text("草稿存在本机")
        page.context.set_offline(offline=False)
        page.reload()

        expect(place.locator("input").nth(0)).to_have_value(shown)
        expect(place.locator("input").nth(1)).to_have_value(key)
        assert shown
        assert key

    def test_a_lost_answer_is_no_quarrel_with_oneself(self, campus: Campus) -> None:
        page = campus.enter("student", phone=True)
        page.goto("/hall/service/repair/apply/")
        page.evaluate(
            "() => { const sent = window.fetch; window.fetch = async (...asked) => { await sent(...asked); throw new TypeError('lost') } }"
        )
        page.locator("textarea").first.fill("水龙头一直滴水")
        expect(page.locator("[data-draft-said]")).to_contain_text("草稿存在本机")
        page.locator("textarea").first.fill("水龙头一直滴水，关不上")
        page.reload()

        expect(page.locator("textarea").first).to_have_value("水龙头一直滴水，关不上")
        expect(page.locator("[data-draft-said]")).to_contain_text("草稿已保存")
        expect(page.locator("[data-conflict]")).to_be_hidden()

    def test_sums_follow_their_rows(self, campus: Campus) -> None:
        page = campus.enter("student", phone=True)
        page.goto("/hall/service/activity-fund/apply/")
        page.fill("[name='g1.0.a2']", "12.5")
        page.fill("[name='g1.0.a3']", "4")
        page.click("[data-add-line]")
        page.fill("[name='g1.1.a2']", "30")
        page.fill("[name='g1.1.a3']", "2")

        expect(page.locator("[data-calc='g1.1.a4']")).to_have_text("60.00")
        expect(page.locator("[data-calc='f8']")).to_have_text("110.00")
