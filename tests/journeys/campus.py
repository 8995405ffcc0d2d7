"""People in front of Chromium: each account signs in once, every page is watched for errors."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
PASSWORD = "Yanta-2026"
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
# What the browser says of an answer that a journey asks for on purpose.
EXPECTED = ("status of 403", "status of 404", "status of 409", "status of 422", "ERR_INTERNET_DISCONNECTED")
PATIENCE = 20_000


class Campus:
    """`campus.enter("student", phone=True)` is a page of somebody who is signed in."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.browser, self.address = browser, address
        self.errors: list[str] = []
        self._states: dict[str, Any] = {}
        self._open: list[BrowserContext] = []

    def enter(self, account: str, *, phone: bool = False) -> Page:
        if account not in self._states:
            page = self.stranger(phone=phone)
            self.sign_in(page, account)
            self._states[account] = page.context.storage_state()
        return self._page(phone=phone, state=self._states[account])

    def stranger(self, *, phone: bool = False) -> Page:
        """A page of nobody."""
        return self._page(phone=phone, state=None)

    def sign_in(self, page: Page, account: str) -> None:
        page.goto("/sign-in/")
        page.fill("#id_login", account)
        page.fill("#id_password", PASSWORD)
        page.click("form[data-sign-in] button.btn-accent")
        page.wait_for_selector(".y-shell")

    def _page(self, *, phone: bool, state: Any) -> Page:
        context = self.browser.new_context(
            base_url=self.address, viewport=PHONE if phone else DESK, locale="zh-CN", timezone_id="Asia/Shanghai",
            reduced_motion="reduce", storage_state=state, service_workers="block", has_touch=phone,
        )  # fmt: skip
        context.set_default_timeout(PATIENCE)
        self._open.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.errors.append(f"{page.url}: {error}"))
        page.on("console", lambda message: self._heard(page, message))
        return page

    def _heard(self, page: Page, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(one in message.text for one in EXPECTED):
            self.errors.append(f"{page.url}: {message.text}")

    def leave(self) -> None:
        """Everybody goes; what a page complained of fails the journey."""
        for context in self._open:
            context.close()
        self._open.clear()
        heard, self.errors = self.errors, []
        assert heard == []


@cache
def axe_source() -> str:
    return AXE.read_text("utf-8")


def violations(page: Page, theme: str) -> list[str]:
    """What axe finds grave in this theme, at the width the page has now, once every transition has ended."""
    page.evaluate(
        "async theme => { document.documentElement.dataset.bsTheme = theme; do { document.body.offsetWidth;"
        " document.getAnimations().forEach(one => one.finish()); await new Promise(requestAnimationFrame)"
        " } while (document.getAnimations().length) }", theme
    )  # fmt: skip
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(axe_source())
    found = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in found["violations"] if one["impact"] in ("serious", "critical")
        for node in one["nodes"][:3]
    ]  # fmt: skip
