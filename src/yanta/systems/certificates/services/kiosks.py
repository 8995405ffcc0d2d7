"""Machines in halls: let in by a key, people by a code that their phone shows for three minutes."""

from __future__ import annotations

import secrets

from django.core.cache import cache
from django.db.models import F
from django.utils import timezone

from yanta.kernel.base import Actor, Refused
from yanta.kernel.operation import operation
from yanta.systems.certificates.models import Certificate, Kiosk
from yanta.systems.certificates.rules import limits

_CODE = "certificates-kiosk-code:"
TRIES_A_MINUTE = 10


@operation("生成设备地址", icon="key", roles=("owner",), bulk=False)
def new_key(kiosk: Kiosk, *, actor: Actor) -> str:
    """The address that the machine opens once; an earlier one stops to work."""
    kiosk.device_key = secrets.token_urlsafe(24)
    kiosk.save(update_fields=["device_key", "device_key_index", "updated_at"])
    return kiosk.device_key


def phone_code(*, actor: Actor) -> str:
    """Eight digits that stand for this person on a machine, once, for three minutes."""
    if actor.person_id is None or actor.account_id is None:
        raise Refused("这个账号不是人员账号")
    while True:
        code = f"{secrets.randbelow(100_000_000):08d}"
        if cache.add(_CODE + code, actor.account_id, limits.PHONE_CODE_SECONDS):
            return code


def account_of(code: str, *, kiosk: Kiosk) -> int:
    """Whose code it is; it is used up. Refused: wrong, old, or the machine was tried too often."""
    key = f"certificates-kiosk-tries:{kiosk.pk}:{timezone.now():%H%M}"
    cache.add(key, 0, 70)
    if cache.incr(key) > TRIES_A_MINUTE:
        raise Refused("尝试太频繁，请一分钟后再试")
    plain = code.replace(" ", "")
    found = cache.get(_CODE + plain) if plain.isdecimal() else None
    if found is None:
        raise Refused("登录码不对或已过期，请在手机上刷新后再输入")
    cache.delete(_CODE + plain)
    return int(found)


def machine_by(key: str) -> Kiosk | None:
    found = Kiosk.objects.filter(device_key=key, is_open=True).first() if key else None
    if found is not None:
        Kiosk.objects.filter(pk=found.pk).update(seen_at=timezone.now())
    return found


def note_print(kiosk: Kiosk, certificate: Certificate) -> None:
    Kiosk.objects.filter(pk=kiosk.pk).update(printed=F("printed") + 1)
    Certificate.objects.filter(pk=certificate.pk).update(copies=F("copies") + 1)
