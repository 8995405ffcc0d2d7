"""Judging a sign-in by the log, before the session opens."""

from __future__ import annotations

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
# The owner's visits, latest first, one of each kind (device and `risk.neighbourhood`): most people have one or two
# kinds, and only the kinds are compared. Behind them one row that only counts the failures from elsewhere.
_RECENT = f"""
(SELECT at, host(address), agent, NULL::bigint FROM (
    SELECT DISTINCT ON (agent, near) * FROM (
        SELECT at, address, agent, set_masklen(address, CASE family(address) WHEN 6 THEN 48 ELSE 16 END)::cidr AS near
        FROM identity_signin
        WHERE account_id = %(account)s AND outcome = '{SignIn.Outcome.SUCCESS}' AND at > %(since)s
        ORDER BY at DESC LIMIT {VISITS}
    ) AS visits ORDER BY agent, near, at DESC
) AS kinds ORDER BY at DESC)
UNION ALL
SELECT NULL, NULL, NULL, count(*) FROM identity_signin
WHERE account_id = %(account)s AND outcome IN ('{SignIn.Outcome.WRONG_PASSWORD}', '{SignIn.Outcome.WRONG_FACTOR}')
  AND at > %(lately)s AND address IS DISTINCT FROM %(address)s::inet
"""

template(
    NEW_DEVICE,
    title="账号有新的登录：{{ device }}",
    body="{{ signs }}。时间 {{ at }}，地址 {{ address }}。如果不是您本人，请立即修改密码并退出其他设备。",
    icon="shield-exclamation",
)


def signs_at(account: Account, device: Device, *, at: datetime) -> risk.Signs:
    """What is odd about this account coming from this device now."""
    *visits, (_at, _address, _agent, failures) = _recent(account, device, at=at)
    before = [risk.Visit(when, address, devices.described(agent)) for when, address, agent, _none in visits]
    now = risk.Visit(at, device.address, devices.described(device.agent))
    strange = bool(before) and not any(risk.is_alike(now, one) for one in before)
    return risk.signs_of(
        now,
        before,
        failures=failures,
        crowd=_crowd_at(account, device, at=at) if strange else 0,
        places=risk.places_in(settings.PLACES_FILE),
    )


def _recent(account: Account, device: Device, *, at: datetime) -> list[tuple[Any, ...]]:
    asked = {
        "account": account.pk, "address": device.address, "since": at - LOOKED_BACK,
        "lately": at - timedelta(hours=1),
    }  # fmt: skip
    with fixed.cursor() as cursor:
        cursor.execute(_RECENT, asked)
        return list(cursor.fetchall())


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
