"""Devices on which the second factor was shown and need not be shown again for a month."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from yanta.kernel.identity.models import Account

COOKIE = "yanta_device"
KEPT_SECONDS = 30 * 24 * 3600
_SALT = "identity.device"


def _seal_of(account: Account) -> list[object]:
    """A new password or another second factor makes every device a stranger again."""
    factors = Authenticator.objects.filter(user_id=account.pk).exclude(type=Authenticator.Type.RECOVERY_CODES)
    return [account.pk, str(account.password_changed_at), sorted(factors.values_list("pk", flat=True))]


def is_trusted(request: HttpRequest, account: Account) -> bool:
    cookie = request.COOKIES.get(COOKIE)
    if not cookie:
        return False
    try:
        kept = signing.loads(cookie, salt=_SALT, max_age=KEPT_SECONDS)
    except signing.BadSignature:
        return False
    return bool(kept == _seal_of(account))


def trust(response: HttpResponse, account: Account) -> None:
    response.set_cookie(
        COOKIE, signing.dumps(_seal_of(account), salt=_SALT), max_age=KEPT_SECONDS, httponly=True,
        secure=settings.SESSION_COOKIE_SECURE, samesite="Lax", path="/sign-in/",
    )  # fmt: skip
