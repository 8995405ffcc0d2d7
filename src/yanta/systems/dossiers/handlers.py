"""What is finished goes into the file at once."""

from __future__ import annotations

from yanta.kernel.base import Actor
from yanta.kernel.events import on
from yanta.kernel.workflow.events import InstanceEnded
from yanta.systems.certificates.events import CertificateIssued
from yanta.systems.dossiers import events, services
from yanta.systems.dossiers.services import lending
from yanta.systems.leave.events import LeaveReturned
from yanta.systems.paperwork.events import PaperIssued


@on(InstanceEnded)
def keep_ended_matter(event: InstanceEnded, *, actor: Actor) -> None:
    if event.applicant_id is not None:
        services.collect([event.applicant_id])


@on(CertificateIssued)
def keep_certificate(event: CertificateIssued, *, actor: Actor) -> None:
    services.collect([event.person_id])


@on(LeaveReturned)
def keep_leave(event: LeaveReturned, *, actor: Actor) -> None:
    services.collect([event.person_id])


@on(PaperIssued)
def keep_decided_form(event: PaperIssued, *, actor: Actor) -> None:
    services.collect([event.person_id])


@on(events.LoanDecided)
def tell_of_loan(event: events.LoanDecided, *, actor: Actor) -> None:
    lending.tell_decision(event.loan_id)
