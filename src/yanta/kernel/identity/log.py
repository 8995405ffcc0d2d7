"""Writing the sign-in log."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from yanta.kernel.base.texts import masked
from yanta.kernel.identity.devices import Device
from yanta.kernel.identity.models import Account, SignIn
from yanta.kernel.identity.trail import logs


def _told(row: SignIn) -> dict[str, Any]:
    return {
        "outcome": row.outcome, "method": row.method, "login": row.login,
        "account": row.account.username if row.account else None, "address": row.address, "agent": row.agent,
    }  # fmt: skip


logs.declare(
    logs.Log(
        name="sign-ins", title="登录记录", model=SignIn, told=_told, joined=("account",),
        quiet=(SignIn.Outcome.SUCCESS, SignIn.Outcome.SIGNED_OUT, SignIn.Outcome.FACTOR_ASKED),
        sealed=f"id, {logs.INSTANT}, account_id, login, method, outcome, host(address), agent",
    )
)  # fmt: skip


def record(
    outcome: SignIn.Outcome,
    *,
    account: Account | None,
    login: str,
    device: Device,
    at: datetime,
    method: str = "password",
) -> None:
    """What was typed is kept in clear only when it is an account's: people type passwords anywhere."""
    shown = login if account else masked(login, head=2, tail=1)
    SignIn.objects.create(
        account=account,
        login=shown,
        method=method,
        outcome=outcome,
        address=device.address,
        agent=device.agent,
        at=at,
    )
