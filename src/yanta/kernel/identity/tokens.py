"""Keys for programs: `Authorization: Bearer yt_…`. So random that a plain digest is as good as a slow one."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.utils import timezone

from yanta.kernel.base import Refused
from yanta.kernel.identity import rules
from yanta.kernel.identity.models import Account, ApiToken

PREFIX = "yt_"
SHOWN = 10
NOTED_EVERY = timedelta(minutes=1)


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def issue(
    account: Account, *, name: str, scope: str, valid_for: timedelta, at: datetime
) -> tuple[ApiToken, str]:
    """The token and its secret, which is shown this once and kept nowhere."""
    if not timedelta() < valid_for <= rules.TOKEN_LONGEST:
        raise Refused("令牌有效期最长一年", field="days", rule="identity.token")
    if not account.is_active:
        raise Refused("账号不可用，不能签发令牌", rule="identity.token")
    secret = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        account=account,
        name=name,
        scope=scope,
        prefix=secret[:SHOWN],
        digest=digest_of(secret),
        expires_at=at + valid_for,
    )
    return token, secret


def token_of(secret: str, *, address: str | None) -> ApiToken | None:
    """The valid token with this secret, whose account may sign in; notes its use once a minute."""
    at = timezone.now()
    token: ApiToken | None = (
        ApiToken.objects.select_related("account").filter(digest=digest_of(secret)).first()
    )
    if token is None or not token.is_valid(at=at) or not token.account.is_active:
        return None
    if token.last_used_at is None or at - token.last_used_at >= NOTED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=at, last_address=address)
    return token


def revoke(token: ApiToken, *, at: datetime) -> None:
    if token.revoked_at is None:
        token.revoked_at = at
        token.save(update_fields=["revoked_at", "updated_at"])
