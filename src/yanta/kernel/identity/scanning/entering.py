"""To an app's page and back: one attempt, one browser, one answer; and whose person the app's user is."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from yanta.kernel.base.texts import clean_identifier
from yanta.kernel.identity.models import Account
from yanta.kernel.identity.scanning.adapters import Told, adapter_of
from yanta.kernel.identity.scanning.asking import Distrusted
from yanta.kernel.identity.scanning.campus import digest_of
from yanta.kernel.identity.scanning.models import ScanApp, ScanAttempt, ScanLink
from yanta.kernel.people.models import Affiliation, Person

WAITS = timedelta(minutes=5)
KEPT_STATES = 5
STATES = "scan_states"


def callback_of(app: ScanApp) -> str:
    """One address for each app, so that no answer is taken for another app's."""
    return f"{settings.SITE_ADDRESS}{reverse('scan-callback', args=[app.kind])}"


def begin(request: HttpRequest, app: ScanApp, *, onward: str, account: Account | None = None) -> str:
    """The app's page to go to; this browser, and no other, may come back from it."""
    state = secrets.token_urlsafe(24)
    ScanAttempt.objects.create(
        digest=digest_of(state), app=app, account=account, onward=onward[:2000], expires_at=timezone.now() + WAITS
    )  # fmt: skip
    request.session[STATES] = [*request.session.get(STATES, []), state][-KEPT_STATES:]
    return adapter_of(app).page(app, state, callback_of(app))


def arrived(
    request: HttpRequest, app: ScanApp, given: Mapping[str, str], *, at: datetime
) -> tuple[ScanAttempt, Told]:
    """Who came back, in the browser that left; the attempt is used up whatever comes of it."""
    adapter, state, states = adapter_of(app), given.get("state", "")[:64], request.session.get(STATES, [])
    if not state or state not in states:
        raise Distrusted("state", "这次扫码不是从这个浏览器开始的，或已经完成，请重新登录")
    request.session[STATES] = [one for one in states if one != state]
    attempt = ScanAttempt.objects.select_related("account").filter(digest=digest_of(state), app=app).first()
    if attempt is None or attempt.expires_at <= at:
        raise Distrusted("state", "这次扫码已经过期，请重新登录")
    if not ScanAttempt.objects.filter(pk=attempt.pk, used_at=None).update(used_at=at):
        raise Distrusted("replay", "这次扫码已经用过，请重新登录")
    code = given.get(adapter.answer, "")[:2000]
    if not code:
        raise Distrusted("cancelled", "没有完成扫码，请重新登录")
    return attempt, adapter.told_by(app, code, callback_of(app))


def person_of(app: ScanApp, told: Told, *, at: datetime) -> Person | None:
    """The linked person; else, where the school gives out the app's accounts, the one person with that number."""
    known = ScanLink.objects.select_related("person").filter(app=app, subject=told.subject).first()
    if known is not None:
        ScanLink.objects.filter(pk=known.pk).update(used_at=at)
        return _kept(known.person)
    matched = _matched(told.number) if app.linking == ScanApp.Linking.NUMBER else None
    if matched is None or ScanLink.objects.filter(app=app, person=matched).exists():
        return None
    link(app, told.subject, matched, proof=ScanLink.Proof.NUMBER, at=at)
    return matched


def _kept(person: Person) -> Person:
    """A merged person goes on as the one that is kept."""
    while person.merged_into is not None:
        person = person.merged_into
    return person


def _matched(told: str) -> Person | None:
    number = clean_identifier(told)
    if not number:
        return None
    current = Person.objects.filter(merged_into=None)
    found = set(current.filter(number=number).values_list("pk", flat=True)[:2])
    holders = Affiliation.objects.filter(number=number, person__merged_into=None)
    found |= set(holders.values_list("person_id", flat=True)[:2])
    return current.get(pk=found.pop()) if len(found) == 1 else None


def link(app: ScanApp, subject: str, person: Person, *, proof: ScanLink.Proof, at: datetime) -> ScanLink:
    """One user of the app is one person, and one person one user."""
    known = ScanLink.objects.filter(app=app, subject=subject).first()
    if known is not None and known.person_id == person.pk:
        return known
    try:
        with transaction.atomic():
            return ScanLink.objects.create(app=app, subject=subject, person=person, proof=proof, used_at=at)
    except IntegrityError as error:
        raise Distrusted("link", f"这个{app}账号已经关联给别人，或您已经关联了另一个{app}账号") from error


def clear_old(*, at: datetime) -> int:
    count, _by_model = ScanAttempt.objects.filter(expires_at__lte=at - timedelta(days=1)).delete()
    return int(count)
