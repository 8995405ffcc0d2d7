"""Holders hear what becomes of their certificates; rights that end may end certificates."""

from __future__ import annotations

from django.utils import timezone

from yanta.kernel.access.events import RightsChanged
from yanta.kernel.base import Actor
from yanta.kernel.events import on
from yanta.kernel.identity.models import Account
from yanta.systems.certificates import events, services
from yanta.systems.certificates.services import telling


@on(RightsChanged)
def end_certificates_of_who_left(event: RightsChanged, *, actor: Actor) -> None:
    people = (
        Account.objects.filter(pk__in=event.account_ids)
        .exclude(person=None)
        .values_list("person_id", flat=True)
    )
    services.follow(set(people), on=timezone.localdate())


@on(events.CertificateEnded)
def tell_of_ended_certificate(event: events.CertificateEnded, *, actor: Actor) -> None:
    telling.tell_ended(event.certificate_id)


@on(events.CertificateIssued)
def tell_of_issued_certificate(event: events.CertificateIssued, *, actor: Actor) -> None:
    telling.tell_issued(event.certificate_id)


@on(events.CertificateRefused)
def tell_of_refused_certificate(event: events.CertificateRefused, *, actor: Actor) -> None:
    telling.tell_refused(event.certificate_id)
