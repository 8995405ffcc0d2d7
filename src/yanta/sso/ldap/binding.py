"""Who binds: an application with its own password, or one of the people whom its rules let in."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic

from django.conf import settings
from django.utils import timezone

from yanta.kernel.base import Refused
from yanta.kernel.identity import lockout, signing_in
from yanta.kernel.identity.devices import Device
from yanta.kernel.identity.models import Account
from yanta.sso.applications import public as sso
from yanta.sso.directory import people
from yanta.sso.ldap import names
from yanta.sso.ldap.current import Row
from yanta.sso.ldap.models import Door
from yanta.sso.ldap.verifying import Verifier
from yanta.sso.oidc.issuing import digest_of

# How long the access rules of an application count as judged; state, lockout, password and rights are read at every bind.
VERDICT_FRESH = 5.0
MOST_KNOWN = 20_000
AGENT = "LDAP"


class Failure(Exception):  # noqa: N818 - an answer of the protocol
    """A result code of RFC 4511 with words for the log; the client hears no more than it must."""

    def __init__(self, code: int, said: str, *, rule: str = "", account: Account | None = None) -> None:
        super().__init__(said)
        self.code, self.said, self.rule, self.account = code, said, rule, account


INVALID_CREDENTIALS, INSUFFICIENT_RIGHTS, BUSY, UNWILLING, CONFIDENTIALITY = 49, 50, 51, 53, 13
WRONG = "名称或密码不正确"


@dataclass(frozen=True, slots=True)
class Bound:
    """Who a connection speaks for: an application, or one of its people."""

    door: Door
    account: Account | None = None


@dataclass(slots=True)
class _Known:
    """Whom an application's rules let in a moment ago."""

    door: Door
    account: Account
    judged_at: float
    version: int


@dataclass(slots=True)
class Binder:
    """Checks binds; one for a process."""

    base: str
    verifier: Verifier = field(default_factory=Verifier)
    _known: dict[tuple[str, str], _Known] = field(default_factory=dict)

    def known(self, dn: str) -> _Known | None:
        """Somebody whose rules were judged a moment ago; the rest is still to be asked."""
        place = names.place_of(dn, base=self.base)
        known = (
            self._known.get((place.application, place.leaf)) if place and place.branch == "people" else None
        )
        return known if known is not None and monotonic() - known.judged_at <= VERDICT_FRESH else None

    def again(self, known: _Known, row: Row | None, password: str) -> Bound | None:
        """Yes by what the database says now, where nothing changed; None where `bind` has to decide, and say why not."""
        if row is None or row.state != Account.State.ACTIVE or row.is_locked or row.must_change:
            return None
        if row.version != known.version or not self.verifier.confirms(
            known.account.pk, row.encoded, password
        ):
            return None
        return Bound(known.door, known.account)

    def bind(self, dn: str, password: str, address: str | None) -> Bound:
        """Blocking. Raises `Failure`."""
        place = names.place_of(dn, base=self.base)
        if place is None or not place.application:
            raise Failure(INVALID_CREDENTIALS, "名称不在本目录中", rule="ldap.name")
        if not password:
            # Otherwise a client that forgot the password would be told that all is well (RFC 4513 section 5.1.2).
            raise Failure(UNWILLING, "没有密码的绑定一律拒绝", rule="ldap.anonymous")
        door = _door_of(place.application)
        if place.branch == "client":
            return _as_application(door, password, address)
        if place.branch != "people" or not place.leaf:
            raise Failure(INVALID_CREDENTIALS, "名称不是人员", rule="ldap.name")
        return self._as_person(door, place, password, address)

    def _as_person(self, door: Door, place: names.Place, password: str, address: str | None) -> Bound:
        app = door.application
        found = people.with_people(Account.objects.filter(person__isnull=False)).filter(
            people.subject_column(app).where("eq", place.leaf)
        )
        account = found.first()
        if account is None or not self.verifier.confirms(account.pk, account.password, password):
            account = _by_password(account, place.leaf, password, address)
            self.verifier.remember(account.pk, account.password, password)
        else:
            _check_again(account, address, at=timezone.now())
        self._judge(door, account, place)
        return Bound(door, account)

    def _judge(self, door: Door, account: Account, place: names.Place) -> None:
        """What the password alone does not decide: the application's rules, and duties that LDAP cannot ask for."""
        key, now = (place.application, place.leaf), monotonic()
        known = self._known.get(key)
        judged_at = known.judged_at if known and known.version == account.rights_version else 0.0
        if now - judged_at > VERDICT_FRESH:
            _check_duties(account)
            verdict = sso.decide(door.application, sso.Holder(account, timezone.localdate()))
            if not verdict.allowed:
                self._known.pop(key, None)
                raise Failure(INVALID_CREDENTIALS, verdict.reason, rule=verdict.rule, account=account)
            judged_at = now
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known[key] = _Known(door, account, judged_at, account.rights_version)


def _door_of(code: str) -> Door:
    rows = Door.objects.select_related("application__owner", "application__contact")
    door: Door | None = rows.filter(application__code=code).first()
    if door is None or not door.application.is_active:
        raise Failure(INVALID_CREDENTIALS, "没有这个应用，或它未启用", rule="ldap.application")
    return door


def _as_application(door: Door, password: str, address: str | None) -> Bound:
    keys = f"ldap:{door.pk}", lockout.address_key(address)
    at = timezone.now()
    try:
        lockout.check(*keys, at=at)
    except lockout.LockedOut as locked:
        raise Failure(BUSY, locked.message, rule=locked.rule) from None
    if not door.secret_digest or not hmac.compare_digest(digest_of(password), door.secret_digest):
        lockout.count_failure(*keys, at=at)
        raise Failure(INVALID_CREDENTIALS, "应用的密码不正确", rule="ldap.secret")
    return Bound(door)


def _by_password(account: Account | None, login: str, password: str, address: str | None) -> Account:
    """The same check, count and log as at the sign-in page."""
    name = account.username if account else login
    attempt = signing_in.Attempt(name[:64], password[:1000], Device(address, AGENT), timezone.now())
    try:
        found = signing_in.account_by_password(attempt).account
    except Refused as refusal:
        busy = refusal.rule in ("identity.lockout", "identity.busy")
        code = BUSY if busy else INVALID_CREDENTIALS
        raise Failure(code, refusal.message, rule=refusal.rule or "", account=account) from None
    if found is None or account is None or found.pk != account.pk:
        raise Failure(INVALID_CREDENTIALS, WRONG, rule="identity.wrong")
    # With its person and unit, and with the stored hash as it is after a possible renewal.
    account.password = found.password
    return account


def _check_again(account: Account, address: str | None, *, at: datetime) -> None:
    """The password is known to be right; the rest is asked every time."""
    try:
        lockout.check(lockout.name_key("", account.pk), lockout.address_key(address), at=at)
    except lockout.LockedOut as locked:
        raise Failure(BUSY, locked.message, rule=locked.rule, account=account) from None
    if not account.is_active:
        raise Failure(INVALID_CREDENTIALS, "账号不可用", rule="identity.state", account=account)


def _check_duties(account: Account) -> None:
    if account.must_change_password:
        raise Failure(INVALID_CREDENTIALS, "须先在登录页修改密码", rule="identity.duty", account=account)
    if signing_in.is_guarded(account):
        raise Failure(INVALID_CREDENTIALS, "这个角色须二次验证，不能只凭密码进入", rule="identity.factor", account=account)  # fmt: skip


def base_dn() -> str:
    return str(settings.LDAP_BASE)
