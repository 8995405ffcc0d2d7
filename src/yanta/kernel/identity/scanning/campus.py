"""Campus code: a browser shows a code, a phone that is signed in confirms it, and that one browser enters.

The code in the picture opens nothing by itself: only the browser that asked for it knows the other half, in its own
session. Each half is kept as a digest. A code lives for ninety seconds and enters once.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.http import HttpRequest

from yanta.kernel import audit
from yanta.kernel.base import Actor, Refused
from yanta.kernel.identity import devices, log, risk
from yanta.kernel.identity.devices import Device
from yanta.kernel.identity.models import Account, SignIn
from yanta.kernel.identity.scanning.models import CampusCode

VALID_FOR = timedelta(seconds=90)
METHOD = "campus-code"
BROWSER = "campus_code"
AT_ONCE = 60  # codes of one address that live at the same time: a lecture hall, not a flood
State = CampusCode.State
_GONE = "这个登录码已经过期或用过，请在电脑上刷新后重新扫"


def digest_of(half: str) -> str:
    return hashlib.sha256(half.encode()).hexdigest()


def ask(request: HttpRequest, *, onward: str, at: datetime) -> tuple[CampusCode, str]:
    """A code for this browser, and the half that goes into the picture; an earlier one of this browser dies."""
    device = devices.device_of(request)
    if CampusCode.objects.filter(address=device.address, expires_at__gt=at).count() >= AT_ONCE:
        raise Refused("这个网络正在登录的人太多，请一分钟后再试", rule="identity.rate")
    forget(request)
    shown, kept = secrets.token_urlsafe(18), secrets.token_urlsafe(24)
    code = CampusCode.objects.create(
        digest=digest_of(shown), browser_digest=digest_of(kept), check_number=f"{secrets.randbelow(100):02}",
        address=device.address, agent=device.agent, onward=onward[:2000], expires_at=at + VALID_FOR,
    )  # fmt: skip
    request.session[BROWSER] = kept
    return code, shown


def forget(request: HttpRequest) -> None:
    kept = request.session.pop(BROWSER, None)
    if kept:
        CampusCode.objects.filter(browser_digest=digest_of(kept)).exclude(state=State.USED).delete()


def of_browser(request: HttpRequest) -> CampusCode | None:
    """The code that this browser, and no other, asked for."""
    kept = request.session.get(BROWSER)
    found: CampusCode | None = (
        CampusCode.objects.filter(browser_digest=digest_of(kept)).first() if kept else None
    )
    return found


def scanned(shown: str, account: Account, *, at: datetime) -> CampusCode:
    """Whoever scans first has it; refuses what is over or in other hands."""
    code: CampusCode | None = CampusCode.objects.filter(digest=digest_of(shown), expires_at__gt=at).first()
    if code is None or code.state in (State.USED, State.REFUSED):
        raise Refused(_GONE, rule="identity.campus_code")
    mine = CampusCode.objects.filter(pk=code.pk, state=State.WAITING)
    if mine.update(state=State.SCANNED, account=account):
        code.refresh_from_db()
    if code.account_id != account.pk:
        raise Refused("这个登录码已经被别人扫过，请在电脑上刷新", rule="identity.campus_code")
    return code


def decide(shown: str, account: Account, *, may: bool, actor: Actor, at: datetime) -> CampusCode:
    """The phone's owner lets the browser in, or not; said once."""
    code = scanned(shown, account, at=at)
    told = State.CONFIRMED if may else State.REFUSED
    if not CampusCode.objects.filter(pk=code.pk, state=State.SCANNED).update(state=told):
        raise Refused(_GONE, rule="identity.campus_code")
    audit.record(
        "scanning.campuscode.confirm" if may else "scanning.campuscode.refuse", actor=actor, subject=account,
        summary=("扫码确认登录：" if may else "扫码拒绝登录：") + described(code),
    )  # fmt: skip
    if not may:
        device = Device(code.address, code.agent)
        log.record(
            SignIn.Outcome.REFUSED,
            account=account,
            login=account.username,
            device=device,
            at=at,
            method=METHOD,
        )
    code.state = told
    return code


def described(code: CampusCode) -> str:
    return f"{devices.described(code.agent)}，{code.address or '地址未知'}"


def place_of(address: str | None) -> str:
    """Where an address is, as far as the school's table knows."""
    found = risk.place_of(address, risk.places_in(settings.PLACES_FILE))
    return found.name if found else ""


def enter(request: HttpRequest, *, at: datetime) -> tuple[Account, str]:
    """The account that was confirmed for this browser, once, and where it wanted to go."""
    code = of_browser(request)
    if code is None or code.expires_at <= at:
        raise Refused(_GONE, rule="identity.campus_code")
    if not CampusCode.objects.filter(pk=code.pk, state=State.CONFIRMED).update(state=State.USED):
        raise Refused("请先在手机上确认", rule="identity.campus_code")
    account = Account.objects.select_related("person").get(pk=code.account_id)
    return account, code.onward


def clear_old(*, at: datetime) -> int:
    count, _by_model = CampusCode.objects.filter(expires_at__lte=at - timedelta(hours=1)).delete()
    return int(count)
