"""What only a real browser shows: the sign-in form may lead to the application, and frames sign it out."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from tests.doors.campus import LOGIN, PASSWORD, Campus, eventually
from tests.doors.test_cas import Heard
from tests.journeys.conftest import CHROMIUM

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine's PATH"),
]


@pytest.fixture
def heard(school: Campus) -> Iterator[Heard]:
    server = Heard(school.ports["back"])
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def page() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        one = browser.new_page(locale="zh-CN")
        one.set_default_timeout(20_000)
        yield one
        browser.close()


def sign_in(page: Any) -> None:
    page.fill("#id_login", LOGIN)
    page.fill("#id_password", PASSWORD)
    page.click("form[data-sign-in] button.btn-accent")


def test_the_form_leads_to_the_application_and_the_notice_follows(
    school: Campus, heard: Heard, page: Any
) -> None:
    home = school.home("back")
    page.goto(f"{school.address}/cas/login?service={home}start")
    assert page.locator("text=登录后进入").count() == 1
    sign_in(page)
    page.wait_for_url(f"{home}start?ticket=*")

    page.goto(f"{school.address}/sso/entries/")
    assert page.locator("text=应用 back").count() >= 1
    page.goto(f"{school.address}/cas/login?service={home}start&method=POST")
    eventually(
        lambda: any("ticket" in one for one in heard.posted), "the ticket comes in a form that sends itself"
    )
    page.goto(f"{school.address}/cas/logout")
    page.wait_for_selector("text=已退出登录")
    eventually(lambda: any("logoutRequest" in one for one in heard.posted), "the application is told")
