"""Carrying the check out: one transaction, a handful of statements, a receipt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from time import monotonic
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from yanta.kernel.access import roles, separation
from yanta.kernel.base import Actor
from yanta.kernel.identity.findings import statements, terms
from yanta.kernel.identity.models import AccountCheck

# Two checks at once would both add what neither had found before.
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('identity.findings'))"
Step = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of the findings: found = new + reopened + unchanged + explained."""

    accounts: int = 0
    new: int = 0
    reopened: int = 0
    unchanged: int = 0
    explained: int = 0
    settled: int = 0
    by_kind: dict[str, int] = field(default_factory=dict)

    @property
    def found(self) -> int:
        return self.new + self.reopened + self.unchanged + self.explained


def _silent(done: int, total: int, text: str) -> None:
    """A check that nobody watches."""


def check_all(*, at: datetime, actor: Actor, step: Step = _silent) -> AccountCheck:
    """Every account of the school; the receipt is kept."""
    began = monotonic()
    with transaction.atomic():
        done = _checked(at, None, step)
        return AccountCheck.objects.create(
            started_at=at, seconds=Decimal(f"{monotonic() - began:.2f}"), started_by=actor.signature,
            accounts=done.accounts, found=done.found, new=done.new, reopened=done.reopened, unchanged=done.unchanged,
            explained=done.explained, settled=done.settled, by_kind=done.by_kind,
        )  # fmt: skip


def recheck(accounts: Collection[int], *, at: datetime) -> Tally:
    """The same for a few accounts, right after something was done about them."""
    with transaction.atomic():
        return _checked(at, list(accounts), _silent)


def guarded_roles() -> list[str]:
    """Whose holders need a second factor: what the school named, the three administrators, those of a part."""
    return sorted({*settings.SECOND_FACTOR_ROLES, *separation.THREE, roles.LOCAL_ADMIN.code})


def _values(at: datetime, accounts: list[int] | None) -> dict[str, Any]:
    return {
        "at": at, "on": timezone.localdate(at), "accounts": accounts, "zone": settings.TIME_ZONE,
        "facts_due": at - terms.FACTS_FOLLOW_WITHIN, "unused_since": at - terms.UNUSED_FOR,
        "pending_since": at - terms.UNACTIVATED_FOR, "initial_since": at - terms.INITIAL_FOR,
        "month_ago": at - terms.LOOKED_BACK, "devices": terms.DEVICES, "networks": terms.NETWORKS,
        "at_once": terms.AT_ONCE, "guarded": guarded_roles(), "roles": list(roles.ROLES),
        "titles": [role.title for role in roles.ROLES.values()],
    }  # fmt: skip


def _checked(at: datetime, accounts: list[int] | None, step: Step) -> Tally:
    values = _values(at, accounts)
    with connection.cursor() as cursor:

        def run(statement: str) -> int:
            cursor.execute(statement, values)
            return int(cursor.rowcount)

        cursor.execute(_ONE_AT_A_TIME)
        cursor.execute("DROP TABLE IF EXISTS pg_temp.checked, pg_temp.found")
        count = run(statements.CHECKED)
        cursor.execute(statements.INDEXED)
        run(statements.STANDS)
        cursor.execute(statements.FOUND)
        for number, kind in enumerate(statements.KINDS):
            step(number, len(statements.KINDS), "")
            run(f"INSERT INTO found {kind}")
        reopened, new = run(statements.REOPEN), run(statements.ADD)
        run(statements.REWORD)
        settled = run(statements.SETTLE)
        run(statements.COUNTED)
        return _tally(count, new, reopened, settled, cursor.fetchall())


def _tally(accounts: int, new: int, reopened: int, settled: int, rows: list[tuple[str, str, int]]) -> Tally:
    by_kind: Counter[str] = Counter()
    by_state: Counter[str] = Counter()
    for kind, state, count in rows:
        by_kind[kind] += count
        by_state[state] += count
    return Tally(
        accounts, new, reopened, by_state["open"] - new - reopened, by_state["explained"], settled, dict(by_kind)
    )  # fmt: skip
