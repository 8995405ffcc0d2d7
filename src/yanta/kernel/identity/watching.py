"""Judging a sign-in by the log, before the session opens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from yanta.kernel.base import fixed
from yanta.kernel.identity import devices, risk
from yanta.kernel.identity.devices import Device
from yanta.kernel.identity.models import Account, SignIn
from yanta.kernel.notify import send, template

LOOKED_BACK = timedelta(days=90)
VISITS = 30
NEW_DEVICE = "identity.new_device"
# Beside an account `a`: the owner's visits, latest first, one of each kind (device and `risk.neighbourhood`), for most
# people have one or two kinds and only the kinds are compared; and how often it was tried in vain from elsewhere.
HISTORY_COLUMNS = "seen.at, seen.address, seen.agent, missed.times"
HISTORY = f"""
LEFT JOIN LATERAL (
    SELECT array_agg(at ORDER BY at DESC) AS at, array_agg(host(address) ORDER BY at DESC) AS address,
           array_agg(agent ORDER BY at DESC) AS agent
    FROM (
        SELECT DISTINCT ON (agent, near) * FROM (
            SELECT at, address, agent,
                   set_masklen(address, CASE family(address) WHEN 6 THEN 48 ELSE 16 END)::cidr AS near
            FROM identity_signin
            WHERE account_id = a.id AND outcome = '{SignIn.Outcome.SUCCESS}' AND at > %(since)s
            ORDER BY at DESC LIMIT {VISITS}
        ) AS visits ORDER BY agent, near, at DESC
    ) AS kinds
) AS seen ON true
LEFT JOIN LATERAL (
    SELECT count(*) AS times FROM identity_signin
    WHERE account_id = a.id AND outcome IN ('{SignIn.Outcome.WRONG_PASSWORD}', '{SignIn.Outcome.WRONG_FACTOR}')
      AND at > %(lately)s AND address IS DISTINCT FROM %(address)s::inet
) AS missed ON true
"""
_ALONE = f"SELECT {HISTORY_COLUMNS} FROM identity_account a {HISTORY} WHERE a.id = %(account)s"


@dataclass(frozen=True, slots=True)
class History:
    """An account's former visits, latest first, and the failures of the last hour from elsewhere."""

    visits: tuple[risk.Visit, ...]
    failures: int

    @classmethod
    def of(
        cls, at: list[datetime] | None, addresses: list[str] | None, agents: list[str] | None, failures: int
    ) -> History:
        """From a row of `HISTORY_COLUMNS`."""
        visits = zip(at or (), addresses or (), agents or (), strict=True)
        return cls(
            tuple(risk.Visit(when, where, devices.described(what)) for when, where, what in visits), failures
        )


def asked_with(device: Device, *, at: datetime) -> dict[str, Any]:
    """The values that `HISTORY` asks for."""
    return {"address": device.address, "since": at - LOOKED_BACK, "lately": at - timedelta(hours=1)}


def history_of(account: Account, device: Device, *, at: datetime) -> History:
    with fixed.cursor() as cursor:
        cursor.execute(_ALONE, {"account": account.pk} | asked_with(device, at=at))
        return History.of(*cursor.fetchone())


template(
    NEW_DEVICE,
    title="账号有新的登录：{{ device }}",
    body="{{ signs }}。时间 {{ at }}，地址 {{ address }}。如果不是您本人，请立即修改密码并退出其他设备。",
    icon="shield-exclamation",
)


def signs_at(account: Account, device: Device, *, at: datetime, history: History | None = None) -> risk.Signs:
    """What is odd about this account coming from this device now; `history` where it has been read already."""
    history = history or history_of(account, device, at=at)
    now = risk.Visit(at, device.address, devices.described(device.agent))
    strange = bool(history.visits) and not any(risk.is_alike(now, one) for one in history.visits)
    return risk.signs_of(
        now,
        history.visits,
        failures=history.failures,
        crowd=_crowd_at(account, device, at=at) if strange else 0,
        places=risk.places_in(settings.PLACES_FILE),
    )


def _crowd_at(account: Account, device: Device, *, at: datetime) -> int:
    here = SignIn.objects.filter(
        address=device.address, outcome=SignIn.Outcome.SUCCESS, at__gt=at - timedelta(minutes=10)
    )
    return here.exclude(account=account).values("account").distinct().count()


def tell_owner(account: Account, device: Device, signs: risk.Signs, *, at: datetime) -> None:
    """The owner hears of it in the portal, where a stranger's session would be ended."""
    if account.person_id is None:
        return
    said = {
        "device": devices.described(device.agent),
        "signs": "；".join([*signs.grave, *signs.slight]),
        "at": f"{at:%Y-%m-%d %H:%M}",
        "address": device.address or "未知",
    }
    send(NEW_DEVICE, to=[account.person_id], context=said, link="/account/")
