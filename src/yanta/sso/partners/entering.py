"""From a partner's button to somebody of ours: the way there, the way back, and whose person it is."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone

from yanta.kernel.base.texts import clean_identifier, masked
from yanta.kernel.identity.models import Account
from yanta.kernel.people.models import Affiliation, Person
from yanta.sso.partners import by_cas, by_oidc, by_saml
from yanta.sso.partners.models import Attempt, Link, Partner, Stranger
from yanta.sso.partners.rules import Distrusted, Found

WAITS = timedelta(minutes=10)
KEPT_STATES = 5
Kind, Linking = Partner.Kind, Partner.Linking


def digest_of(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()


def begin(request: HttpRequest, partner: Partner, *, onward: str, account: Account | None = None) -> str:
    """The partner's page to go to; this browser, and no other, may come back from it."""
    state = secrets.token_urlsafe(24)
    attempt = Attempt.objects.create(
        digest=digest_of(state), partner=partner, account=account, nonce=secrets.token_hex(16),
        verifier=secrets.token_urlsafe(48), onward=onward[:2000], expires_at=timezone.now() + WAITS,
    )  # fmt: skip
    request.session["partner_states"] = [*request.session.get("partner_states", []), state][-KEPT_STATES:]
    if partner.kind == Kind.SAML:
        return by_saml.leading(partner, attempt, state)
    if partner.kind == Kind.CAS:
        return by_cas.leading(partner, state, fresh=account is not None)
    return by_oidc.leading(partner, attempt, state)


def expected(partner: Partner, state: str, *, at: datetime) -> Attempt:
    """The attempt that an answer belongs to: this partner's, in time, not answered yet."""
    found: Attempt | None = Attempt.objects.filter(digest=digest_of(state)).select_related("account").first()
    if found is None or found.expires_at <= at or found.used_at:
        raise Distrusted("state", "这次登录已经完成、过期，或不是从这里开始的，请重新登录")
    if found.partner_id != partner.pk:
        raise Distrusted("mix_up", "回答来自另一个登录方")
    return found


def keep_assertion(partner: Partner, form: Mapping[str, str], *, at: datetime) -> str:
    """A form from elsewhere brings no cookie: prove it now, and let the browser come back with the cookie. Returns the state."""
    state = form.get("RelayState", "")[:64]
    attempt = expected(partner, state, at=at)
    found = by_saml.found_by(partner, attempt, form, at=at)
    text = json.dumps(asdict(found), ensure_ascii=False)
    Attempt.objects.filter(pk=attempt.pk, used_at=None).update(found=text)
    return state


def arrived(
    request: HttpRequest, partner: Partner, given: Mapping[str, str], *, at: datetime
) -> tuple[Attempt, Found]:
    """Who came back, in the browser that left; the attempt is used up whatever comes of it."""
    state = given.get("state", "")[:64]
    states = request.session.get("partner_states", [])
    if not state or state not in states:
        raise Distrusted("state", "这次登录不是从这个浏览器开始的，请重新登录")
    attempt = expected(partner, state, at=at)
    request.session["partner_states"] = [one for one in states if one != state]
    if not Attempt.objects.filter(pk=attempt.pk, used_at=None).update(used_at=at):
        raise Distrusted("replay", "这次登录已经完成，请重新登录")
    if partner.kind == Kind.OIDC:
        return attempt, by_oidc.found_by(partner, attempt, given, at=at)
    if partner.kind == Kind.CAS:
        return attempt, by_cas.found_by(partner, given, state)
    if not attempt.found:
        raise Distrusted("state", "登录方没有送来断言，请重新登录")
    return attempt, Found(**json.loads(str(attempt.found)))


# Whose person it is


def person_of(partner: Partner, found: Found, *, at: datetime) -> Person | None:
    """The linked person; else, where policy says what proves it, the one person whose verified number is told."""
    known = Link.objects.select_related("person").filter(partner=partner, subject=found.subject).first()
    if known is not None:
        Link.objects.filter(pk=known.pk).update(used_at=at)
        return _kept(known.person)
    matched = _matched(partner, found)
    if matched is None or Link.objects.filter(partner=partner, person=matched).exists():
        return None
    link(partner, found.subject, matched, proof=Link.Proof(partner.linking), at=at)
    return matched


def _kept(person: Person) -> Person:
    """A merged person goes on as the one that is kept."""
    while person.merged_into is not None:
        person = person.merged_into
    return person


def _matched(partner: Partner, found: Found) -> Person | None:
    current = Person.objects.filter(merged_into=None)
    if partner.linking == Linking.NUMBER:
        number = clean_identifier(found.claims.get(partner.number_claim, ""))
        people = set(current.filter(number=number).values_list("pk", flat=True)[:2])
        people |= set(
            Affiliation.objects.filter(number=number, person__merged_into=None).values_list("person_id", flat=True)[:2]
        )  # fmt: skip
        return current.get(pk=people.pop()) if number and len(people) == 1 else None
    if partner.linking == Linking.IDENTITY:
        identity = clean_identifier(found.claims.get(partner.identity_claim, ""))
        same = list(current.filter(id_number=identity)[:2]) if len(identity) >= 15 else []
        return same[0] if len(same) == 1 else None
    return None


def link(partner: Partner, subject: str, person: Person, *, proof: Link.Proof, at: datetime) -> Link:
    """One subject is one person, and one person one subject, at each partner."""
    known = Link.objects.filter(partner=partner, subject=subject).first()
    if known is not None and known.person_id == person.pk:
        return known
    try:
        with transaction.atomic():
            made = Link.objects.create(
                partner=partner, subject=subject, person=person, proof=proof, used_at=at
            )
    except IntegrityError as error:
        raise Distrusted("link", "这个账号已经关联给别人，或您已经关联了对方的另一个账号") from error
    Stranger.objects.filter(partner=partner, subject=subject).update(state=Stranger.State.LINKED)
    return made


def note_stranger(partner: Partner, found: Found, *, at: datetime) -> None:
    """Only where policy wants it, and only what is needed to find out who it is."""
    if partner.unknown != Partner.Unknown.TODO:
        return
    number = (
        masked(found.claims.get(partner.number_claim, "")[:60], head=4, tail=2)
        if partner.number_claim
        else ""
    )
    Stranger.objects.update_or_create(
        partner=partner, subject=found.subject,
        defaults={"told_name": found.name, "told_number": number, "came_at": at},
    )  # fmt: skip


def clear_old(*, at: datetime) -> int:
    count, _by_model = Attempt.objects.filter(expires_at__lte=at - timedelta(days=1)).delete()
    return int(count)
