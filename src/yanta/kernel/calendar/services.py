"""Secret addresses and passwords of devices: one's own, made and closed by oneself."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import timedelta
from typing import Any

from django.core.cache import cache
from django.utils import timezone

from yanta.kernel import audit
from yanta.kernel.base import Actor, Refused
from yanta.kernel.calendar.declare import calendar_named
from yanta.kernel.calendar.models import Device, Feed
from yanta.kernel.identity.models import Account

# Read from a screen and typed on a phone: no letter that looks like a digit. 31^20 is close to 99 bits.
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
LENGTH, GROUP = 20, 5
MOST = 10
NOTED_EVERY = timedelta(minutes=5)
FAILURES, FAILURES_WITHIN = 30, 600
RULE = "calendar.own"


def open_feed(*, actor: Actor, name: str, calendars: list[str] | None = None) -> Feed:
    """A new secret address of one's own."""
    if actor.person_id is None:
        raise Refused("这个账号没有对应的人员，没有日历", rule=RULE)
    if Feed.objects.filter(person_id=actor.person_id, closed_at=None).count() >= MOST:
        raise Refused(f"最多同时有 {MOST} 个订阅地址，请先停用不用的", rule=RULE)
    wanted = [key for key in calendars or [] if calendar_named(key)]
    feed: Feed = Feed.objects.create(
        person_id=actor.person_id,
        name=_named(name, "订阅"),
        secret=secrets.token_urlsafe(32),
        calendars=wanted,
    )
    audit.record("calendar.feed.open", actor=actor, subject=feed, summary="开通日历订阅地址")
    return feed


def close_feed(key: int, *, actor: Actor) -> None:
    """Nobody reads it from now on."""
    feed = Feed.objects.filter(pk=key, person_id=actor.person_id or 0, closed_at=None).first()
    if feed is None:
        raise Refused("没有这个订阅地址，或已停用", rule=RULE)
    feed.closed_at = timezone.now()
    feed.save(update_fields=["closed_at", "updated_at"])
    audit.record("calendar.feed.close", actor=actor, subject=feed, summary="停用日历订阅地址")


def feed_of(secret: str) -> Feed | None:
    """The open feed of this address, whose person may still sign in."""
    feed = Feed.objects.filter(secret=secret, closed_at=None).first() if 20 < len(secret) < 80 else None
    if feed is None or not Account.objects.filter(person_id=feed.person_id, state="active").exists():
        return None
    if feed.read_at is None or timezone.now() - feed.read_at >= NOTED_EVERY:
        Feed.objects.filter(pk=feed.pk).update(read_at=timezone.now())
    return feed


def _named(name: str, default: str) -> str:
    return " ".join(name.split())[:40] or default


def add_device(*, actor: Actor, name: str) -> tuple[Device, str]:
    """A device and its password, which is shown this once and kept nowhere."""
    if actor.account_id is None or actor.person_id is None:
        raise Refused("这个账号没有对应的人员，没有日历", rule=RULE)
    if Device.objects.filter(account_id=actor.account_id, revoked_at=None).count() >= MOST:
        raise Refused(f"最多同时有 {MOST} 个设备，请先吊销不用的", rule=RULE)
    secret = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    device: Device = Device.objects.create(
        account_id=actor.account_id, name=_named(name, "设备"), digest=digest_of(actor.account_id, secret)
    )
    audit.record("calendar.device.add", actor=actor, subject=device, summary="新增日历设备密码")
    return device, "-".join(secret[at : at + GROUP] for at in range(0, LENGTH, GROUP))


def revoke_device(key: int, *, actor: Actor) -> None:
    """The device reads nothing any more."""
    device = Device.objects.filter(pk=key, account_id=actor.account_id or 0, revoked_at=None).first()
    if device is None:
        raise Refused("没有这个设备，或已吊销", rule=RULE)
    device.revoked_at = timezone.now()
    device.save(update_fields=["revoked_at", "updated_at"])
    audit.record("calendar.device.revoke", actor=actor, subject=device, summary="吊销日历设备密码")


def digest_of(account_id: int, secret: str) -> str:
    """So random that a plain digest is as good as a slow one; bound to the account."""
    typed = "".join(letter for letter in secret.lower() if letter in ALPHABET)
    return hashlib.sha256(f"calendar:{account_id}:{typed}".encode()).hexdigest()


def is_shut_out(address: str) -> bool:
    """Whether too many wrong passwords came from there a moment ago."""
    return int(cache.get(f"calendar:failures:{address}", 0)) >= FAILURES


def account_for(username: str, password: str, *, address: str) -> Any:
    """The account that this name and password of a device open, or None."""
    account = (
        Account.objects.select_related("person").filter(username__iexact=username, state="active").first()
    )
    digest = digest_of(account.pk if account else 0, password)
    device = (
        Device.objects.filter(account=account, digest=digest, revoked_at=None).first() if account else None
    )
    if account is None or device is None or not hmac.compare_digest(device.digest, digest):
        key = f"calendar:failures:{address}"
        cache.add(key, 0, FAILURES_WITHIN)
        cache.incr(key)
        return None
    if device.used_at is None or timezone.now() - device.used_at >= NOTED_EVERY:
        Device.objects.filter(pk=device.pk).update(used_at=timezone.now(), used_from=address[:45])
    return account
