"""`/radius/authenticate`: FreeRADIUS brings a name and a password and takes back the network, or a refusal."""

from __future__ import annotations

import base64
import binascii
import hmac
from dataclasses import dataclass
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from yanta.kernel.base import Refused
from yanta.kernel.identity import devices, lockout, lookup, signing_in
from yanta.kernel.identity.devices import Device
from yanta.kernel.identity.models import Account
from yanta.sso.applications import public as sso
from yanta.sso.applications.rules import Terms
from yanta.sso.oidc.issuing import digest_of
from yanta.sso.radius import rules
from yanta.sso.radius.models import Door

BODY_BYTES = 16_384
AGENT = "RADIUS"


@dataclass(frozen=True, slots=True)
class Asked:
    """What an access point told of somebody."""

    name: str
    password: str
    station: str
    nas: str

    @property
    def service(self) -> str:
        return f"设备 {self.station or '未知'}，接入点 {self.nas or '未知'}"


@csrf_exempt
@require_POST
def authenticate(request: HttpRequest) -> HttpResponse:
    """200 with the reply, 401 to reject; everything is in the log."""
    try:
        door = _door_of(request)
    except Refused as refusal:
        sso.refused("radius", "ask", request=request, reason=refusal.message, rule=refusal.rule or "radius")
        return _answer(403, refusal.message)
    try:
        asked = _asked(request)
    except Refused as refusal:
        sso.refused(
            "radius", "ask", request=request, application=door.application, reason=refusal.message, rule=refusal.rule or "radius"
        )  # fmt: skip
        return _answer(403, refusal.message)
    account: Account | None = None
    try:
        account = _account(asked)
        _check_duties(account)
        verdict = sso.decide(door.application, sso.Holder(account, timezone.localdate()))
        if not verdict.allowed:
            raise Refused(verdict.reason, rule=verdict.rule)
    except Refused as refusal:
        sso.refused(
            "radius", "authenticate", request=request, application=door.application, account=account or _named(asked), reason=refusal.message,
            rule=refusal.rule or "radius", service=asked.service,
        )  # fmt: skip
        return _answer(401, refusal.message)
    return _granted(request, door, account, asked)


def _granted(request: HttpRequest, door: Door, account: Account, asked: Asked) -> HttpResponse:
    vlan = vlan_for(door, account)
    sso.granted(
        "radius", "authenticate", request=request, application=door.application, account=account, service=asked.service,
        reason=f"VLAN {vlan}" if vlan else "由接入点决定网络",
    )  # fmt: skip
    told = rules.reply_of(vlan=vlan, seconds=door.minutes * 60, username=account.username)
    return HttpResponse(orjson.dumps(told), content_type="application/json")


def vlan_for(door: Door, account: Account) -> int | None:
    who = sso.Holder(account, timezone.localdate()).who
    found = [
        rules.Assignment(Terms(True, str(one), one.role, one.unit.path if one.unit else "", one.affiliation), one.vlan)
        for one in door.vlans.select_related("unit")
    ]  # fmt: skip
    return rules.vlan_of(who, found, door.vlan)


def _door_of(request: HttpRequest) -> Door:
    """The RADIUS server itself, by its own name and password; guessing is counted like anywhere."""
    kind, _space, encoded = request.headers.get("Authorization", "").partition(" ")
    try:
        code, _colon, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        code = secret = ""
    keys, at = (f"radius:{code[:40]}", lockout.address_key(devices.address_of(request))), timezone.now()
    lockout.check(*keys, at=at)
    rows = Door.objects.select_related("application__owner", "application__contact")
    door: Door | None = rows.filter(application__code=code.replace("\0", "")).first() if kind.lower() == "basic" else None  # fmt: skip
    right = (
        door is not None and door.secret_digest and hmac.compare_digest(digest_of(secret), door.secret_digest)
    )
    if door is None or not right or not door.application.is_active:
        lockout.count_failure(*keys, at=at)
        raise Refused("RADIUS 服务器的名称或密码不正确，或应用未启用", rule="radius.secret")
    return door


def _asked(request: HttpRequest) -> Asked:
    """FreeRADIUS's JSON: each attribute with its values."""
    body = request.read(BODY_BYTES + 1)
    if len(body) > BODY_BYTES:
        raise Refused("请求太大", rule="radius.size")
    try:
        told = orjson.loads(body)
        values = {name: _first(told.get(name)) for name in ("User-Name", "User-Password", "Calling-Station-Id", "NAS-IP-Address")}  # fmt: skip
    except (orjson.JSONDecodeError, AttributeError) as fault:
        raise Refused("请求不是 RADIUS 属性的 JSON", rule="radius.syntax") from fault
    if not values["User-Password"]:
        raise Refused("没有密码：只支持 EAP-TTLS 内的 PAP", rule="radius.method")
    return Asked(values["User-Name"], values["User-Password"], values["Calling-Station-Id"][:40], values["NAS-IP-Address"][:40])  # fmt: skip


def _first(attribute: Any) -> str:
    found = attribute.get("value", "") if isinstance(attribute, dict) else attribute
    found = found[0] if isinstance(found, list) and found else found
    return str(found or "").replace("\0", "")


def _account(asked: Asked) -> Account:
    """The same check, count and log as at the sign-in page; the device is the address."""
    device = Device(rules.address_of(asked.station, asked.nas), AGENT)
    login = rules.without_realm(asked.name)[:64]
    found = signing_in.account_by_password(signing_in.Attempt(login, asked.password[:1000], device, timezone.now()))  # fmt: skip
    if found.account is None:
        raise Refused(signing_in.WRONG, rule="identity.wrong")
    return Account.objects.select_related("person__home_unit").get(pk=found.account.pk)


def _named(asked: Asked) -> Account | None:
    """Whom a refusal is about, for the log."""
    login = lookup.cleaned(rules.without_realm(asked.name)[:64])
    return lookup.at_the_door(login, Device(None, AGENT), at=timezone.now()).account


def _check_duties(account: Account) -> None:
    if account.must_change_password:
        raise Refused("须先在登录页修改密码", rule="identity.duty")


def _answer(status: int, said: str) -> HttpResponse:
    return HttpResponse(orjson.dumps({"reply:Reply-Message": said[:200]}), status=status, content_type="application/json")  # fmt: skip
