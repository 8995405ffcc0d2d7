"""Counting failures per account (or typed name) and per address, so that guessing does not pay."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection

from yanta.kernel.base import Refused
from yanta.kernel.identity import rules
from yanta.kernel.identity.models import Lockout

# One statement, so that attempts at the same moment are all counted; an old count starts anew.
_COUNT = """
INSERT INTO identity_lockout AS old (key, failures, counted_from, until, created_at, updated_at)
VALUES (%(key)s, 1, %(at)s, NULL, %(at)s, %(at)s)
ON CONFLICT (key) DO UPDATE SET
    failures = CASE WHEN old.updated_at < %(since)s THEN 1 ELSE old.failures + 1 END,
    counted_from = CASE WHEN old.updated_at < %(since)s THEN %(at)s ELSE old.counted_from END,
    updated_at = %(at)s
RETURNING failures
"""


class LockedOut(Refused):
    """Too many failures; the same answer for names that exist and names that do not."""

    def __init__(self, until: datetime, at: datetime) -> None:
        minutes = max(1, round((until - at).total_seconds() / 60))
        super().__init__(f"尝试次数过多，请 {minutes} 分钟后再试", rule="identity.lockout")


def name_key(login: str, account_id: int | None) -> str:
    """An account is one target, under whichever of its names it is tried."""
    return f"account:{account_id}" if account_id else f"name:{login.lower()[:80]}"


def address_key(address: str | None) -> str:
    return f"address:{address}"


def check(*keys: str, at: datetime) -> None:
    """Raises `LockedOut` when one of them has to wait."""
    for until in (
        Lockout.objects.filter(key__in=keys, until__gt=at)
        .order_by("-until")
        .values_list("until", flat=True)[:1]
    ):
        raise LockedOut(until, at)


def count_failure(name: str, address: str, *, at: datetime) -> None:
    _count(name, limit=rules.FAILURES_OF_NAME, at=at)
    _count(address, limit=rules.FAILURES_OF_ADDRESS, at=at)


def _count(key: str, *, limit: int, at: datetime) -> None:
    values: dict[str, Any] = {"key": key, "at": at, "since": at - rules.FAILURES_COUNT_FOR}
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, values)
        (failures,) = cursor.fetchone()
    until = rules.lockout_until(failures=failures, limit=limit, at=at)
    if until:
        Lockout.objects.filter(key=key).update(until=until)


def forgive(account_id: int) -> None:
    """A right password, or an administrator, ends the count of this account."""
    Lockout.objects.filter(key=name_key("", account_id)).delete()
