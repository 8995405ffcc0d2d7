"""Judging a sign-in by the log, before the session opens."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings

from yanta.kernel.identity import devices, risk
from yanta.kernel.identity.devices import Device
from yanta.kernel.identity.models import Account, SignIn
from yanta.kernel.notify import send, template

LOOKED_BACK = timedelta(days=90)
VISITS = 30
NEW_DEVICE = "identity.new_device"
_FAILED = (SignIn.Outcome.WRONG_PASSWORD, SignIn.Outcome.WRONG_FACTOR)

template(
    NEW_DEVICE,
    title="账号有新的登录：{{ device }}",
    body="{{ signs }}。时间 {{ at }}，地址 {{ address }}。如果不是您本人，请立即修改密码并退出其他设备。",
    icon="shield-exclamation",
)


def signs_at(account: Account, device: Device, *, at: datetime) -> risk.Signs:
    """What is odd about this account coming from this device now."""
    recent = account.sign_ins.filter(at__gt=at - LOOKED_BACK)
    visits = recent.filter(outcome=SignIn.Outcome.SUCCESS).values_list("at", "address", "agent")[:VISITS]
    before = [risk.Visit(when, address, devices.described(agent)) for when, address, agent in visits]
    now = risk.Visit(at, device.address, devices.described(device.agent))
    failures = recent.filter(outcome__in=_FAILED, at__gt=at - timedelta(hours=1)).exclude(
        address=device.address
    )
    strange = bool(before) and not any(risk.is_alike(now, one) for one in before)
    return risk.signs_of(
        now,
        before,
        failures=failures.count(),
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
