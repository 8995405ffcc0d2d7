"""What people do here, from the sign-in page to the receipt, in a browser and as they would do it."""

from __future__ import annotations

import itertools
import re
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from playwright.sync_api import Locator, Page, expect
from python_calamine import CalamineWorkbook

from tests.journeys.campus import DESK, PHONE, Campus, violations
from tests.journeys.installation import Installation
from tests.journeys.pages import PAGES

pytestmark = pytest.mark.browser

NEW_PHONE, SHOWN_PHONE = "13901234021", "139****4021"
WITHIN_SECONDS = 2.0


def heading(page: Page) -> Locator:
    return page.locator("main h1, main .y-record .h").first


def press(page: Page, selector: str) -> None:
    """Click what sends a form, and go on only when the server has answered it."""
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.click(selector)


def items(page: Page, address: str) -> list[dict[str, Any]]:
    answer = page.request.get(address)
    assert answer.ok, f"{address}: {answer.status}"
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


class TestCorrection:
    """A student finds a wrong number; the owning department puts it right for everybody."""

    def test_a_wrong_phone_number_is_right_everywhere_within_seconds(
        self, campus: Campus, made: Installation
    ) -> None:
        student = campus.enter("student", phone=True)
        person = self.report(student)
        officer = campus.enter("affairs")
        self.find_in_todos(officer)

        clerk = campus.enter("clerk")
        officer.click("button[name=accept]")
        officer.wait_for_url("**/hub/correction/**")
        accepted_at = time.monotonic()
        assert clerk.request.get(f"/api/v1/people/person/{person}/").json()["phone"] == SHOWN_PHONE
        assert SHOWN_PHONE in student.request.get("/me/").text()
        assert time.monotonic() - accepted_at < WITHIN_SECONDS

        student.goto("/me/")
        expect(student.locator("main")).to_contain_text(SHOWN_PHONE)
        clerk.goto(f"/hub/people/{person}/")
        expect(clerk.locator("main")).to_contain_text(SHOWN_PHONE)
        self.hear(student)
        verified = made.yanta("audit", "verify")
        assert verified.returncode == 0, verified.stdout + verified.stderr

    def report(self, page: Page) -> str:
        """From the home page to the correction; answers the person's key."""
        page.goto("/")
        page.click(".y-bar a[href='/me/']")
        expect(page.locator("main")).to_contain_text("我的数据")
        page.click("[data-source$='/phone/source/']")
        card = page.locator(".y-float")
        expect(card).to_contain_text("归口部门")
        expect(card).to_contain_text("来源系统")
        card.get_by_text("这里不对").click()
        page.wait_for_url("**/phone/wrong/")
        page.fill("#id_proposed", NEW_PHONE)
        page.fill("#id_reason", "换了号码，旧号已停用")
        page.click("text=提交更正")
        page.wait_for_url("**/me/")
        expect(page.locator("main")).to_contain_text("换了号码")
        return str(page.locator("[data-source$='/phone/source/']").get_attribute("data-source")).split("/")[3]

    def find_in_todos(self, page: Page) -> None:
        page.goto("/todos/")
        page.locator("main a", has_text="手机号").first.click()
        page.get_by_text("打开原件").click()
        expect(page.locator("main")).to_contain_text(NEW_PHONE)

    def hear(self, page: Page) -> None:
        page.goto("/messages/")
        expect(page.locator("main")).to_contain_text("手机号")
        expect(page.locator("main")).to_contain_text("已核准")


class TestClerk:
    """A college clerk's day with the register of equipment."""

    def test_list_filter_and_saved_view(self, campus: Campus) -> None:
        page = campus.enter("clerk")
        page.goto("/equipment/item/")
        everything = int(page.locator("#count").inner_text().replace(",", ""))

        page.locator("summary", has_text="筛选").click()
        page.locator("input[name=status][value=idle]").check()
        page.wait_for_url("**status=idle**")
        expect(page.locator(".y-chip")).to_contain_text("闲置")
        assert 0 < int(page.locator("#count").inner_text()) < everything

        page.reload()
        page.locator("summary", has_text="存为视图").click()
        page.locator("form[action$='/views/'] input[name=title]").fill("闲置的")
        press(page, "text=保存视图")
        page.goto("/equipment/item/")
        page.locator(".y-tabs a", has_text="闲置的").click()
        page.wait_for_url("**status=idle**")

    def test_record_in_the_side_panel_and_on_its_own(self, campus: Campus) -> None:
        page = campus.enter("clerk")
        page.goto("/equipment/item/?status=in_use")
        row = page.locator("[data-row]").first
        name = row.locator("td a").first.inner_text()

        row.click()
        expect(page.locator("#panel")).to_have_class(re.compile("is-open"))
        expect(page.locator("#panel-body")).to_contain_text(name)
        page.keyboard.press("Escape")
        expect(page.locator("#panel")).not_to_have_class(re.compile("is-open"))

        row.click()
        page.click("[data-panel-page]")
        page.wait_for_url(re.compile(r"/equipment/item/\d+/$"))
        expect(heading(page)).to_contain_text(name)

    def test_equipment_goes_to_a_unit_below_and_nowhere_else(self, campus: Campus) -> None:
        page = campus.enter("assets")
        one = items(page, "/api/v1/equipment/item/?status=idle&page_size=1")[0]

        page.goto(f"/equipment/item/{one['id']}/transfer/")
        self.pick(page, "to_unit", "计算机科学与技术学院")
        page.fill("#id_reason", "教学改革需要")
        page.locator(".y-form .y-actions .btn").first.click()

        page.wait_for_url(f"**/equipment/item/{one['id']}/")
        expect(page.locator("main")).to_contain_text("计算机科学与技术学院")
        expect(page.locator(".y-time")).to_contain_text("调拨")

    def pick(self, page: Page, name: str, text: str) -> None:
        """Choose in a list, or type and choose where the list is too long."""
        select = page.locator(f"select#id_{name}")
        if select.count():
            select.select_option(label=text)
            return
        page.fill(f"#id_{name}", text)
        page.locator(f"#opt_{name} .y-option", has_text=text).first.click()

    def test_a_sheet_is_previewed_confirmed_and_accounted_for(self, campus: Campus, tmp_path: Path) -> None:
        page = campus.enter("clerk")
        page.goto("/equipment/item/import/")
        with page.expect_download() as download:
            page.click("text=下载模板")
        sheet = tmp_path / "设备.xlsx"
        fill_in(Path(download.value.path()), sheet, [
            {"仪器名称": "便携示波器", "资产大类": "03", "型号": "TBS1052", "生产厂家": "泰克", "出厂号": "JX-001",
             "使用单位": "计算机科学与技术学院", "单价（元）": "3999", "购置日期": "2026-10-08"},
            {"仪器名称": "便携示波器", "资产大类": "没有这一类", "型号": "TBS1052", "生产厂家": "泰克", "出厂号": "JX-002",
             "使用单位": "计算机科学与技术学院", "单价（元）": "3999", "购置日期": "2026-10-08"},
        ])  # fmt: skip

        page.set_input_files("input[name=file]", sheet)
        page.click("text=上传并预览")
        expect(page.locator("main")).to_contain_text("退回")
        page.click("text=写入 1 行")
        page.wait_for_url(re.compile(r"/import/\d+/$"))
        expect(page.locator("main")).to_contain_text("没有这一类")
        assert [one["serial"] for one in items(page, "/api/v1/equipment/item/?q=JX-00")] == ["JX-001"]

    def test_what_is_exported_is_what_is_listed(self, campus: Campus, tmp_path: Path) -> None:
        page = campus.enter("clerk")
        page.goto("/equipment/item/?status=in_repair")
        shown = int(page.locator("#count").inner_text())

        page.locator("summary", has_text="导出").click()
        with page.expect_download() as download:
            page.click("a[href*='export.xlsx']")

        sheet = CalamineWorkbook.from_path(str(download.value.path())).get_sheet_by_index(0).to_python()
        assert len(sheet) - 1 == shown


def fill_in(template: Path, into: Path, rows: list[dict[str, str]]) -> None:
    """The template's heading with these rows below it."""
    heads = [
        str(head) for head in CalamineWorkbook.from_path(str(template)).get_sheet_by_index(0).to_python()[0]
    ]
    with xlsxwriter.Workbook(into) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, heads)
        for line, row in enumerate(rows, 1):
            page.write_row(
                line, 0, [next((v for k, v in row.items() if head.startswith(k)), "") for head in heads]
            )


class TestLeave:
    def test_student_asks_counsellor_agrees_student_hears(self, campus: Campus) -> None:
        student = campus.enter("student", phone=True)
        begins = datetime.now(UTC).date() + timedelta(days=20)
        student.goto("/hall/service/leave/apply/")
        student.locator("main label", has_text="事假").click()
        student.fill("[name=starts_on]", begins.isoformat())
        student.fill("[name=ends_on]", (begins + timedelta(days=1)).isoformat())
        student.fill("[name=destination]", "陕西省宝鸡市渭滨区")
        student.fill("[name=reason]", "参加姐姐的婚礼")
        student.fill("[name=contact]", "母亲 13800000000")
        student.locator("form button.btn-accent", has_text="提交").click()
        student.wait_for_url("**/hall/mine/**")
        student.goto(str(student.locator("main a[href^='/leave/leave/']").first.get_attribute("href")))
        leave = student.url

        counsellor = campus.enter("counsellor")
        counsellor.goto("/todos/")
        expect(counsellor.locator("main")).to_contain_text("事假")
        counsellor.goto(leave)
        counsellor.locator("a[href$='/endorse/']").click()
        counsellor.locator(".y-form .y-actions .btn-primary").click()
        counsellor.wait_for_url(leave)
        expect(heading(counsellor)).to_contain_text("已批准")

        student.goto(leave)
        expect(heading(student)).to_contain_text("已批准")
        wait_for_message(student, "已通过")


def wait_for_message(page: Page, text: str) -> None:
    """Messages that follow an event come with the worker's next round."""
    deadline = time.monotonic() + 20
    while text not in page.goto("/messages/").text() and time.monotonic() < deadline:  # type: ignore[union-attr]
        time.sleep(0.3)
    expect(page.locator("main")).to_contain_text(text)


class TestEngineer:
    def test_the_receipt_of_the_demo_run_adds_up(self, campus: Campus) -> None:
        page = campus.enter("engineer")
        page.goto("/hub/run/")
        page.goto(str(page.locator("[data-row] a").last.get_attribute("href")))
        page.get_by_text("对账单").first.click()
        page.wait_for_url("**/receipt/")
        expect(page.locator("main")).to_contain_text("签名有效")

        answer = page.request.get(page.url.rstrip("/") + ".json")
        counts = answer.json()["document"]["counts"]
        assert counts["read"] == sum(counts[name] for name in ("new", "changed", "unchanged", "quarantined"))

    def test_a_quarantined_row_is_put_right_and_replayed(self, campus: Campus) -> None:
        page = campus.enter("engineer")
        page.goto("/hub/quarantinedrow/?state=open")
        before = int(page.locator("#count").inner_text())
        page.goto(str(page.locator("[data-row] a").first.get_attribute("href")))
        page.get_by_text("查看原行并更正").click()
        page.wait_for_url("**/hub/quarantine/**")
        page.locator("input[name^=cell_]").last.fill("已核对")
        press(page, "text=更正，随下次重放入库")
        page.goto("/hub/quarantinedrow/?state=open")
        assert int(page.locator("#count").inner_text()) == before - 1

    def test_a_doubtful_pair_is_decided(self, campus: Campus) -> None:
        page = campus.enter("engineer")
        page.goto("/hub/doubts/")
        expect(page.locator("main")).to_contain_text("并排比对")
        waiting = re.search(r"还有 (\d+) 对", page.locator("main").inner_text())
        page.fill("[name=reason]", "证件号不同，同名同姓")
        press(page, "button[value=different]")
        page.goto("/hub/doubtfulpair/?state=open")
        assert waiting
        assert int(page.locator("#count").inner_text()) == int(waiting[1]) - 1


class TestSearch:
    def test_a_person_is_found_by_name_and_by_initials(self, campus: Campus) -> None:
        page = campus.enter("registry")
        for typed in ("丁博尧", "dingboyao", "dby"):
            page.goto(f"/search/?q={typed}")
            expect(page.locator("main")).to_contain_text("丁博尧")

    def test_a_clerk_does_not_find_another_colleges_students(self, campus: Campus) -> None:
        everyone = campus.enter("registry")
        theirs = next(
            one for one in items(everyone, "/api/v1/masterdata/student/?page_size=500")
            if "计算机" not in one["department_name"]
        )  # fmt: skip
        clerk = campus.enter("clerk")

        clerk.goto(f"/search/?q={theirs['number']}")
        expect(clerk.locator("main")).to_contain_text("没有找到")
        assert clerk.request.get(f"/masterdata/student/{theirs['id']}/").status == 404
        assert clerk.request.get(f"/api/v1/masterdata/student/{theirs['id']}/").status == 404


class TestEverybody:
    @pytest.mark.parametrize("account", PAGES)
    def test_pages_are_for_everybody_wide_and_narrow_light_and_dark(
        self, campus: Campus, account: str
    ) -> None:
        page, found = campus.enter(account), []
        for address in PAGES[account]:
            answer = page.goto(address)
            assert answer is not None
            assert answer.ok, f"{address}: {answer.status}"
            for size, theme in itertools.product((DESK, PHONE), ("light", "dark")):
                page.set_viewport_size(size)
                found += [f"{address} {size['width']} {theme} {one}" for one in violations(page, theme)]
                assert not page.evaluate("() => document.documentElement.scrollWidth > innerWidth + 1"), (
                    address,
                    size,
                )
        assert found == []


class TestHands:
    def test_keys_reach_search_and_the_list_of_keys(self, campus: Campus) -> None:
        page = campus.enter("clerk")
        page.goto("/")
        page.keyboard.press("/")
        expect(page.locator("[data-search-box]")).to_be_focused()
        page.keyboard.press("Escape")
        page.locator("[data-search-box]").blur()
        page.keyboard.press("?")
        expect(page.locator("#keys")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator("#keys")).to_be_hidden()

    def test_language_and_theme_are_switched_and_kept(self, campus: Campus) -> None:
        page = campus.enter("teacher")
        page.goto("/")
        page.locator("summary.y-who").click()
        page.click("[data-theme-set=dark]")
        page.reload()
        expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")

        page.locator("summary.y-who").click()
        press(page, "button[value=en]")
        expect(page.locator("html")).to_have_attribute("lang", re.compile("en"))
        expect(page.locator(".y-side")).to_contain_text("Home")


class TestPasskey:
    """Whoever registers a device signs in by its lock, without a password, until the device is removed."""

    def test_a_device_lock_opens_the_account(self, campus: Campus, made: Installation) -> None:
        page = campus.stranger()
        self.give_device(page)
        # Browsers bind keys to a domain, never to a bare address.
        at = made.address.replace("127.0.0.1", "localhost")
        page.goto(f"{at}/sign-in/?next=/account/")
        page.fill("#id_login", "leader")
        page.fill("#id_password", "Yanta-2026")
        page.click("form[data-sign-in] button.btn-accent")
        page.click("text=登记通行密钥")
        page.fill("#id_current", "Yanta-2026")
        page.click("text=登记这台设备")
        expect(page.locator(".y-codes li")).to_have_count(10)

        page.context.clear_cookies()
        page.goto(f"{at}/sign-in/?next=/account/")
        page.click("text=用通行密钥登录")
        page.wait_for_url("**/account/")
        card = page.locator(".y-card", has_text="通行密钥").first
        card.locator("summary").click()
        card.locator("input[type=password]").fill("Yanta-2026")
        card.get_by_role("button", name="移除这个通行密钥").click()
        expect(page.locator("main")).to_contain_text("不必再输入密码")

    @staticmethod
    def give_device(page: Page) -> None:
        """A phone with a lock, as Chromium imitates it."""
        devices = page.context.new_cdp_session(page)
        devices.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
            "isUserVerified": True, "automaticPresenceSimulation": True,
        }  # fmt: skip
        devices.send("WebAuthn.addVirtualAuthenticator", {"options": options})
