import json

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from yanta.kernel.access.models import RoleGrant
from yanta.kernel.identity import factors, passkeys, rules
from yanta.kernel.identity.models import Account, SignIn
from yanta.kernel.identity.tests import factories
from yanta.kernel.identity.tests.authenticator import Device

pytestmark = pytest.mark.django_db


@pytest.fixture
def account() -> Account:
    return factories.account()


@pytest.fixture
def device() -> Device:
    return Device()


def browser() -> Client:
    return Client(headers={"host": "localhost"})


def signed_in(account: Account) -> Client:
    client = browser()
    client.post("/sign-in/", {"login": account.username, "password": factories.PASSWORD})
    return client


def enrol(account: Account, device: Device) -> str:
    """What the page says afterwards."""
    client = signed_in(account)
    asked = client.post("/account/passkeys/challenge/", {"current": factories.PASSWORD})
    answer = device.make(asked.json())
    return client.post("/account/passkeys/", {"answer": answer, "name": "我的手机"}).content.decode()


def come_in(device: Device, client: Client | None = None, **changed):
    client = client or browser()
    asked = client.post("/sign-in/passkey/challenge/").json()
    answer = json.loads(device.prove(asked))
    answer.update(changed)
    return client.post("/sign-in/passkey/", {"answer": json.dumps(answer), "next": "/account/"})


class TestEnrolling:
    def test_the_key_is_kept_and_recovery_codes_are_shown_once(self, account, device):
        assert "恢复码" in enrol(account, device)
        assert [one.name for one in passkeys.passkeys_of(account)] == ["我的手机"]
        assert factors.recovery_codes_left(account) == 10

    def test_an_open_browser_is_not_enough(self, account, device):
        answer = signed_in(account).post("/account/passkeys/challenge/", {"current": "wrong"})
        assert answer.status_code == 422
        assert answer.json()["detail"] == "当前密码不正确"

    def test_an_answer_without_a_challenge_is_refused(self, account, device):
        client = signed_in(account)
        asked = client.post("/account/passkeys/challenge/", {"current": factories.PASSWORD})
        answer = device.make(asked.json())
        assert signed_in(account).post("/account/passkeys/", {"answer": answer}).status_code == 422
        assert not passkeys.passkeys_of(account)

    def test_a_key_made_for_another_site_is_refused(self, account):
        page = enrol(account, Device("http://evil.example"))
        assert passkeys.FAILED in page
        assert not passkeys.passkeys_of(account)

    def test_a_bare_address_is_told_why_not(self, account):
        client = Client(headers={"host": "127.0.0.1"})
        client.post("/sign-in/", {"login": account.username, "password": factories.PASSWORD})
        answer = client.post("/account/passkeys/challenge/", {"current": factories.PASSWORD})
        assert answer.json()["detail"] == passkeys.NO_DOMAIN

    def test_who_must_have_a_factor_keeps_the_last(self, account, device, settings):
        enrol(account, device)
        settings.SECOND_FACTOR_ROLES = ["engineer"]
        RoleGrant.objects.create(account=account, role="engineer", reason="任命", valid_from="2020-01-01")
        client = browser()
        come_in(device, client)
        (held,) = passkeys.passkeys_of(account)
        client.post(f"/account/passkeys/{held.pk}/remove/", {"current": factories.PASSWORD})
        assert passkeys.passkeys_of(account)


class TestSigningIn:
    def test_the_key_alone_opens_the_session(self, account, device):
        enrol(account, device)
        client = browser()
        assert come_in(device, client).url == "/account/"
        assert client.get("/account/").status_code == 200
        assert SignIn.objects.filter(account=account, method="passkey", outcome="success").count() == 1

    def test_an_answer_works_once(self, account, device):
        enrol(account, device)
        client = browser()
        asked = client.post("/sign-in/passkey/challenge/").json()
        answer = device.prove(asked)
        assert client.post("/sign-in/passkey/", {"answer": answer}).status_code == 302
        other = browser()
        other.post("/sign-in/passkey/challenge/")
        assert other.post("/sign-in/passkey/", {"answer": answer}).status_code == 422

    def test_a_copied_key_is_found_by_its_counter(self, account, device):
        enrol(account, device)
        device.counter = 8
        come_in(device)
        device.counter = 3
        answer = come_in(device)
        assert answer.status_code == 422
        assert "复制" in answer.content.decode()

    def test_anothers_handle_opens_nothing(self, account, device):
        enrol(account, device)
        other = factories.account()
        device._handle = "".join(passkeys.websafe_encode(str(other.pk).encode()))
        assert come_in(device).status_code == 422

    def test_a_closed_account_stays_closed(self, account, device):
        enrol(account, device)
        Account.objects.filter(pk=account.pk).update(state=Account.State.CLOSED)
        answer = come_in(device)
        assert "停用" in answer.content.decode()
        assert SignIn.objects.filter(account=account, outcome="refused", method="passkey").exists()

    @pytest.mark.parametrize("answer", ["", "{}", "[]", '{"rawId": "x", "response": {"userHandle": "!"}}'])
    def test_nonsense_is_refused(self, answer):
        client = browser()
        client.post("/sign-in/passkey/challenge/")
        assert client.post("/sign-in/passkey/", {"answer": answer}).status_code == 422


class TestSecondFactor:
    def test_after_the_password_the_key_is_asked(self, account, device):
        enrol(account, device)
        client = signed_in(account)
        assert client.get("/account/").status_code == 302
        asked = client.post("/sign-in/second-factor/challenge/").json()
        assert client.post("/sign-in/second-factor/", {"answer": device.prove(asked)}).status_code == 302
        assert client.get("/account/").status_code == 200

    def test_anothers_key_does_not_do_and_counts_as_a_failure(self, account, device):
        enrol(account, device)
        stranger, theirs = Device(), factories.account()
        enrol(theirs, stranger)
        client = signed_in(account)
        for _ in range(rules.FAILURES_OF_NAME):
            asked = client.post("/sign-in/second-factor/challenge/").json()
            page = client.post("/sign-in/second-factor/", {"answer": stranger.prove(asked)})
            assert page.status_code == 422
        assert "尝试次数过多" in client.post("/sign-in/second-factor/", {"code": "000000"}).content.decode()

    def test_the_app_may_be_enrolled_beside_it(self, account, device):
        enrol(account, device)
        assert factors.kinds_of(account) == {"has_app": False, "has_passkey": True}
        assert Authenticator.objects.filter(user=account).count() == 2
