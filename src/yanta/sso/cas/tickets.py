"""Issuing tickets and using them up."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone

from yanta.kernel.base import fixed
from yanta.kernel.base.fixed import Fixed, Given
from yanta.sso.applications import public as sso
from yanta.sso.cas.models import CasService, Ticket

LASTS = {Ticket.Kind.SERVICE: timedelta(seconds=60), Ticket.Kind.PROXY: timedelta(seconds=60)}
GRANTING_LASTS = timedelta(hours=12)
# Kept a while after its time, so that a replay is told from nonsense.
KEPT = timedelta(days=1)
_USE_UP = "UPDATE cas_ticket SET used_at = %s WHERE digest = %s AND kind <> 'PGT' AND used_at IS NULL"
# Of the person, what is sealed and nearly never told: to open it costs more than to read it when it is.
_NOT_TOLD = ("account__person__id_number", "account__person__phone", "account__person__bank_account")
_BROUGHT = Fixed(
    lambda: (
        Ticket.objects.filter(digest=Given("digest", models.CharField()))
        .exclude(kind=Ticket.Kind.GRANTING)
        .select_related("application__owner", "account__person__home_unit", "session", "entry")
        .defer(*_NOT_TOLD)
    )
)


def digest_of(ticket: str) -> str:
    return hashlib.sha256(ticket.encode()).hexdigest()


def service_at(url: str) -> CasService | None:
    """The registered service that an address belongs to; the longest registration wins."""
    place = sso.place_of(url)
    if place is None:
        return None
    near = CasService.objects.filter(url__istartswith=f"{place.scheme}://{place.host.split(':')[0]}")
    found = [
        one for one in near.select_related("application__owner", "application__contact") if one.covers(url)
    ]
    return max(found, key=lambda one: len(one.url), default=None)


def issue(kind: Ticket.Kind, service: str, admitted: sso.Admitted, application: sso.Application) -> str:
    """A ticket for a service that somebody was admitted to."""
    text = f"{kind}-{secrets.token_urlsafe(32)}"
    entry = sso.enter(admitted.session, application, protocol="cas", service=service, handle=text)
    Ticket.objects.create(
        digest=digest_of(text), kind=kind, service=service, application=application, account=admitted.account,
        session=admitted.session, entry=entry, is_fresh=admitted.is_fresh, shown_at=admitted.shown_at,
        expires_at=timezone.now() + LASTS[kind],
    )  # fmt: skip
    return text


def issue_proxy(granting: Ticket, service: str, application: sso.Application) -> str:
    """A ticket that a proxy gets on behalf of whoever it was granted for."""
    text = f"PT-{secrets.token_urlsafe(32)}"
    entry = sso.enter(granting.session, application, protocol="cas", service=service, handle=text)
    Ticket.objects.create(
        digest=digest_of(text), kind=Ticket.Kind.PROXY, service=service, application=application,
        account=granting.account, session=granting.session, entry=entry, shown_at=granting.shown_at,
        proxies=granting.proxies, expires_at=timezone.now() + LASTS[Ticket.Kind.PROXY],
    )  # fmt: skip
    return text


def issue_granting(ticket: Ticket, callback: str) -> tuple[str, str]:
    """A proxy-granting ticket and its IOU, from a ticket just validated."""
    text, iou = f"PGT-{secrets.token_urlsafe(48)}", f"PGTIOU-{secrets.token_urlsafe(32)}"
    Ticket.objects.create(
        digest=digest_of(text), kind=Ticket.Kind.GRANTING, service=callback, application=ticket.application,
        account=ticket.account, session=ticket.session, entry=ticket.entry, shown_at=ticket.shown_at,
        proxies=[callback, *ticket.proxies], expires_at=timezone.now() + GRANTING_LASTS,
    )  # fmt: skip
    return text, iou


def use_up(text: str, *, at: datetime) -> tuple[Ticket | None, bool]:
    """The ticket and whether this call, and no other, used it: one conditional update decides."""
    digest = digest_of(text)
    with fixed.cursor() as cursor:
        cursor.execute(_USE_UP, [at, digest])
        is_first = cursor.rowcount == 1
    return _BROUGHT.first(digest=digest), is_first


def granting(text: str, *, at: datetime) -> Ticket | None:
    """A proxy-granting ticket as long as its session lives."""
    found = Ticket.objects.filter(digest=digest_of(text), kind=Ticket.Kind.GRANTING, expires_at__gt=at)
    ticket: Ticket | None = found.select_related("application", "account__person", "session").first()
    return ticket if ticket is not None and sso.is_live(ticket.session, at=at) else None


def clear_old(*, at: datetime) -> int:
    count, _by_model = Ticket.objects.filter(expires_at__lte=at - KEPT).delete()
    return int(count)
