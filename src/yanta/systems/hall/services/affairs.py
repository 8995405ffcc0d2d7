"""一件事: several services handed in at once, all or none."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID, uuid5

from django.db import transaction
from django.utils import timezone

from yanta.kernel.base import Actor, Refused
from yanta.kernel.people.models import Person
from yanta.kernel.workflow.offering import Bundle, Service
from yanta.systems.hall.models import Affair, Draft
from yanta.systems.hall.services import handing_in


def hand_in(
    bundle: Bundle, chosen: Sequence[tuple[Service, handing_in.Filled]], *, actor: Actor, token: UUID
) -> Affair:
    """The affair with a matter for each service; one that is refused undoes them all, and says which."""
    applicant = Person.objects.get(pk=actor.person_id)
    with transaction.atomic():
        handing_in.one_at_a_time(token)
        known = Affair.objects.filter(token=token).first()
        if known is not None:
            return known
        affair = Affair.objects.create(
            key=bundle.key, title=bundle.title, applicant=applicant, token=token, handed_in_at=timezone.now()
        )
        for service, filled in chosen:
            _one(service, filled, affair, actor=actor, applicant=applicant)
        Draft.objects.filter(person=applicant, service=f"affair:{bundle.key}").delete()
    return affair


def _one(
    service: Service, filled: handing_in.Filled, affair: Affair, *, actor: Actor, applicant: Person
) -> None:
    try:
        handing_in.hand_in(
            service, filled, actor=actor, applicant=applicant, token=uuid5(affair.token, service.key), affair=affair
        )  # fmt: skip
    except Refused as refusal:
        raise Refused(
            f"“{service.title}”：{refusal.message}", field=refusal.field, rule=refusal.rule
        ) from refusal
