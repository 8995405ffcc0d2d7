"""Binds again and again: quick while nothing changed, refused at the very next one when anything did."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from yanta.kernel.identity.models import Account, Lockout
from yanta.kernel.testing.factories import RoleGrantFactory
from yanta.sso.applications.models import AccessRule
from yanta.sso.applications.tests import factories as sso
from yanta.sso.ldap import current
from yanta.sso.ldap.binding import Binder, Bound, Failure
from yanta.sso.ldap.models import Door
from yanta.sso.ldap.verifying import Verifier

pytestmark = pytest.mark.django_db
BASE, PASSWORD, ADDRESS = "dc=yanta", "Goose-Tower-652", "10.1.2.3"


@pytest.fixture
def account() -> Account:
    made: Account = sso.account(unit=sso.unit(), username="goose", password_changed_at=timezone.now())
    made.set_password(PASSWORD)
    made.save()
    return made


@pytest.fixture
def door(account: Account) -> Door:
    return Door.objects.create(application=sso.application("gate"))


@pytest.fixture
def binder(door: Door) -> Binder:
    return Binder(BASE)


DN = f"uid=goose,ou=people,o=gate,{BASE}"


def quickly(binder: Binder, password: str = PASSWORD) -> Bound | None:
    """As the server does it before it goes the long way."""
    known = binder.known(DN)
    if known is None:
        return None
    key = (known.account.pk, ADDRESS)
    return binder.again(known, current.read([key]).get(key), password)


def test_the_first_costs_a_hash_and_the_next_does_not(
    binder: Binder, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert quickly(binder) is None
    assert binder.bind(DN, PASSWORD, ADDRESS).account == account
    monkeypatch.setattr("yanta.kernel.identity.passwords.is_right", _never)
    assert quickly(binder).account == account
    assert binder.bind(DN, PASSWORD, ADDRESS).account == account
    assert quickly(binder, "wrong") is None


def _never(*_: object) -> bool:
    raise AssertionError("a hash was computed")


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"state": Account.State.LOCKED}, "identity.state"),
        ({"state": Account.State.CLOSED}, "identity.state"),
        ({"must_change_password": True}, "identity.duty"),
    ],
)
def test_the_very_next_bind_is_refused(
    binder: Binder, account: Account, change: dict[str, object], rule: str
) -> None:
    binder.bind(DN, PASSWORD, ADDRESS)
    assert quickly(binder)

    Account.objects.filter(pk=account.pk).update(**change)

    assert quickly(binder) is None
    binder._known.clear()
    with pytest.raises(Failure) as told:
        binder.bind(DN, PASSWORD, ADDRESS)
    assert told.value.rule == rule


def test_a_changed_password_ends_the_old_one_at_once(binder: Binder, account: Account) -> None:
    binder.bind(DN, PASSWORD, ADDRESS)
    account.set_password("Another-Tower-652")
    account.save()

    assert quickly(binder) is None
    with pytest.raises(Failure, match="不正确"):
        binder.bind(DN, PASSWORD, ADDRESS)
    assert binder.bind(DN, "Another-Tower-652", ADDRESS)
    assert quickly(binder, "Another-Tower-652")
    assert quickly(binder) is None


@pytest.mark.parametrize("key", ["account", "address"])
def test_a_lockout_holds_for_the_right_password_too(binder: Binder, account: Account, key: str) -> None:
    binder.bind(DN, PASSWORD, ADDRESS)
    now = timezone.now()
    Lockout.objects.create(
        key=f"account:{account.pk}" if key == "account" else f"address:{ADDRESS}", failures=9, counted_from=now,
        until=now + timedelta(minutes=5),
    )  # fmt: skip
    assert quickly(binder) is None
    with pytest.raises(Failure) as told:
        binder.bind(DN, PASSWORD, ADDRESS)
    assert told.value.rule == "identity.lockout"


def test_a_changed_right_is_judged_anew(binder: Binder, account: Account, door: Door) -> None:
    binder.bind(DN, PASSWORD, ADDRESS)
    AccessRule.objects.create(application=door.application, effect="deny", role="counsellor")
    RoleGrantFactory.create(account=account, role="counsellor")

    assert quickly(binder) is None
    with pytest.raises(Failure) as told:
        binder.bind(DN, PASSWORD, ADDRESS)
    assert told.value.rule == "rule.deny"
    assert binder.known(DN) is None


def test_another_applications_name_is_another_question(binder: Binder) -> None:
    binder.bind(DN, PASSWORD, ADDRESS)
    assert binder.known(DN.replace("o=gate", "o=other")) is None
    assert binder.known(f"cn=goose,ou=groups,o=gate,{BASE}") is None


class TestVerifier:
    def test_it_forgets_with_time_and_when_there_is_too_much(self) -> None:
        clock = [0.0]
        verifier = Verifier(kept=10, most=2, clock=lambda: clock[0])
        for account_id in (1, 2, 3):
            verifier.remember(account_id, "hash", "password")
        assert [verifier.confirms(one, "hash", "password") for one in (1, 2, 3)] == [False, True, True]
        clock[0] = 9.9
        assert verifier.confirms(3, "hash", "password")
        clock[0] = 10.0
        assert not verifier.confirms(3, "hash", "password")

    def test_it_holds_neither_password_nor_what_another_process_could_use(self) -> None:
        one, other = Verifier(), Verifier()
        one.remember(1, "hash", "a-password")
        (proof,) = one._proofs.values()
        assert b"a-password" not in proof.digest
        assert proof.digest != other._digest(1, "hash", "a-password")
        assert not one.confirms(1, "other hash", "a-password")
        assert not one.confirms(2, "hash", "a-password")
