"""身份码: a person's own code for gates. It changes every half minute, opens once, and only the school can make it."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.crypto import salted_hmac

from yanta.kernel.base.ciphers import sm3_hex
from yanta.kernel.identity.models import Account
from yanta.kernel.identity.scanning.models import GateCheck

CHANGES_EVERY = timedelta(seconds=30)
_SALT = "identity.personal-code"
_MAC_CHARACTERS = 24


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a gate is told."""

    is_valid: bool
    reason: str
    account: Account | None = None


def window_of(at: datetime) -> int:
    return int(at.timestamp() // CHANGES_EVERY.total_seconds())


def code_of(account: Account, *, at: datetime) -> str:
    """`YT.<account>.<window>.<mac>`: no name and no number, and worthless a minute later."""
    window = window_of(at)
    return f"YT.{account.pk}.{window}.{_mac(account.pk, window, settings.SECRET_KEY)}"


def _mac(account_id: int, window: int, secret: str) -> str:
    made = salted_hmac(_SALT, f"{account_id}.{window}", secret=secret, algorithm="sha256")
    return made.hexdigest()[:_MAC_CHARACTERS]


def check(code: str, *, gate: str, by: Account, at: datetime) -> Verdict:
    """Who shows this code at this gate; every question is on record, and each code opens once."""
    account, reason = _read(code, at=at)
    row = GateCheck(
        person=account.person if account else None, gate=gate[:60], at=at, is_valid=not reason, reason=reason,
        asked_by=by, digest=sm3_hex(code.encode()) if not reason else None,
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        row.is_valid, row.reason, row.digest = False, "这个码已经用过", None
        row.save()
    return Verdict(row.is_valid, row.reason, account if row.is_valid else None)


def _read(code: str, *, at: datetime) -> tuple[Account | None, str]:
    """Whose code it is, and why it does not count; nobody is named for a code that was not signed by us."""
    try:
        mark, account_id, window, mac = code.split(".")
        key, shown = int(account_id), int(window)
    except ValueError:
        return None, "不是身份码"
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    if mark != "YT" or not any(hmac.compare_digest(_mac(key, shown, one), mac) for one in secrets):
        return None, "不是身份码"
    account = Account.objects.select_related("person").filter(pk=key).first()
    if account is None or not account.is_active or account.person is None:
        return account, "账号不可用"
    # The one before still counts: people walk, and clocks of phones do not matter.
    if not 0 <= window_of(at) - shown <= 1:
        return account, "身份码已过期"
    return account, ""
