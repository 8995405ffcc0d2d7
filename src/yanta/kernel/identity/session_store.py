"""Sessions as rows: signed out means deleted, and one indexed query finds session and account."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase, UpdateError
from django.db import models
from django.utils import timezone
from psycopg.types.json import Jsonb

from yanta.kernel.base.fixed import Fixed, Given, cursor
from yanta.kernel.identity import rules
from yanta.kernel.identity.models import Account, Session, SignIn

TOUCHED_EVERY = timedelta(minutes=1)
KEY_BYTES = 24

_INSERT = """
INSERT INTO identity_session (
    key_digest, account_id, data, address, agent, seen_at, expires_at, ends_at, origin, created_at, updated_at)
VALUES (
    %(key_digest)s, %(account_id)s, %(data)s, %(address)s, %(agent)s, %(now)s, %(expires_at)s, %(ends_at)s,
    %(origin)s, %(now)s, %(now)s)
"""
# Session and log entry in one statement and one transaction: neither is ever there without the other.
_INSERT_SIGNED_IN = """
WITH logged AS (
    INSERT INTO identity_signin (
        account_id, login, method, outcome, address, agent, at, created_at, updated_at)
    VALUES (
        %(account_id)s, %(login)s, %(method)s, %(outcome)s, %(address)s, %(agent)s, %(at)s, %(now)s, %(now)s))
INSERT INTO identity_session (
    key_digest, account_id, data, address, agent, seen_at, expires_at, ends_at, origin, created_at, updated_at)
VALUES (
    %(key_digest)s, %(account_id)s, %(data)s, %(address)s, %(agent)s, %(now)s, %(expires_at)s, %(ends_at)s,
    %(origin)s, %(now)s, %(now)s)
"""


# Asked by every request of whoever is signed in.
_OPEN = Fixed(
    lambda: Session.objects.select_related("account").filter(
        key_digest=Given("digest", models.CharField()), expires_at__gt=Given("now", models.DateTimeField())
    )
)


def digest_of(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


class SessionStore(SessionBase):
    """Django's session interface over `Session`."""

    def __init__(self, session_key: str | None = None) -> None:
        super().__init__(session_key)
        self.row: Session | None = None
        # The log entry of the sign-in that opens this session, until both are written.
        self.opened_by: SignIn | None = None

    def load(self) -> dict[str, Any]:
        self.row = _OPEN.first(digest=digest_of(self.session_key or ""), now=timezone.now())
        if self.row is None:
            self._session_key = None
            return {}
        self._touch(self.row, timezone.now())
        return dict(self.row.data)

    @staticmethod
    def _touch(row: Session, now: datetime) -> None:
        """Being used keeps a session alive, up to its end; written once a minute at most."""
        if now - row.seen_at < TOUCHED_EVERY:
            return
        idle = row.expires_at - row.seen_at
        Session.objects.filter(pk=row.pk).update(seen_at=now, expires_at=min(now + idle, row.ends_at))

    @property
    def account(self) -> Account | None:
        """Whose session it is, fetched together with the session."""
        self._get_session()  # type: ignore[attr-defined]  # Django's own lazy loader
        return self.row.account if self.row else None

    def exists(self, session_key: str) -> bool:
        return bool(Session.objects.filter(key_digest=digest_of(session_key)).exists())

    def create(self) -> None:
        """Keys have 192 bits: two equal ones would be an error, not a case to look out for."""
        self._session_key = secrets.token_urlsafe(KEY_BYTES)
        self.save(must_create=True)
        self.modified = True

    def save(self, must_create: bool = False) -> None:
        if self.session_key is None:
            return self.create()
        data = self._get_session(no_load=must_create)  # type: ignore[attr-defined]
        account_id = int(data[SESSION_KEY]) if SESSION_KEY in data else None
        if must_create:
            return self._insert(data, account_id)
        kept = Session.objects.filter(key_digest=digest_of(self.session_key))
        if not kept.update(data=data, account_id=account_id):
            raise UpdateError
        return None

    def _insert(self, data: dict[str, Any], account_id: int | None) -> None:
        terms = rules.session_terms(
            signed_in=account_id is not None,
            remembered=bool(data.get("remembered")),
            guarded=bool(data.get("guarded")),
        )
        now, by = timezone.now(), self.opened_by
        row: dict[str, Any] = {
            "key_digest": digest_of(self.session_key or ""), "account_id": account_id, "data": Jsonb(data),
            "address": by.address if by else None, "agent": by.agent if by else "", "now": now,
            "expires_at": now + terms.idle, "ends_at": now + terms.longest, "origin": data.get("origin", ""),
        }  # fmt: skip
        statement = _INSERT if by is None else _INSERT_SIGNED_IN
        if by is not None:
            row |= {"login": by.login, "method": by.method, "outcome": by.outcome, "at": by.at}
        with cursor() as asked:
            asked.execute(statement, row)
        self.opened_by = None

    def cycle_key(self) -> None:
        """A new key for the same data; the row is written once, when the response leaves."""
        self._get_session()  # type: ignore[attr-defined]
        self._forget_key()

    def _forget_key(self) -> None:
        if self.session_key:
            self.delete(self.session_key)
        self._session_key = None
        self.row = None
        self.modified = True

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key:
            Session.objects.filter(key_digest=digest_of(key)).delete()

    def get_expiry_age(self, **kwargs: Any) -> int:
        """The cookie of a remembered device outlives the browser; the row decides when it ends."""
        return int(rules.REMEMBERED.longest.total_seconds())

    def get_expire_at_browser_close(self) -> bool:
        return not self.get("remembered")

    @classmethod
    def clear_expired(cls) -> None:
        Session.objects.filter(expires_at__lte=timezone.now()).delete()
