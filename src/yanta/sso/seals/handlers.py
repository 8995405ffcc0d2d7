"""Applicants and holders hear what became of it."""

from yanta.kernel.base import Actor
from yanta.kernel.events import on
from yanta.sso.seals import events, telling


@on(events.RequestMoved)
def tell_of_seal_request(event: events.RequestMoved, *, actor: Actor) -> None:
    telling.tell_applicant(event.request_id)


@on(events.CertificateEnded)
def tell_of_certificate(event: events.CertificateEnded, *, actor: Actor) -> None:
    telling.tell_holder(event.certificate_id)
