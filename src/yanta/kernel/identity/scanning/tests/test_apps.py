"""Every app through its own dialect, against the simulator that answers in it."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from yanta.kernel.audit.models import AuditEntry
from yanta.kernel.base import Refused
from yanta.kernel.identity.models import SignIn
from yanta.kernel.identity.scanning import adapters, asking, entering, services, simulating
from yanta.kernel.identity.scanning.models import ScanApp, ScanAttempt, ScanLink
from yanta.kernel.identity.scanning.tests.factories import app
from yanta.kernel.identity.session_store import SessionStore
from yanta.kernel.identity.tests import factories

pytestmark = pytest.mark.django_db
KINDS = list(ScanApp.Kind.values)
HOSTS = {
    "wecom": "login.work.weixin.qq.com", "dingtalk": "login.dingtalk.com", "feishu": "accounts.feishu.cn",
    "wechat": "open.weixin.qq.com",
}  # fmt: skip


@pytest.fixture(autouse=True)
def vendor(monkeypatch):
    """The vendors' servers, imitated; keeps whom was asked."""
    seen = []

    def ask_json(method, url, *, params=None, json=None, headers=None):
        seen.append((method, url))
        path = urlsplit(url).path.strip("/")
        one = ScanApp.objects.get(kind=_kind_of(url))
        found = simulating.answer(one, path, {**(params or {}), **(json or {})}, headers or {})
        assert found is not None, url
        return found

    monkeypatch.setattr(adapters, "ask_json", ask_json)
    return seen


def _kind_of(url):
    hosts = {
        "qyapi.weixin.qq.com": "wecom", "api.dingtalk.com": "dingtalk", "open.feishu.cn": "feishu", "api.weixin.qq.com": "wechat",
    }  # fmt: skip
    return hosts[urlsplit(url).hostname]


def begun(browser, one, **query):
    """What the browser is sent to, as the vendor's page reads it."""
    address = browser.get(f"/scan/{one.kind}/start", query).url
    return address, query_of(address)


def query_of(address):
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def back(one, asked, user):
    return simulating.way_back(one, asked, user).removeprefix(settings.SITE_ADDRESS)


def signed_in(account):
    browser = Client()
    browser.post("/sign-in/", {"login": account.username, "password": factories.PASSWORD})
    return browser


@pytest.mark.parametrize("kind", KINDS)
class TestEveryApp:
    def test_a_linked_person_enters(self, kind):
        one, account = app(kind), factories.account()
        subject = "u7788" if kind == "wechat" else "7788"
        ScanLink.objects.create(app=one, subject=subject, person=account.person, proof="self")
        browser = Client()
        address, asked = begun(browser, one, next="/todos/")

        answer = browser.get(back(one, asked, "7788"))

        assert urlsplit(address).hostname == HOSTS[kind]
        assert asked["redirect_uri"].endswith(f"/scan/{kind}/callback")
        assert answer.url == "/todos/"
        assert SessionStore(browser.cookies["yanta_session"].value).account == account
        assert SignIn.objects.get(outcome="success").method == f"qr-{kind}"

    def test_somebody_unknown_is_told_how_to_link(self, kind):
        one, browser = app(kind), Client()
        _address, asked = begun(browser, one)

        answer = browser.get(back(one, asked, "7788"))

        assert answer.status_code == 403
        assert "关联一次" in answer.content.decode()
        assert SignIn.objects.get().outcome == "unknown"

    def test_one_links_oneself_and_unlinks(self, kind):
        one, account = app(kind), factories.account()
        browser = signed_in(account)
        page = browser.post("/account/scanning/", {"app": kind, "current": factories.PASSWORD})
        asked = query_of(re.search(r'href="(https://[^"]+)"', page.content.decode())[1].replace("&amp;", "&"))

        assert browser.get(back(one, asked, "7788")).url == "/account/scanning/"
        link = ScanLink.objects.get()
        assert (link.person, link.proof) == (account.person, "self")
        browser.post(f"/account/scanning/{link.pk}/unlink/")
        assert not ScanLink.objects.exists()
        assert set(AuditEntry.objects.filter(action__startswith="scanning").values_list("action", flat=True)) == {
            "scanning.scanlink.link", "scanning.scanlink.unlink",
        }  # fmt: skip

    def test_a_wrong_secret_is_refused_by_the_vendor(self, kind, monkeypatch):
        one, browser = app(kind), Client()
        _address, asked = begun(browser, one)
        vendors = simulating.answer

        def with_another_secret(held, *told):
            held.secret = "w" * 20
            return vendors(held, *told)

        monkeypatch.setattr(simulating, "answer", with_another_secret)

        assert browser.get(back(one, asked, "7788")).status_code == 403


class TestTrust:
    def test_an_answer_counts_once(self):
        one, account = app(), factories.account()
        ScanLink.objects.create(app=one, subject="7788", person=account.person, proof="self")
        browser = Client()
        _address, asked = begun(browser, one)
        way = back(one, asked, "7788")
        browser.get(way)
        browser.post("/sign-out/")

        assert browser.get(way).status_code == 403
        entry = AuditEntry.objects.get(action="scanning.scanattempt.refuse")
        assert entry.data["rule"] == "scan.state"

    def test_two_at_once_with_one_answer_enter_once(self):
        one, browser = app(), Client()
        _address, asked = begun(browser, one)
        ScanAttempt.objects.update(used_at=timezone.now())

        browser.get(back(one, asked, "7788"))

        assert AuditEntry.objects.get(action="scanning.scanattempt.refuse").data["rule"] == "scan.replay"

    def test_an_answer_for_another_browser_is_refused(self):
        """A link that an attacker sends would sign the victim in as the attacker."""
        one = app()
        _address, asked = begun(Client(), one)

        answer = Client().get(back(one, asked, "7788"))

        assert answer.status_code == 403
        assert SignIn.objects.get().outcome == "refused"

    def test_an_answer_of_another_app_is_refused(self):
        one, other, browser = app("wecom"), app("feishu"), Client()
        _address, asked = begun(browser, one)
        asked["redirect_uri"] = entering.callback_of(other)

        assert browser.get(back(other, asked, "7788")).status_code == 403

    def test_too_late_is_refused(self):
        one, browser = app(), Client()
        _address, asked = begun(browser, one)
        ScanAttempt.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

        assert browser.get(back(one, asked, "7788")).status_code == 403

    def test_giving_up_is_no_error(self):
        one, browser = app(), Client()
        _address, asked = begun(browser, one)

        assert browser.get(f"/scan/wecom/callback?state={asked['state']}").status_code == 403

    def test_a_forged_code_is_nobody(self):
        one, browser = app(), Client()
        _address, asked = begun(browser, one)

        assert browser.get(f"/scan/wecom/callback?state={asked['state']}&code=forged").status_code == 403

    def test_a_closed_account_stays_closed(self):
        one, account = app(), factories.account(state="locked")
        ScanLink.objects.create(app=one, subject="7788", person=account.person, proof="self")
        browser = Client()
        _address, asked = begun(browser, one)

        assert browser.get(back(one, asked, "7788")).status_code == 403

    def test_a_link_is_made_by_its_owner_in_one_browser(self):
        one, account = app(), factories.account()
        browser = signed_in(account)
        page = browser.post("/account/scanning/", {"app": "wecom", "current": factories.PASSWORD})
        asked = query_of(re.search(r'href="(https://[^"]+)"', page.content.decode())[1].replace("&amp;", "&"))
        browser.post("/sign-out/")

        assert browser.get(back(one, asked, "7788")).status_code == 403
        assert not ScanLink.objects.exists()

    def test_linking_asks_for_the_password(self):
        app()
        browser = signed_in(factories.account())

        assert browser.post("/account/scanning/", {"app": "wecom", "current": "wrong"}).status_code == 422

    def test_asks_over_https_only_but_on_this_machine(self):
        for url in ("http://vendor.example/x", "ftp://127.0.0.1/", "http://10.0.0.1/"):
            with pytest.raises(asking.Distrusted, match="https"):
                asking.ask_json("GET", url)


class TestNumber:
    def test_an_account_that_the_school_gave_out_is_known_by_its_number(self):
        one, account = app(linking="number"), factories.account()
        browser = Client()
        _address, asked = begun(browser, one)

        assert browser.get(back(one, asked, account.person.number)).status_code == 302
        assert ScanLink.objects.get().proof == "number"

    def test_not_for_apps_whose_accounts_anybody_may_make(self):
        with pytest.raises(Exception, match="scan_number_told_by_school"):
            app("wechat", linking="number")

    def test_a_person_who_is_linked_gets_no_second_user(self):
        one, account = app(linking="number"), factories.account()
        ScanLink.objects.create(app=one, subject="other", person=account.person, proof="self")
        browser = Client()
        _address, asked = begun(browser, one)

        assert browser.get(back(one, asked, account.person.number)).status_code == 403


class TestSettingUp:
    def test_opens_only_with_a_secret_and_simulates_only_at_the_demo(self, engineer):
        one = app("feishu", is_open=False, secret="", agent="")
        with pytest.raises(Refused, match="密钥"):
            services.open_app(one, actor=engineer)
        one.is_simulated, one.secret = True, "x" * 20
        one.save()
        with pytest.raises(Refused, match="演示"):
            services.open_app(one, actor=engineer)
        services.set_secret(one, actor=engineer, secret="real" * 5)
        services.open_app(one, actor=engineer)
        assert (one.is_open, one.is_simulated) == (True, False)

    def test_the_simulator_is_absent_outside_the_demo(self, client):
        app("wecom", is_simulated=True)

        assert client.get("/scan/simulated/wecom/wwlogin/sso/login").status_code == 404

    def test_the_simulator_leads_home_and_nowhere_else(self):
        with pytest.raises(ValueError, match="callback"):
            simulating.way_back(app(), {"redirect_uri": "https://evil.example/", "state": "x"}, "7788")
