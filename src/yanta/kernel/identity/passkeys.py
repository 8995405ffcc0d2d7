"""Passkeys (W3C WebAuthn level 2): a device's own lock opens the account. The arithmetic is Yubico's library's."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from fido2.server import Fido2Server
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from yanta.kernel.base import Refused
from yanta.kernel.identity import factors
from yanta.kernel.identity.models import Account

MOST = 10
SAID = "passkey"
UNKNOWN = "这个通行密钥没有登记过，或已被移除"
FAILED = "通行密钥没有通过验证，请重试或改用密码"
NO_DOMAIN = "通行密钥只能用在有域名的地址上，请用域名（演示时用 localhost）打开本页"


@dataclass(frozen=True, slots=True)
class Passkey:
    """One registered key, as its owner sees it."""

    pk: int
    name: str
    made_at: datetime
    used_at: datetime | None


def passkeys_of(account: Account) -> list[Passkey]:
    return [
        Passkey(row.pk, row.data["name"], row.created_at, row.last_used_at)
        for row in _rows(account).order_by("pk")
    ]


def _rows(account: Account) -> Any:
    return Authenticator.objects.filter(user_id=account.pk, type=Authenticator.Type.WEBAUTHN)


def _domain_of(request: HttpRequest) -> str:
    """The domain that keys are bound to; browsers know no keys for bare addresses."""
    named = settings.PASSKEY_DOMAIN or request.get_host().rsplit(":", 1)[0]
    try:
        ip_address(named.strip("[]"))
    except ValueError:
        return str(named)
    raise Refused(NO_DOMAIN, rule="identity.passkey")


def _server(request: HttpRequest) -> Fido2Server:
    origin = f"{request.scheme}://{request.get_host()}"
    party = PublicKeyCredentialRpEntity(id=_domain_of(request), name=factors.ISSUER)
    return Fido2Server(party, verify_origin=lambda told: bool(told == origin))


def begin_enrolment(request: HttpRequest, account: Account) -> dict[str, Any]:
    """What the browser is asked to make; the challenge waits in the session."""
    held = [_key_of(row) for row in _rows(account)]
    if len(held) >= MOST:
        raise Refused(f"最多登记 {MOST} 个通行密钥，请先移除不用的", rule="identity.passkey")
    person = PublicKeyCredentialUserEntity(
        id=_handle_of(account), name=account.username, display_name=account.name
    )
    options, state = _server(request).register_begin(
        user=person,
        credentials=held,
        resident_key_requirement=ResidentKeyRequirement.PREFERRED,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    request.session[SAID] = {"state": state, "for": account.pk}
    return dict(options)


def enrol(request: HttpRequest, account: Account, answer: str, *, name: str) -> list[str]:
    """Keep the key that the device made; returns fresh recovery codes when the account had none."""
    state = _expected(request, account.pk)
    try:
        told = _server(request).register_complete(state, json.loads(answer))
    except (ValueError, KeyError, TypeError) as error:
        raise Refused(FAILED, rule="identity.passkey") from error
    credential = told.credential_data
    if credential is None:
        raise Refused(FAILED, rule="identity.passkey")
    with transaction.atomic():
        Authenticator.objects.create(
            user_id=account.pk,
            type=Authenticator.Type.WEBAUTHN,
            data={
                "name": name.strip()[:40] or "通行密钥",
                "credential_id": websafe_encode(credential.credential_id),
                "key": base64.b64encode(bytes(credential)).decode(),
                "counter": told.counter,
            },
        )
        factors.settle_duty(account)
        return [] if factors.recovery_codes_left(account) else factors.new_recovery_codes(account)


def begin_proof(request: HttpRequest, account: Account | None) -> dict[str, Any]:
    """Ask for a key: one of the account's, or, before anybody is known, whichever the device holds for us."""
    held = [_key_of(row) for row in _rows(account)] if account else []
    options, state = _server(request).authenticate_begin(
        credentials=held or None, user_verification=UserVerificationRequirement.REQUIRED
    )
    request.session[SAID] = {"state": state, "for": account.pk if account else None}
    return dict(options)


def account_by_proof(request: HttpRequest, answer: str, *, account: Account | None, at: datetime) -> Account:
    """Whose key signed the challenge; a key whose counter runs backwards was copied and is refused."""
    state = _expected(request, account.pk if account else None)
    row, told = _claimed(answer, account)
    try:
        _server(request).authenticate_complete(state, [_key_of(row)], told)
    except ValueError as error:
        raise Refused(FAILED, rule="identity.passkey") from error
    counter = AuthenticationResponse.from_dict(told).response.authenticator_data.counter
    with transaction.atomic():
        held = Authenticator.objects.select_for_update().get(pk=row.pk)
        if 0 < counter <= held.data["counter"]:
            raise Refused("这个通行密钥可能被复制过，已拒绝使用，请联系信息中心", rule="identity.passkey")
        held.data["counter"], held.last_used_at = counter, at
        held.save(update_fields=["data", "last_used_at"])
    return Account.objects.get(pk=row.user_id)


def remove(account: Account, pk: int) -> None:
    _rows(account).filter(pk=pk).delete()


def _expected(request: HttpRequest, account_id: int | None) -> Any:
    """The challenge that was asked, once; an answer to another's challenge is no answer."""
    said = request.session.pop(SAID, None)
    if not said or said["for"] != account_id:
        raise Refused("验证已过期，请重新开始", rule="identity.passkey")
    return said["state"]


def _claimed(answer: str, account: Account | None) -> tuple[Authenticator, Mapping[str, Any]]:
    """The registered key that an answer says it is from."""
    try:
        told = json.loads(answer)
        credential, handle = str(told["rawId"]), told["response"].get("userHandle")
        owner = account.pk if account else int(websafe_decode(handle or "").decode())
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Refused(FAILED, rule="identity.passkey") from error
    rows = Authenticator.objects.filter(user_id=owner, type=Authenticator.Type.WEBAUTHN)
    found = next((row for row in rows if row.data["credential_id"] == credential.rstrip("=")), None)
    if found is None:
        raise Refused(UNKNOWN, rule="identity.passkey")
    return found, told


def _key_of(row: Authenticator) -> AttestedCredentialData:
    return AttestedCredentialData(base64.b64decode(row.data["key"]))


def _handle_of(account: Account) -> bytes:
    return str(account.pk).encode()
