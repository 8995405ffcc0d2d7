"""Signing in, step by step: password, second factor, session."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, SESSION_KEY
from django.core.cache import cache
from django.http import HttpRequest
from django.middleware.csrf import rotate_token
from django.utils import timezone

from yanta.kernel.access.actors import actor_of
from yanta.kernel.base import Refused
from yanta.kernel.identity import (
    devices,
    factors,
    lockout,
    log,
    lookup,
    passkeys,
    passwords,
    proofs,
    trusted,
    watching,
)
from yanta.kernel.identity.devices import Device
from yanta.kernel.identity.lookup import Found
from yanta.kernel.identity.models import Account, SignIn
from yanta.kernel.identity.watching import History

WRONG = "登录名或密码不正确"
PENDING_SECONDS = 300
REQUESTS_A_MINUTE = 300
BACKEND = "yanta.kernel.identity.backends.AccountBackend"
_CLOSED = {
    Account.State.LOCKED: "账号已被锁定，请联系信息中心",
    Account.State.CLOSED: "账号已停用，请联系信息中心",
    Account.State.PENDING: "账号尚未激活，请先激活",
}

ServiceSession = Callable[[Account, Device], None]
_service_sessions: list[ServiceSession] = []


def on_service_session(heard: ServiceSession) -> ServiceSession:
    """Decorator: told when a browser session opens with an account that is no person's."""
    _service_sessions.append(heard)
    return heard


@dataclass(frozen=True, slots=True)
class Attempt:
    """What somebody brings to the door."""

    login: str
    password: str
    device: Device
    at: datetime


def attempt_of(request: HttpRequest, *, login: str, password: str) -> Attempt:
    return Attempt(lookup.cleaned(login), password, devices.device_of(request), timezone.now())


def limit_rate(address: str | None, *, at: datetime) -> None:
    """A flood from one address is refused before it costs a hash."""
    key = _rate_key(address, at)
    cache.add(key, 0, 70)
    if cache.incr(key) > REQUESTS_A_MINUTE:
        raise Refused("请求太频繁，请一分钟后再试", rule="identity.rate")


def give_back(address: str | None, *, at: datetime) -> None:
    """Whoever got in is no flood: a whole hall of residence may come from one address."""
    with suppress(ValueError):  # the minute is over
        cache.decr(_rate_key(address, at))


def _rate_key(address: str | None, at: datetime) -> str:
    return f"sign-in-rate:{address}:{at:%H%M}"


def account_by_password(attempt: Attempt) -> Found:
    """Whose password was brought; the refusal is the same for a wrong name and a wrong password."""
    found = lookup.at_the_door(attempt.login, attempt.device, at=attempt.at)
    _check_lockout(found, attempt)
    account = found.account
    if not passwords.is_right(account, attempt.password) or account is None:
        _count_failure(account, attempt)
        raise Refused(WRONG, field="password", rule="identity.wrong")
    if not account.is_active:
        _log(SignIn.Outcome.REFUSED, account, attempt)
        raise _closed(account)
    if found.has_failures:
        lockout.forgive(account.pk)
    return found


def _closed(account: Account) -> Refused:
    return Refused(_CLOSED[Account.State(account.state)], rule="identity.state")


def check_state(request: HttpRequest, account: Account, *, method: str) -> None:
    """Whoever came in without a password finds a closed account closed all the same."""
    if not account.is_active:
        device = devices.device_of(request)
        log.record(
            SignIn.Outcome.REFUSED, account=account, login=account.username, device=device, at=timezone.now(),
            method=method,
        )  # fmt: skip
        raise _closed(account)


def _keys(account: Account | None, attempt: Attempt) -> tuple[str, str]:
    return lockout.name_key(attempt.login, account.pk if account else None), lockout.address_key(
        attempt.device.address
    )


def _check_lockout(found: Found, attempt: Attempt) -> None:
    try:
        if found.account is None:
            lockout.check(*_keys(None, attempt), at=attempt.at)
        elif found.locked_until and found.locked_until > attempt.at:
            raise lockout.LockedOut(found.locked_until, attempt.at)
    except lockout.LockedOut:
        _log(SignIn.Outcome.LOCKED_OUT, found.account, attempt)
        raise


def _count_failure(account: Account | None, attempt: Attempt) -> None:
    lockout.count_failure(*_keys(account, attempt), at=attempt.at)
    _log(SignIn.Outcome.WRONG_PASSWORD if account else SignIn.Outcome.UNKNOWN, account, attempt)


def _log(outcome: SignIn.Outcome, account: Account | None, attempt: Attempt) -> None:
    log.record(outcome, account=account, login=attempt.login, device=attempt.device, at=attempt.at)


def is_guarded(account: Account) -> bool:
    """Whether one of the account's roles demands a second factor; an account of nobody has no phone to show one."""
    roles = settings.SECOND_FACTOR_ROLES
    return bool(roles) and account.person_id is not None and actor_of(account).has_role(*roles)


@dataclass(frozen=True, slots=True)
class Demand:
    """What is still owed after the first proof: nothing, a second factor, or a code by text message."""

    factor: bool = False
    text: bool = False


def demand_of(
    request: HttpRequest, account: Account, *, is_enrolled: bool, history: History | None = None
) -> Demand:
    """A known device may be enough; odd signs ask for more, or are told to the owner where nothing can be asked."""
    device, at = devices.device_of(request), timezone.now()
    signs = watching.signs_at(account, device, at=at, history=history)
    if is_enrolled:
        return Demand(factor=bool(signs.grave) or not trusted.is_trusted(request, account))
    if signs.grave and proofs.phone_of(account):
        return Demand(text=True)
    if signs.grave or signs.slight:
        watching.tell_owner(account, device, signs, at=at)
    return Demand()


def ask_factor(
    request: HttpRequest,
    account: Account,
    *,
    remembered: bool,
    onward: str,
    by_text: bool = False,
    origin: str = "",
) -> None:
    """The first proof was right; the session remembers that for five minutes and no more."""
    if by_text:
        proofs.send_code(account, proofs.Purpose.FACTOR, at=timezone.now())
    request.session.cycle_key()
    request.session.clear()
    request.session["pending"] = {
        "account": account.pk,
        "at": timezone.now().timestamp(),
        "remembered": remembered,
        "onward": onward,
        "by_text": by_text,
    }
    request.session["origin"] = origin
    device = devices.device_of(request)
    log.record(
        SignIn.Outcome.FACTOR_ASKED, account=account, login=account.username, device=device, at=timezone.now()
    )


def pending_account(request: HttpRequest) -> Account | None:
    """Who has shown a password and still owes a second factor."""
    pending = request.session.get("pending")
    if not pending or timezone.now().timestamp() - pending["at"] > PENDING_SECONDS:
        return None
    return Account.objects.filter(pk=pending["account"], state=Account.State.ACTIVE).first()


def prove_factor(request: HttpRequest, account: Account, *, code: str, answer: str) -> str:
    """Check a code of the app or a passkey's answer; failures count like wrong passwords. Returns the method."""
    device, at = devices.device_of(request), timezone.now()
    keys = lockout.name_key("", account.pk), lockout.address_key(device.address)
    lockout.check(*keys, at=at)
    try:
        method = _proved(request, account, code=code, answer=answer, at=at)
    except Refused:
        lockout.count_failure(*keys, at=at)
        log.record(
            SignIn.Outcome.WRONG_FACTOR, account=account, login=account.username, device=device, at=at,
            method="passkey" if answer else "factor",
        )  # fmt: skip
        raise
    lockout.forgive(account.pk)
    return method


def _proved(request: HttpRequest, account: Account, *, code: str, answer: str, at: datetime) -> str:
    if answer:
        passkeys.account_by_proof(request, answer, account=account, at=at)
        return "passkey"
    if request.session["pending"].get("by_text"):
        proofs.use_code(account, proofs.Purpose.FACTOR, code, at=at)
        return "text"
    if factors.accepts(account, code):
        return "factor"
    raise Refused("验证码不正确，或已经用过", field="code", rule="identity.factor")


def open_session(
    request: HttpRequest,
    account: Account,
    *,
    method: str,
    remembered: bool = False,
    is_enrolled: bool | None = None,
    origin: str = "",
) -> None:
    """A session under a new key: nothing of what was there before the sign-in goes on. `origin` is whose end ends it."""
    device, guarded, session = devices.device_of(request), is_guarded(account), request.session
    session.cycle_key()
    session.clear()
    session.update(
        {
            SESSION_KEY: str(account.pk),
            BACKEND_SESSION_KEY: BACKEND,
            "remembered": remembered,
            "method": method,
            "guarded": guarded,
            "origin": origin,
            "must_enrol": guarded
            and not (factors.is_enrolled(account) if is_enrolled is None else is_enrolled),
        }
    )
    # The entry of the log is written with the session, when the answer leaves.
    session.opened_by = SignIn(  # type: ignore[attr-defined]
        account=account,
        login=account.username,
        method=method,
        outcome=SignIn.Outcome.SUCCESS,
        address=device.address,
        agent=device.agent,
        at=timezone.now(),
    )
    request.user = account
    rotate_token(request)
    if account.is_service:
        for heard in _service_sessions:
            heard(account, device)


def close_session(request: HttpRequest) -> None:
    account = request.user if isinstance(request.user, Account) else None
    if account:
        device = devices.device_of(request)
        log.record(
            SignIn.Outcome.SIGNED_OUT,
            account=account,
            login=account.username,
            device=device,
            at=timezone.now(),
        )
    request.session.flush()
