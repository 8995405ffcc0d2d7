from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from yanta.kernel.base import Actor, Refused
from yanta.kernel.base.refused import NotAllowed
from yanta.kernel.identity import factors, jobs, services, tokens
from yanta.kernel.identity.models import Account, ApiToken, Session, SignIn
from yanta.kernel.identity.tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def account() -> Account:
    return factories.account()


class TestLock:
    def test_puts_the_owner_out_at_once_and_says_why(self, account, engineer):
        client = Client()
        client.force_login(account)
        services.lock(account, actor=engineer, reason="账号外借")
        assert client.get("/account/").status_code == 302
        assert (account.state, account.state_reason) == (Account.State.LOCKED, "账号外借")

    def test_unlocking_gives_back_what_was(self, account, engineer):
        services.lock(account, actor=engineer, reason="x")
        services.unlock(account, actor=engineer, reason="已核实")
        assert (account.state, account.state_reason) == (Account.State.ACTIVE, "")

    def test_an_account_that_was_never_activated_goes_back_to_waiting(self, engineer):
        account = factories.account(state=Account.State.PENDING, password="!x")
        services.lock(account, actor=engineer, reason="x")
        services.unlock(account, actor=engineer, reason="x")
        assert account.state == Account.State.PENDING

    def test_nobody_locks_themselves_out(self, engineer):
        mine = Account.objects.get(pk=engineer.account_id)
        with pytest.raises(Refused, match="自己"):
            services.lock(mine, actor=engineer, reason="x")

    @pytest.mark.parametrize(
        "verb", ["lock", "unlock", "close", "reset_password", "reset_second_factor", "end_sessions"]
    )
    def test_is_not_for_students_and_auditors(self, account, acting, college, verb):
        for role in ("student", "auditor", "clerk"):
            with pytest.raises(NotAllowed):
                getattr(services, verb)(account, actor=acting(role, college), reason="x")


class TestReset:
    def test_the_old_password_is_dead_and_the_link_makes_a_new_one(self, account, engineer):
        address = services.reset_password(account, actor=engineer, reason="本人持证件来访")
        client = Client()
        assert (
            client.post("/sign-in/", {"login": account.username, "password": factories.PASSWORD}).status_code
            == 422
        )
        path = "/" + address.split("/", 3)[3]
        assert (
            client.post(path, {"password": "Pagoda-Goose-1300", "again": "Pagoda-Goose-1300"}).status_code
            == 302
        )

    def test_the_second_factor_goes_with_the_sessions(self, account, engineer):
        factors.new_recovery_codes(account)
        Client().force_login(account)
        services.reset_second_factor(account, actor=engineer, reason="手机丢失")
        assert not factors.recovery_codes_left(account)
        assert not Session.objects.exists()


class TestServiceAccounts:
    def test_has_tokens_and_no_password(self, engineer):
        account = services.open_service_account(
            actor=engineer, username="printer", name="打印服务", reason="x"
        )
        secret = services.issue_token(
            account, actor=engineer, name="打印", scope=ApiToken.Scope.WRITE, days=10
        )
        token = tokens.token_of(secret, address=None)
        assert token is not None
        assert (token.account, token.scope) == (account, "write")
        services.revoke_token(token, actor=engineer, reason="停用")
        assert tokens.token_of(secret, address=None) is None

    def test_a_name_is_never_given_twice(self, engineer, account):
        with pytest.raises(Refused, match="不重复使用"):
            services.open_service_account(actor=engineer, username=account.username, name="x", reason="x")

    def test_nobody_makes_a_token_for_another_person(self, engineer, account):
        with pytest.raises(Refused, match="本人"):
            services.issue_token(account, actor=engineer, name="x")


class TestNeverDeleted:
    def test_the_database_refuses(self, account):
        with pytest.raises(Exception, match="Cannot delete"):
            Account.objects.filter(pk=account.pk).delete()


class TestHistory:
    def test_keeps_states_and_no_password(self, account, engineer):
        services.lock(account, actor=engineer, reason="x")
        events = account.history_events.order_by("pgh_id")
        assert [event.state for event in events] == ["active", "locked"]
        assert not hasattr(events[0], "password")


class TestHousekeeping:
    def test_keeps_the_log_for_more_than_six_months(self, account):
        now = timezone.now()
        for days in (200, 500):
            SignIn.objects.create(
                account=account, method="password", outcome="success", at=now - timedelta(days=days)
            )

        class Progress:
            def step(self, done: int, total: int, text: str) -> None:
                pass

        jobs.clear_expired(Progress(), actor=Actor.system("test"))
        assert [row.at for row in SignIn.objects.all()] == [now - timedelta(days=200)]


class TestScope:
    def test_the_log_is_for_the_owner_the_engineer_and_the_auditor(self, account, engineer, acting, college):
        SignIn.objects.create(account=account, method="password", outcome="success", at=timezone.now())
        seen = [
            SignIn.objects.visible_to(who).count()
            for who in (engineer, acting("auditor"), acting("clerk", college))
        ]
        assert seen == [1, 1, 0]
