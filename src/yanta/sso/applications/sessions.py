"""The sign-on session of a browser and what is entered with it."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.contrib.auth import get_user_model
from django.db import IntegrityError, models, transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from yanta.kernel.base.fixed import Fixed, Given
from yanta.kernel.identity.models import Account, Session
from yanta.sso.applications.models import Application, Entry, SsoSession

SID_BYTES = 24
USED_EVERY = timedelta(minutes=1)
KEPT = timedelta(days=400)
_LIVE = Fixed(
    lambda: Session.objects.only("pk").filter(
        pk=Given("session", models.BigIntegerField()), expires_at__gt=Given("at", models.DateTimeField()),
        account_id=Given("account", models.BigIntegerField()), account__state=Account.State.ACTIVE,
    )
)  # fmt: skip


def session_of(request: HttpRequest) -> SsoSession:
    """The sign-on session of a signed-in browser, opened with the first application it enters."""
    row = request.session.row  # type: ignore[attr-defined]  # our middleware sets it
    open_ones = SsoSession.objects.filter(session_id=row.pk, ended_at=None)
    found: SsoSession | None = open_ones.first()
    if found is not None:
        return found
    try:
        with transaction.atomic():
            return SsoSession.objects.create(
                sid=secrets.token_urlsafe(SID_BYTES), account_id=row.account_id, session_id=row.pk
            )
    except IntegrityError:
        return open_ones.get()


def enter(
    session: SsoSession, application: Application, *, protocol: str, service: str = "", handle: str = ""
) -> Entry:
    """One more ticket of this session; its holder is told when the session ends."""
    now = timezone.now()
    return Entry.objects.create(
        session=session, application=application, protocol=protocol, service=service, handle=handle,
        entered_at=now, used_at=now,
    )  # fmt: skip


def enter_once(
    session: SsoSession, application: Application, *, protocol: str, service: str = "", handle: str = ""
) -> Entry:
    """The entry of protocols that know a session, not tickets: the same one however often it is entered."""
    known: Entry | None = Entry.objects.filter(
        session=session, application=application, protocol=protocol, service=service, notice=Entry.Notice.OPEN
    ).first()
    if known is None:
        return enter(session, application, protocol=protocol, service=service, handle=handle)
    touch(known)
    return known


def touch(entry: Entry) -> None:
    """Note the use, once a minute at most."""
    now = timezone.now()
    if now - entry.used_at >= USED_EVERY:
        entry.used_at = now
        Entry.objects.filter(pk=entry.pk).update(used_at=now)


def is_live(session: SsoSession, *, at: datetime) -> bool:
    """Whether the browser still is signed in, with an account that may."""
    if session.ended_at is not None:
        return False
    found = _LIVE.first(session=session.session_id, at=at, account=session.account_id)
    return found is not None


def open_entries(account_id: int) -> QuerySet[Entry]:
    """What somebody is signed in to, in all browsers."""
    return Entry.objects.filter(
        session__account_id=account_id, session__ended_at=None, notice=Entry.Notice.OPEN
    ).select_related("application", "session")  # fmt: skip


def leave(entries: QuerySet[Entry]) -> int:
    """These entries end now, the session goes on; the applications are told by the worker."""
    now = timezone.now()
    return entries.filter(notice=Entry.Notice.OPEN).update(
        ended_at=now, notice=Entry.Notice.WAITING, due_at=now
    )


def end_expired(*, at: datetime) -> int:
    """Sessions whose browser's session ran out, or whose account was closed, end too."""
    gone = Session.objects.filter(expires_at__lte=at).values("pk")
    lost = get_user_model()._default_manager.exclude(state=Account.State.ACTIVE).values("pk")
    still_open = SsoSession.objects.filter(ended_at=None)
    ended = still_open.filter(session_id__in=gone).update(ended_at=at, ending=SsoSession.Ending.EXPIRED)
    return int(ended) + int(
        still_open.filter(account_id__in=lost).update(ended_at=at, ending=SsoSession.Ending.ENDED)
    )


def clear_old(*, at: datetime) -> int:
    """Sessions that ended more than a year ago, with their entries."""
    count, _by_model = SsoSession.objects.filter(ended_at__lte=at - KEPT).delete()
    return int(count)
