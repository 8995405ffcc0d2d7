"""Writing the sign-in log."""

from __future__ import annotations

from datetime import datetime

from yanta.kernel.base.texts import masked
from yanta.kernel.identity.devices import Device
from yanta.kernel.identity.models import Account, SignIn


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
