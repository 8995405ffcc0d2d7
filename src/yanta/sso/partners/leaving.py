"""What began at a partner ends with it: the stays, their sessions, and the way to the partner's own sign-out."""

from __future__ import annotations

import hashlib
import json
import secrets
from datetime import datetime

from django.core import signing
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from yanta.kernel.identity import log, visiting
from yanta.kernel.identity.devices import Device
from yanta.kernel.identity.models import Account, Session, SignIn
from yanta.kernel.identity.rules import ORDINARY
from yanta.kernel.identity.visiting import Way
from yanta.sso.partners import by_cas, by_oidc, off_saml
from yanta.sso.partners.models import Partner, Stay
from yanta.sso.partners.off_saml import Sending
from yanta.sso.partners.rules import SHORTEST_SECRET, Distrusted, Found

SALT = "partners.leaving"
OFFERED_SECONDS = 1800
Kind = Partner.Kind


def mark_of(session: str) -> str:
    return hashlib.sha256(session.encode()).hexdigest() if session else ""


def begin(partner: Partner, account: Account, found: Found, *, at: datetime) -> str:
    """The origin of the session that is about to open."""
    key = secrets.token_urlsafe(32)
    Stay.objects.create(
        key=key, partner=partner, account=account, subject=found.subject, mark=mark_of(found.session),
        told=json.dumps(dict(found.told)), began_at=at,
    )  # fmt: skip
    return key


# The partner says that somebody has left


def of_session(partner: Partner, *, session: str, subject: str) -> QuerySet[Stay]:
    """The stays that a partner's word is about: that session; of whom it never named one, all; without a session, all."""
    stays = Stay.objects.filter(partner=partner)
    if not session:
        return stays.filter(subject=subject) if subject else stays.none()
    named = Q(mark=mark_of(session))
    return stays.filter(named | Q(mark=""), subject=subject) if subject else stays.filter(named)


def of_sessions(partner: Partner, *, sessions: tuple[str, ...], subject: str) -> QuerySet[Stay]:
    """The same of several sessions of one subject."""
    stays = Stay.objects.filter(partner=partner, subject=subject)
    return stays.filter(mark__in=["", *map(mark_of, sessions)]) if sessions else stays


def end(meant: QuerySet[Stay]) -> list[Account]:
    """These stays and every session that stands on one; a session that is opening meanwhile opens no more. Whose they were."""
    with transaction.atomic():
        stays = list(meant.select_related("account").select_for_update(of=("self",)))
        Stay.objects.filter(pk__in=[one.pk for one in stays]).delete()
        ended = Session.objects.filter(origin__in=[one.key for one in stays])
        for session in ended.exclude(account=None).select_related("account"):
            _log_out(session)
        ended.delete()
    return [one.account for one in stays]


def _log_out(session: Session) -> None:
    account = session.account
    assert account is not None  # noqa: S101 - asked for above
    log.record(
        SignIn.Outcome.SIGNED_OUT, account=account, login=account.username, method="partner", at=timezone.now(),
        device=Device(session.address, session.agent),
    )  # fmt: skip


def named_by_browser(request: HttpRequest, partner: Partner, *, issuer: str, session: str) -> QuerySet[Stay]:
    """Front-channel logout is not signed: it must name a session that cannot be guessed, or come from its very browser."""
    if issuer != partner.issuer:
        raise Distrusted("issuer", "退出通知来自另一个登录方，或没有写明来自谁")
    row = getattr(request.session, "row", None) if request.user.is_authenticated else None
    meant = of_session(partner, session=session, subject="")
    is_own = row is not None and bool(row.origin) and meant.filter(key=row.origin).exists()
    if not is_own and len(session) < SHORTEST_SECRET:
        raise Distrusted("sid", "退出通知没有写明哪一次登录（sid），或它短得可以猜中")
    return meant


# Somebody leaves here


@visiting.elsewhere
def _still_there(request: HttpRequest) -> Way | None:
    """Asked before the session closes; the way out holds for half an hour."""
    origin = request.session.row.origin if request.user.is_authenticated else ""  # type: ignore[attr-defined]  # our middleware sets it
    stay = Stay.objects.select_related("partner").filter(key=origin).first() if origin else None
    if stay is None or not stay.partner.is_open:
        return None
    kept = signing.dumps(stay.key, salt=SALT)
    return Way(stay.partner.name, f"{reverse('partner-leave', args=[stay.partner.code])}?k={kept}")


def offered(partner: Partner, kept: str) -> Stay | None:
    """The stay of a way out that we offered a while ago."""
    try:
        key = signing.loads(kept, salt=SALT, max_age=OFFERED_SECONDS)
    except signing.BadSignature:
        return None
    found: Stay | None = Stay.objects.select_related("account").filter(partner=partner, key=key).first()
    return found


def way_out(stay: Stay) -> Sending | None:
    """The partner's own sign-out; None where it offers none."""
    partner, told = stay.partner, json.loads(str(stay.told))
    if partner.kind == Kind.SAML:
        sending = off_saml.request(partner, stay.subject, told)
        if sending is not None:
            Stay.objects.filter(pk=stay.pk).update(asked=sending.number)
        return sending
    url = by_cas.leading_out(partner) if partner.kind == Kind.CAS else by_oidc.leading_out(partner, told)
    return Sending(url, {}) if url else None


def answered(partner: Partner, found: off_saml.Answered) -> Stay:
    """The stay whose end we asked for, once; what answers nothing that we asked is not believed."""
    stay = (
        Stay.objects.select_related("account").filter(partner=partner, asked=found.number).exclude(asked="")
    )
    with transaction.atomic():
        row = stay.select_for_update(of=("self",)).first()
        if row is None:
            raise Distrusted("in_response_to", "回答的不是我们发出的退出请求")
        Stay.objects.filter(pk=row.pk).update(asked="")
    return row


def clear_old(*, at: datetime) -> int:
    """No session that stands on them lives longer."""
    count, _by_model = Stay.objects.filter(began_at__lte=at - ORDINARY.longest).delete()
    return int(count)
