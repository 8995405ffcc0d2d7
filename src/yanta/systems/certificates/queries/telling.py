"""What the public learns of a certificate."""

from __future__ import annotations

import re
import secrets
from datetime import date, timedelta

from django.db.models import F
from django.utils import timezone

from yanta.kernel.base.elements import known
from yanta.sso.seals.public import Told, finds, tells
from yanta.sso.seals.rules import masked_name
from yanta.systems.certificates.models import Certificate
from yanta.systems.certificates.queries import filling
from yanta.systems.certificates.rules import limits, worth

_TYPED = re.compile(r"^([A-Z]{2,6}\d{10})[\s\-,，]+([0-9A-Z]{6})$")


def worth_of(certificate: Certificate, *, on: date) -> worth.Worth:
    """Asked of the data as they are today."""
    now, changed = "", []
    if certificate.state == Certificate.State.ISSUED:
        audience = certificate.kind.audience
        watched = limits.WATCHED[audience]
        state = known([certificate.person_id], [watched], on=on)[certificate.person_id].get(watched)
        if state is None or not limits.may_have(audience, str(state.value)):
            now = state.shown if state else "没有在校的学籍或任职"
        changed = filling.changed_since(certificate.facts, certificate.person_id, on=on) if not now else []
    return worth.worth_of(
        state=certificate.state,
        valid_to=certificate.valid_to,
        on=on,
        reason=certificate.opinion,
        now=now,
        changed=changed,
    )


@tells
def told(number: str, *, whole: bool) -> Told | None:
    """On the page on which anybody verifies a document; who did not bring the file sees the surname only."""
    rows = Certificate.objects.filter(document=number).select_related("kind__unit", "person")
    certificate = rows.first()
    if certificate is None or certificate.issued_at is None:
        return None
    now = timezone.now()
    _note_check(certificate)
    found = worth_of(certificate, on=timezone.localdate(now))
    name = certificate.person.name
    return Told(certificate.kind.name, found.word, found.text, found.tone, (
        ("持证人", name if whole else masked_name(name)), ("证明编号", certificate.number or ""),
        ("开具日期", f"{timezone.localdate(certificate.issued_at)}"), ("有效期至", f"{certificate.valid_to or '长期'}"),
        ("出具单位", certificate.kind.unit.name),
    ))  # fmt: skip


def _note_check(certificate: Certificate) -> None:
    """The holder learns that somebody looked; one person's reloads count once a minute."""
    now = timezone.now()
    fresh = Certificate.objects.filter(pk=certificate.pk).exclude(checked_at__gt=now - timedelta(minutes=1))
    fresh.update(checks=F("checks") + 1, checked_at=now)


@finds
def number_of(text: str) -> str | None:
    """“ZD2026000123 K7M2Q9”: the number is easily guessed, so the code must be right too."""
    typed = _TYPED.match(text.strip().upper())
    if typed is None:
        return None
    found = (
        Certificate.objects.filter(number=typed[1])
        .exclude(document="")
        .values_list("code", "document")
        .first()
    )
    return found[1] if found and secrets.compare_digest(found[0], typed[2]) else None
