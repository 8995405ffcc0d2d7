import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from yanta.kernel.audit.models import AuditEntry
from yanta.kernel.identity.models import Account, Session, SignIn
from yanta.kernel.identity.scanning import campus, jobs
from yanta.kernel.identity.scanning.models import CampusCode
from yanta.kernel.identity.session_store import SessionStore
from yanta.kernel.identity.tests import factories

pytestmark = pytest.mark.django_db
ASK, STATE = "/sign-in/code/", "/sign-in/code/state/"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0) Firefox/133.0"


def shown(answer) -> str:
    return re.search(r'data-code="https?://[^/]+(/scan/code/[^"]+)"', answer.content.decode())[1]


def owner_of(browser: Client) -> Account | None:
    return SessionStore(browser.cookies["yanta_session"].value).account


def desktop() -> tuple[Client, str]:
    browser = Client(HTTP_USER_AGENT=FIREFOX)
    return browser, shown(browser.get(ASK, {"next": "/todos/"}))


def phone(account=None) -> tuple[Client, Account]:
    account = account or factories.account()
    client = Client()
    client.post("/sign-in/", {"login": account.username, "password": factories.PASSWORD})
    return client, account


class TestEntering:
    def test_the_browser_enters_when_the_phone_confirms(self):
        browser, place = desktop()
        hand, account = phone()
        assert browser.post(ASK).status_code == 422

        page = hand.get(place).content.decode()
        assert "Firefox · Windows" in page
        assert "127.0.0.1" in page
        assert CampusCode.objects.get().check_number in page
        assert "请在手机上确认" in browser.get(STATE, {"seen": "waiting"}).content.decode()
        assert hand.post(place, {"may": "yes"}).status_code == 200
        assert "hx-post" in browser.get(STATE, {"seen": "scanned"}).content.decode()
        answer = browser.post(ASK)

        assert answer.url == "/todos/"
        assert owner_of(browser) == account
        assert SignIn.objects.filter(method="campus-code", outcome="success", account=account).count() == 1
        assert AuditEntry.objects.filter(action="scanning.campuscode.confirm").count() == 1

    def test_htmx_is_led_on_by_a_header(self):
        browser, place = desktop()
        hand, _account = phone()
        hand.post(place, {"may": "yes"})

        answer = browser.post(ASK, headers={"HX-Request": "true"})

        assert answer.headers["HX-Redirect"] == "/todos/"

    def test_nothing_new_costs_no_body(self):
        browser, _place = desktop()

        answer = browser.get(STATE, {"seen": "waiting"})

        assert (answer.status_code, answer.content) == (204, b"")

    def test_a_refusal_is_said_on_the_screen_and_kept(self):
        browser, place = desktop()
        hand, account = phone()
        hand.get(place)
        hand.post(place, {"may": "no"})

        assert "拒绝" in browser.get(STATE, {"seen": "scanned"}).content.decode()
        assert browser.post(ASK).status_code == 422
        assert SignIn.objects.filter(method="campus-code", outcome="refused", account=account).exists()

    def test_an_enrolled_account_still_owes_its_second_factor(self, monkeypatch):
        from yanta.kernel.identity import signing_in

        browser, place = desktop()
        hand, _account = phone()
        hand.post(place, {"may": "yes"})
        monkeypatch.setattr(signing_in, "demand_of", lambda *a, **k: signing_in.Demand(factor=True))

        assert browser.post(ASK).url == "/sign-in/second-factor/"


class TestNobodyElse:
    def test_the_code_in_the_picture_opens_no_other_browser(self):
        """Whoever photographs the code, or sends it to a victim to confirm, has only one half."""
        _browser, place = desktop()
        hand, _account = phone()
        hand.post(place, {"may": "yes"})
        thief, _own = desktop()

        assert thief.post(ASK).status_code == 422
        assert Session.objects.exclude(account=None).count() == 1  # the phone's

    def test_the_session_gets_a_new_key(self):
        browser, place = desktop()
        before = browser.cookies["yanta_session"].value
        hand, _account = phone()
        hand.post(place, {"may": "yes"})
        browser.post(ASK)

        assert browser.cookies["yanta_session"].value != before

    def test_enters_once(self):
        browser, place = desktop()
        hand, _account = phone()
        hand.post(place, {"may": "yes"})
        kept = browser.cookies["yanta_session"].value
        browser.post(ASK)
        again = Client()
        again.cookies["yanta_session"] = kept

        assert again.post(ASK).status_code == 422
        assert hand.get(place).status_code == 422

    def test_is_over_after_ninety_seconds(self):
        browser, place = desktop()
        hand, _account = phone()
        CampusCode.objects.update(expires_at=timezone.now())

        assert hand.get(place).status_code == 422
        assert "过期" in browser.get(STATE, {"seen": "waiting"}).content.decode()
        assert timedelta(seconds=60) <= campus.VALID_FOR <= timedelta(seconds=120)

    def test_confirmed_too_late_does_not_enter(self):
        browser, place = desktop()
        hand, _account = phone()
        hand.post(place, {"may": "yes"})
        CampusCode.objects.update(expires_at=timezone.now())

        assert browser.post(ASK).status_code == 422

    def test_the_first_phone_has_it(self):
        browser, place = desktop()
        first, account = phone()
        first.get(place)
        second, _other = phone()

        assert second.post(place, {"may": "yes"}).status_code == 422
        first.post(place, {"may": "yes"})
        browser.post(ASK)
        assert owner_of(browser) == account

    def test_a_phone_that_is_not_signed_in_is_sent_to_the_door(self):
        _browser, place = desktop()

        assert Client().get(place).url.startswith("/sign-in/")

    def test_a_locked_account_does_not_enter(self):
        browser, place = desktop()
        hand, account = phone()
        hand.post(place, {"may": "yes"})
        Account.objects.filter(pk=account.pk).update(state="locked")

        assert browser.post(ASK).status_code == 422

    def test_asks_for_the_csrf_token_on_both_sides(self):
        assert Client(enforce_csrf_checks=True).post(ASK).status_code == 403

    def test_a_flood_from_one_address_is_refused(self, monkeypatch):
        monkeypatch.setattr(campus, "AT_ONCE", 2)
        for _ in range(2):
            desktop()

        assert Client().get(ASK).status_code == 422

    def test_a_new_code_ends_the_old_one_of_this_browser(self):
        browser, place = desktop()
        browser.get(ASK)
        hand, _account = phone()

        assert hand.get(place).status_code == 422

    def test_says_so_when_the_computer_is_somewhere_else(self):
        _browser, place = desktop()
        hand, _account = phone()
        CampusCode.objects.update(address="203.0.113.9")

        assert "不在同一个网络" in hand.get(place).content.decode()


def test_old_codes_are_cleared_away():
    desktop()
    CampusCode.objects.update(expires_at=timezone.now() - timedelta(hours=2))

    class Seen:
        def step(self, *told):
            pass

    jobs.clear_old_codes(Seen(), actor=None)
    assert not CampusCode.objects.exists()
