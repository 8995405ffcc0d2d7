import re

import pytest
from django.test import Client

from yanta.kernel.access.models import RoleGrant
from yanta.kernel.identity import factors
from yanta.kernel.identity.models import Account, ApiToken, OneTimeCode
from yanta.kernel.identity.tests import factories
from yanta.kernel.identity.tests.test_second_factor import code_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def account() -> Account:
    return factories.account()


@pytest.fixture
def signed_in(account) -> Client:
    client = Client(headers={"User-Agent": "Mozilla/5.0 (iPhone) MicroMessenger/8.0"})
    client.post("/sign-in/", {"login": account.username, "password": factories.PASSWORD})
    return client


def text_of(answer) -> str:
    return answer.content.decode()


class TestOwnAccount:
    def test_shows_devices_in_words_and_recent_sign_ins(self, signed_in):
        shown = text_of(signed_in.get("/account/"))
        assert "微信 · iPhone" in shown
        assert "127.0.0.1" in shown
        assert "成功" in shown

    def test_is_not_kept_by_the_browser(self, signed_in):
        assert signed_in.get("/account/")["Cache-Control"] == "no-store"

    def test_shows_nothing_of_others(self, signed_in):
        other = Client()
        other.post("/sign-in/", {"login": factories.account().username, "password": factories.PASSWORD})
        assert text_of(signed_in.get("/account/")).count('name="session"') == 0

    def test_issues_a_token_and_shows_it_once(self, signed_in, account):
        asked = {"name": "脚本", "scope": "read", "days": "30", "current": factories.PASSWORD}
        secret = re.search(r"yt_[\w-]{43}", text_of(signed_in.post("/account/tokens/", asked)))[0]
        assert ApiToken.objects.get().account == account
        assert secret not in text_of(signed_in.get("/account/"))

    @pytest.mark.parametrize("wrong", [{"name": ""}, {"days": "x"}, {"days": "9999"}, {"scope": "all"}])
    def test_refuses_a_token_without_purpose_scope_or_end(self, signed_in, wrong):
        asked = {"name": "脚本", "scope": "read", "days": "30", "current": factories.PASSWORD, **wrong}
        assert signed_in.post("/account/tokens/", asked).status_code == 422
        assert not ApiToken.objects.exists()

    def test_shows_fresh_recovery_codes_once(self, signed_in, account):
        secret = factors.new_secret()
        factors.enrol(account, secret=secret, code=code_of(secret))
        answer = signed_in.post(
            "/account/recovery-codes/", {"wanted": "codes", "current": factories.PASSWORD}
        )
        code = re.search(r"<code>(\d{4} \d{4})</code>", text_of(answer))[1]
        assert factors.accepts(account, code)

    def test_the_second_factor_is_removed_against_the_password(self, signed_in, account):
        secret = factors.new_secret()
        factors.enrol(account, secret=secret, code=code_of(secret))
        signed_in.post("/account/recovery-codes/", {"wanted": "remove", "current": "Wrong-Pass-652"})
        assert factors.is_enrolled(account)
        signed_in.post("/account/recovery-codes/", {"wanted": "remove", "current": factories.PASSWORD})
        assert not factors.is_enrolled(account)

    def test_the_enrolment_page_draws_the_code(self, signed_in):
        assert "<svg" in text_of(signed_in.get("/account/second-factor/"))


class TestIdentitySwitch:
    def test_offers_every_role_even_while_acting_in_one(self, signed_in, account, college):
        for role in ("teacher", "clerk"):
            RoleGrant.objects.create(
                account=account, role=role, org_unit=college, reason="任职", valid_from="2020-01-01"
            )
        signed_in.post("/acting-as/", {"role": "clerk"})
        shown = text_of(signed_in.get("/account/"))
        assert 'name="role" value="teacher"' in shown
        assert 'name="role" value="clerk" aria-current="true"' in shown


class TestEngineer:
    def test_resets_a_password_and_sees_the_link_once(self, signed_in, account):
        RoleGrant.objects.create(account=account, role="engineer", reason="任命", valid_from="2020-01-01")
        other = factories.account()
        answer = signed_in.post(f"/identity/account/{other.pk}/reset_password/", {"reason": "本人持证件来访"})
        link = re.search(r"/reset/[\w-]+/", text_of(answer))[0]
        assert OneTimeCode.objects.get().account == other
        assert Client().get(link).status_code == 200

    def test_sees_accounts_and_log(self, signed_in, account):
        RoleGrant.objects.create(account=account, role="engineer", reason="任命", valid_from="2020-01-01")
        assert account.username in text_of(signed_in.get("/identity/account/"))
        assert "成功" in text_of(signed_in.get("/identity/signin/"))
