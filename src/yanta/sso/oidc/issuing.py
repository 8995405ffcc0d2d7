"""Tokens: what they are made of, how long they live, what ends them."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from yanta.kernel.base import fixed
from yanta.kernel.identity.models import Account
from yanta.sso.applications import public as sso
from yanta.sso.applications.catalogue import ATTRIBUTES, in_scopes
from yanta.sso.oidc import keys
from yanta.sso.oidc.models import AccessToken, Client, DeviceGrant, Grant, RefreshToken

ACCESS_LASTS = timedelta(hours=1)
REFRESH_LASTS = timedelta(days=30)
ID_LASTS = timedelta(minutes=10)
LOGOUT_LASTS = timedelta(minutes=2)
OFFLINE = "offline_access"
# One statement is one transaction: of two requests with the same token, one finds it in force.
_ROTATE = """
WITH used AS (
    UPDATE oidc_refreshtoken SET revoked = %(now)s WHERE id = %(previous)s AND revoked IS NULL
    RETURNING application_id, user_id, entry_id, token_family, scope, shown_at),
gone AS (
    DELETE FROM oidc_accesstoken a USING used WHERE a.family = used.token_family),
access AS (
    INSERT INTO oidc_accesstoken (
        token, token_checksum, application_id, user_id, entry_id, family, scope, resource, expires, created)
    SELECT '', %(access)s, application_id, user_id, entry_id, token_family, %(scope)s, '[]', %(access_ends)s, %(now)s
    FROM used)
INSERT INTO oidc_refreshtoken (
    token, token_checksum, application_id, user_id, entry_id, token_family, scope, shown_at, resource, expires, created,
    updated)
SELECT '', %(refresh)s, application_id, user_id, entry_id, token_family, scope, shown_at, '[]', %(refresh_ends)s, %(now)s,
    %(now)s
FROM used
"""


@dataclass(frozen=True, slots=True)
class Pair:
    """What a client is handed: the access token with its scope and life, and the token for the next one."""

    access: str
    refresh: str
    scope: str
    lasts: timedelta


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def sid_of(entry: sso.Entry) -> str:
    """The session as this client knows it; another client knows it by another name."""
    return str(entry.handle or "")


def entry_for(session: sso.SsoSession, client: Client) -> sso.Entry:
    return sso.enter_once(
        session,
        client.application,
        protocol="oidc",
        service=client.client_id,
        handle=secrets.token_urlsafe(18),
    )


def store_access(
    secret: str, *, client: Client, account: Account | None, scope: str, lasts: timedelta, entry: sso.Entry | None = None,
    family: UUID | None = None,
) -> None:  # fmt: skip
    AccessToken.objects.create(
        token="", token_checksum=digest_of(secret), application=client, user=account, scope=scope, entry=entry, family=family,
        expires=timezone.now() + lasts,
    )  # fmt: skip


def store_refresh(
    secret: str,
    *,
    client: Client,
    account: Account,
    scope: str,
    entry: sso.Entry,
    family: UUID,
    shown_at: datetime,
) -> None:
    RefreshToken.objects.create(
        token="", token_checksum=digest_of(secret), application=client, user=account, scope=scope, entry=entry,
        token_family=family, shown_at=shown_at, expires=timezone.now() + REFRESH_LASTS,
    )  # fmt: skip


def rotate(previous: RefreshToken, given: Pair) -> bool:
    """A new pair in the place of the old one; False when somebody else has used the old token meanwhile.

    Asking for less once does not make the refresh token less.
    """
    now = timezone.now()
    asked = {
        "previous": previous.pk, "now": now, "access": digest_of(given.access), "refresh": digest_of(given.refresh),
        "scope": given.scope, "access_ends": now + given.lasts, "refresh_ends": now + REFRESH_LASTS,
    }  # fmt: skip
    with fixed.cursor() as cursor:
        cursor.execute(_ROTATE, asked)
        return bool(cursor.rowcount)


def pair_for(
    client: Client, account: Account, scopes: Iterable[str], entry: sso.Entry, shown_at: datetime
) -> dict[str, Any]:
    """A first pair of tokens outside the library's grants, as the device flow gives it."""
    scope, family = " ".join(scopes), uuid4()
    access, refresh = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    store_access(
        access, client=client, account=account, scope=scope, lasts=ACCESS_LASTS, entry=entry, family=family
    )
    store_refresh(
        refresh, client=client, account=account, scope=scope, entry=entry, family=family, shown_at=shown_at
    )
    told = {
        "access_token": access, "token_type": "Bearer", "expires_in": int(ACCESS_LASTS.total_seconds()),
        "refresh_token": refresh, "scope": scope,
    }  # fmt: skip
    if "openid" in scopes:
        claims = id_claims(client, account, set(scopes), entry, shown_at)
        told["id_token"] = keys.sign({**claims, "aud": client.client_id}, client.algorithm)
    return told


def user_claims(client: Client, account: Account, scopes: set[str]) -> dict[str, Any]:
    """What policy releases, of what the scopes ask for, under the names of the protocol."""
    app = client.application
    wanted = sso.wanted_from(app, in_scopes(scopes))
    found = sso.values_for(sso.Holder(account, timezone.localdate()), sorted(wanted))
    named = {ATTRIBUTES[code].claim: value for code, value in found.items()}
    return {"sub": sso.stable_subject_for(app, account), **named}


def id_claims(
    client: Client, account: Account, scopes: set[str], entry: sso.Entry, shown_at: datetime
) -> dict[str, Any]:
    now = timezone.now()
    return {
        **user_claims(client, account, scopes), "iss": settings.SITE_ADDRESS, "iat": int(now.timestamp()),
        "exp": int((now + ID_LASTS).timestamp()), "auth_time": int(shown_at.timestamp()), "jti": str(uuid4()),
        "sid": sid_of(entry), "azp": client.client_id,
    }  # fmt: skip


def logout_token(client: Client, entry: sso.Entry) -> str:
    """Tells a client which session has ended (OpenID Connect Back-Channel Logout)."""
    now = timezone.now()
    claims = {
        "iss": settings.SITE_ADDRESS, "aud": client.client_id, "iat": int(now.timestamp()),
        "exp": int((now + LOGOUT_LASTS).timestamp()), "jti": str(uuid4()), "sid": sid_of(entry),
        "sub": sso.stable_subject_for(client.application, entry.session.account),
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
    }  # fmt: skip
    return keys.sign(claims, client.algorithm, kind="logout+jwt")


def is_in_force(token: AccessToken | RefreshToken, *, at: datetime) -> bool:
    """Of a person: the account may, the session lives or offline access was agreed. Of a program: its client is in use."""
    if token.expires <= at or not token.application.application.is_active:
        return False
    if token.user is None or token.entry is None:
        return token.user is None
    goes_on = token.entry.session.ended_at is None or OFFLINE in token.scope.split()
    return bool(token.user.is_active and goes_on)


def end_family(family: UUID | None) -> None:
    """A code or a refresh token came twice: whoever has its successors loses them."""
    if family is not None:
        RefreshToken.objects.filter(token_family=family, revoked=None).update(revoked=timezone.now())
        AccessToken.objects.filter(family=family).delete()


def end_entry(entry: sso.Entry) -> None:
    """The session is over, or its owner left this one application, which ends offline access too."""
    kept = Q() if entry.session.ended_at is None else ~Q(scope__contains=OFFLINE)
    RefreshToken.objects.filter(kept, entry=entry, revoked=None).update(revoked=timezone.now())
    AccessToken.objects.filter(kept, entry=entry).delete()
    Grant.objects.filter(entry=entry, used_at=None).update(expires=timezone.now())


def end_tokens(**of: Any) -> None:
    """Everything of an application, or of one person at it."""
    RefreshToken.objects.filter(revoked=None, **of).update(revoked=timezone.now())
    AccessToken.objects.filter(**of).delete()


def clear_old(*, at: datetime) -> int:
    """Codes, tokens and device codes past their time; used ones a day longer, so that replays are known."""
    late = at - timedelta(days=1)
    rows = (
        Grant.objects.filter(expires__lt=late), AccessToken.objects.filter(expires__lt=late),
        RefreshToken.objects.filter(expires__lt=late), DeviceGrant.objects.filter(expires__lt=late),
    )  # fmt: skip
    return sum(found.delete()[0] for found in rows)
