import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client

from yanta.kernel.access.models import RoleGrant
from yanta.kernel.identity import factors, rules
from yanta.kernel.identity.models import Account, Session, SignIn
from yanta.kernel.identity.tests import factories

pytestmark = pytest.mark.django_db


def code_of(secret: str, *, step: int = 0) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + step))


@pytest.fixture
def secret() -> str:
    return factors.new_secret()


@pytest.fixture
def account(secret) -> Account:
    """An account whose factor was enrolled a while ago."""
    made = factories.account()
    factors.enrol(made, secret=secret, code=code_of(secret))
    return made


def password_of(client: Client, account: Account, **more: str):
    return client.post("/sign-in/", {"login": account.username, "password": factories.PASSWORD, **more})


def is_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


class TestSigningIn:
    def test_the_password_alone_is_not_enough(self, client, account):
        answer = password_of(client, account)
        assert answer.url == "/sign-in/second-factor/"
        assert not is_in(client)

    def test_the_code_opens_the_session_under_a_new_key_and_goes_on(self, client, account, secret):
        password_of(client, account, next="/todos/")
        before = client.cookies["yanta_session"].value
        answer = client.post("/sign-in/second-factor/", {"code": code_of(secret)})
        assert answer.url == "/todos/"
        assert is_in(client)
        assert client.cookies["yanta_session"].value != before
        assert Session.objects.count() == 1

    def test_a_code_works_once(self, account, secret):
        code, outcomes = code_of(secret), []
        for client in (Client(), Client()):
            password_of(client, account)
            outcomes.append(client.post("/sign-in/second-factor/", {"code": code}).status_code)
        assert outcomes == [302, 422]

    def test_a_recovery_code_works_once(self, account):
        code = factors.new_recovery_codes(account)[3]
        assert factors.accepts(account, f"{code[:4]} {code[4:]}")
        assert not factors.accepts(account, code)
        assert factors.recovery_codes_left(account) == 9

    @pytest.mark.parametrize("code", ["", "abcdef", "１２３４５６", "12345", "0" * 5000])
    def test_nonsense_is_refused(self, account, code):
        assert not factors.accepts(account, code)

    def test_guessing_codes_locks_out(self, client, account, secret):
        password_of(client, account)
        for _ in range(rules.FAILURES_OF_NAME):
            client.post("/sign-in/second-factor/", {"code": "000000"})
        assert (
            "尝试次数过多"
            in client.post("/sign-in/second-factor/", {"code": code_of(secret)}).content.decode()
        )
        assert SignIn.objects.filter(outcome=SignIn.Outcome.WRONG_FACTOR).count() == rules.FAILURES_OF_NAME

    def test_the_password_step_is_forgotten_after_five_minutes(self, client, account, secret, clock):
        password_of(client, account)
        clock.advance(minutes=6)
        answer = client.post("/sign-in/second-factor/", {"code": code_of(secret)})
        assert answer.url == "/sign-in/"

    def test_without_a_password_there_is_nothing_to_verify(self, client):
        assert client.get("/sign-in/second-factor/").url == "/sign-in/"


class TestTrustedDevice:
    def test_is_not_asked_again_until_the_password_changes(self, client, account, secret):
        password_of(client, account, remember="on")
        client.post("/sign-in/second-factor/", {"code": code_of(secret)})
        client.post("/sign-out/")
        assert password_of(client, account).url == "/"
        client.post("/sign-out/")
        Account.objects.filter(pk=account.pk).update(password_changed_at="2026-01-01T00:00:00Z")
        assert password_of(client, account).url == "/sign-in/second-factor/"

    def test_does_not_help_another_account(self, client, account, secret):
        password_of(client, account, remember="on")
        client.post("/sign-in/second-factor/", {"code": code_of(secret)})
        client.post("/sign-out/")
        other, other_secret = factories.account(), factors.new_secret()
        factors.enrol(other, secret=other_secret, code=code_of(other_secret))
        assert password_of(client, other).url == "/sign-in/second-factor/"


class TestRequiredByRole:
    @pytest.fixture
    def engineer_account(self, settings) -> Account:
        settings.SECOND_FACTOR_ROLES = ["engineer"]
        made = factories.account()
        RoleGrant.objects.create(account=made, role="engineer", reason="任命", valid_from="2020-01-01")
        return made

    def test_nothing_opens_before_it_is_enrolled(self, client, engineer_account):
        password_of(client, engineer_account)
        assert client.get("/account/").url == "/account/second-factor/"
        secret = client.get("/account/second-factor/").wsgi_request.session["factor_secret"]
        answer = client.post(
            "/account/second-factor/", {"code": code_of(secret), "current": factories.PASSWORD}
        )
        assert answer.status_code == 200
        assert is_in(client)

    def test_it_cannot_be_switched_off(self, client, engineer_account):
        secret = factors.new_secret()
        factors.enrol(engineer_account, secret=secret, code=code_of(secret))
        password_of(client, engineer_account)
        client.post("/sign-in/second-factor/", {"code": code_of(secret)})
        client.post("/account/recovery-codes/", {"wanted": "remove", "current": factories.PASSWORD})
        assert factors.is_enrolled(engineer_account)

    def test_others_are_left_in_peace(self, client, engineer_account):
        password_of(client, factories.account())
        assert is_in(client)


class TestEnrolling:
    def test_needs_the_password_and_a_right_code(self, client):
        account = factories.account()
        password_of(client, account)
        secret = client.get("/account/second-factor/").wsgi_request.session["factor_secret"]
        for code, current in (("000000", factories.PASSWORD), (code_of(secret), "Wrong-Pass-652")):
            assert (
                client.post("/account/second-factor/", {"code": code, "current": current}).status_code == 422
            )
            assert not factors.is_enrolled(account)

    def test_the_secret_is_sealed_at_rest(self, account, secret):
        stored = Authenticator.objects.get(user_id=account.pk, type="totp").data
        assert secret not in str(stored)

    def test_fresh_recovery_codes_end_the_old_ones(self, account):
        old = factors.new_recovery_codes(account)
        factors.new_recovery_codes(account)
        assert not factors.accepts(account, old[0])
