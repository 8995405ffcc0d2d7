"""The first sign-in of an account that waits for its owner, and the link that sets a password once."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from yanta.kernel.base import Refused
from yanta.kernel.base.texts import clean_identifier, clean_name
from yanta.kernel.identity import handing_out, lockout, log, passwords, rules
from yanta.kernel.identity.devices import Device
from yanta.kernel.identity.models import Account, OneTimeCode, SignIn
from yanta.kernel.people.models import Affiliation

PROOF_LENGTH = 6
UNPROVEN = "所填信息与学校登记的不一致，或账号已经激活"
WRONG_CODE = "学号或激活码不正确，或激活码已经用过、已过期"
DEAD_LINK = "这个链接已经用过或已过期，请联系信息中心重新获取"


def account_by_proof(*, number: str, name: str, id_tail: str, device: Device) -> Account:
    """The pending account of the person who knows number, name and the end of the identity number."""
    at, number = timezone.now(), clean_identifier(number)[:30]
    account = _account_in(number, Account.State.PENDING)
    keys = f"activate:{number}", lockout.address_key(device.address)
    lockout.check(*keys, at=at)
    if account is not None and _is_proof(account, name=name, id_tail=id_tail):
        return account
    lockout.count_failure(*keys, at=at)
    outcome = SignIn.Outcome.WRONG_FACTOR if account else SignIn.Outcome.UNKNOWN
    log.record(outcome, account=account, login=number, device=device, at=at, method="activation")
    raise Refused(UNPROVEN, rule="identity.activation")


def account_by_code(*, number: str, code: str, device: Device) -> tuple[Account, int]:
    """The pending account of this number, and the key of the code from the hand-out that was typed with it."""
    at, number = timezone.now(), clean_identifier(number)[:30]
    account = _account_in(number, Account.State.PENDING)
    keys = f"activate:{number}", lockout.address_key(device.address)
    lockout.check(*keys, at=at)
    found = handing_out.of_code(account, code, at=at)
    if account is not None and found is not None:
        return account, found.pk
    lockout.count_failure(*keys, at=at)
    outcome = SignIn.Outcome.WRONG_FACTOR if account else SignIn.Outcome.UNKNOWN
    log.record(outcome, account=account, login=number, device=device, at=at, method="activation")
    raise Refused(WRONG_CODE, rule="identity.activation")


def owner_by_proof(*, number: str, name: str, id_tail: str, device: Device) -> Account | None:
    """The open account of whoever knows number, name and the end of the identity number, or None."""
    at, number = timezone.now(), clean_identifier(number)[:30]
    keys = f"recover:{number}", lockout.address_key(device.address)
    lockout.check(*keys, at=at)
    account = _account_in(number, Account.State.ACTIVE)
    if account is not None and _is_proof(account, name=name, id_tail=id_tail):
        return account
    lockout.count_failure(*keys, at=at)
    outcome = SignIn.Outcome.WRONG_FACTOR if account else SignIn.Outcome.UNKNOWN
    log.record(outcome, account=account, login=number, device=device, at=at, method="recovery")
    return None


def check_new(account: Account | None, password: str) -> None:
    """Refuses a weak password before the code is spent on it."""
    if account is not None:
        passwords.check_policy(account, password)


def _account_in(number: str, state: Account.State) -> Account | None:
    numbered = Affiliation.objects.filter(number=number).values("person_id")
    found = Account.objects.filter(
        Q(person__number=number) | Q(person_id__in=numbered) | Q(username=number.lower())
    )
    wanted = found.filter(state=state, person__isnull=False).select_related("person")[:2]
    return wanted[0] if len(wanted) == 1 else None


def _is_proof(account: Account, *, name: str, id_tail: str) -> bool:
    person = account.person
    if person is None:
        return False
    same_name = hmac.compare_digest(clean_name(name).encode(), clean_name(person.name).encode())
    return is_tail_of(account, id_tail) and same_name


def is_tail_of(account: Account, typed: str) -> bool:
    """Whether this is the end of the identity number on record; never when none is."""
    number = (account.person.id_number or "") if account.person else ""
    tail = clean_identifier(typed)
    if not number or len(tail) != PROOF_LENGTH:
        return False
    return hmac.compare_digest(number[-PROOF_LENGTH:].encode(), tail.encode())


def set_first_password(account: Account, password: str, *, code: int | None = None) -> None:
    """The owner has shown who they are: the password is theirs and the account is open.

    Whoever came with a code of a hand-out spends it here, so that a refused password leaves it alive.
    """
    at = timezone.now()
    with transaction.atomic():
        if code is not None:
            handing_out.spend(code, at=at)
        passwords.set_password(account, password)
        handing_out.clear(account, at=at)
        if account.state == Account.State.PENDING:
            account.state = Account.State.ACTIVE
            account.save(update_fields=["state", "updated_at"])
        lockout.forgive(account.pk)


def _digest_of(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def issue_code(account: Account, *, at: datetime) -> str:
    """The path of a link that sets the password once within a day; earlier links die."""
    code = secrets.token_urlsafe(24)
    links = account.one_time_codes.filter(purpose=OneTimeCode.Purpose.RESET, used_at=None)
    links.update(used_at=at)
    OneTimeCode.objects.create(account=account, digest=_digest_of(code), expires_at=at + rules.CODE_VALID_FOR)
    return reverse("reset-password", args=[code])


def account_of_code(code: str, *, at: datetime) -> Account:
    found = OneTimeCode.objects.select_related("account__person").filter(
        purpose=OneTimeCode.Purpose.RESET, digest=_digest_of(code), used_at=None, expires_at__gt=at
    )
    link = found.first()
    if link is None or link.account.state in (Account.State.LOCKED, Account.State.CLOSED):
        raise Refused(DEAD_LINK, rule="identity.code")
    account: Account = link.account
    return account


def use_code(code: str, password: str, *, at: datetime) -> Account:
    """Of two people with the same link only the first sets a password."""
    with transaction.atomic():
        account = account_of_code(code, at=at)
        if not OneTimeCode.objects.filter(digest=_digest_of(code), used_at=None).update(used_at=at):
            raise Refused(DEAD_LINK, rule="identity.code")
        set_first_password(account, password)
    return account
