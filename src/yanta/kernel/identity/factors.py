"""The second factor. Storage and arithmetic are allauth's; the flow and the screens are ours (ADR 0007)."""

from __future__ import annotations

import base64
import hmac
from io import BytesIO

import segno
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    validate_totp_code,
    yield_hotp_counters_from_time,
)
from django.db import transaction

from yanta.kernel.base import Refused
from yanta.kernel.base.ciphers import seal, unseal
from yanta.kernel.identity.models import Account

ISSUER = "雁塔"
_KINDS = Authenticator.Type


class SealedFactors(DefaultMFAAdapter):
    """Secrets of second factors are sealed at rest like every other secret."""

    def encrypt(self, text: str) -> str:
        return base64.b64encode(seal(text)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(base64.b64decode(encrypted_text))

    def get_totp_issuer(self) -> str:
        return ISSUER


def is_enrolled(account: Account) -> bool:
    return bool(Authenticator.objects.filter(user_id=account.pk).exclude(type=_KINDS.RECOVERY_CODES).exists())


def kinds_of(account: Account) -> dict[str, bool]:
    """What may be asked for: a code of the app, a passkey."""
    held = set(Authenticator.objects.filter(user_id=account.pk).values_list("type", flat=True))
    return {"has_app": _KINDS.TOTP in held, "has_passkey": _KINDS.WEBAUTHN in held}


def count(account: Account) -> int:
    """How many second factors there are, recovery codes aside."""
    held = Authenticator.objects.filter(user_id=account.pk).exclude(type=_KINDS.RECOVERY_CODES)
    return int(held.count())


def new_secret() -> str:
    return str(generate_totp_secret())


def qr_svg(account: Account, secret: str) -> str:
    """What an authenticator app scans, drawn inline."""
    address = SealedFactors().build_totp_url(account, secret)
    drawn = BytesIO()
    segno.make(address, error="m").save(drawn, kind="svg", scale=4, border=2, xmldecl=False, omitsize=True)
    return drawn.getvalue().decode()


def enrol(account: Account, *, secret: str, code: str) -> list[str]:
    """The app shows the right code and is the factor from now on; returns the recovery codes, shown once."""
    if not validate_totp_code(secret, code):
        raise Refused("验证码不正确，请核对手机时间后重新输入", field="code", rule="identity.factor")
    with transaction.atomic():
        Authenticator.objects.filter(user_id=account.pk).exclude(type=_KINDS.WEBAUTHN).delete()
        TOTP.activate(account, secret)
        settle_duty(account)
        return new_recovery_codes(account)


def settle_duty(account: Account) -> None:
    """Whoever was asked for a second factor has one now."""
    Account.objects.filter(pk=account.pk, must_enrol_factor=True).update(must_enrol_factor=False)
    account.must_enrol_factor = False


def new_recovery_codes(account: Account) -> list[str]:
    """Ten codes that each work once; those handed out before stop working."""
    Authenticator.objects.filter(user_id=account.pk, type=_KINDS.RECOVERY_CODES).delete()
    return list(RecoveryCodes.activate(account).generate_codes())


def accepts(account: Account, code: str) -> bool:
    """A code of the app, or a recovery code; neither works twice, whichever process is asked."""
    digits = code.replace(" ", "").replace("-", "")
    kinds = (_KINDS.TOTP, _KINDS.RECOVERY_CODES)
    with transaction.atomic():
        held = Authenticator.objects.select_for_update().filter(user_id=account.pk, type__in=kinds)
        used = next((factor for factor in held if _fits(factor, digits)), None)
        if used:
            used.record_usage()
    return used is not None


def _fits(factor: Authenticator, digits: str) -> bool:
    if not digits.isascii() or not digits.isdecimal():
        return False
    if factor.type == _KINDS.RECOVERY_CODES:
        return bool(factor.wrap().validate_code(digits))
    return _uses_step(factor, digits)


def _uses_step(factor: Authenticator, digits: str) -> bool:
    """Each half minute has one code; the step of the last one is kept, so that it cannot be shown again."""
    secret, last = SealedFactors().decrypt(factor.data["secret"]), factor.data.get("last_step", -1)
    for step in yield_hotp_counters_from_time():
        if step > last and hmac.compare_digest(format_hotp_value(hotp_value(secret, step)), digits):
            factor.data["last_step"] = step
            factor.save(update_fields=["data"])
            return True
    return False


def recovery_codes_left(account: Account) -> int:
    found = Authenticator.objects.filter(user_id=account.pk, type=_KINDS.RECOVERY_CODES).first()
    return len(found.wrap().get_unused_codes()) if found else 0


def remove(account: Account) -> None:
    Authenticator.objects.filter(user_id=account.pk).delete()
