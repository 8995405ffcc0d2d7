"""Matters of the years before the hall, from the system that kept them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import NAMESPACE_OID, uuid5

from django.db import transaction
from django.utils import timezone

from yanta.kernel.base.bulk import new_ids
from yanta.kernel.organisation.models import OrgUnit
from yanta.kernel.workflow.offering import Service, service_named
from yanta.systems.hall.models import Matter, Rating
from yanta.systems.hall.rules import duties
from yanta.systems.hall.services import handing_in


@dataclass(frozen=True, slots=True)
class Past:
    """A row that is over: whose it was, from when to when, and the stars it was given."""

    row_id: int
    applicant_id: int
    handed_in_at: datetime
    ended_at: datetime
    stars: int | None = None
    text: str = ""


@transaction.atomic
def bring(service_key: str, noun: str, rows: Iterable[Past]) -> int:
    """Those that the hall has already are left as they are."""
    service = service_named(service_key)
    unit = handing_in.unit_named(service.owner)
    known = set(Matter.objects.filter(subject_type=noun).values_list("subject_id", flat=True))
    fresh = [one for one in rows if one.row_id not in known]
    keys = new_ids(Matter, len(fresh))
    matters = [_matter(key, service, unit, noun, one) for key, one in zip(keys, fresh, strict=True)]
    Matter.objects.bulk_create(matters, batch_size=1000)
    pairs = [(one, matter) for one, matter in zip(fresh, matters, strict=True) if one.stars is not None]
    Rating.objects.bulk_create([_rating(one, matter) for one, matter in pairs], batch_size=1000)
    return len(fresh)


def _matter(key: int, service: Service, unit: OrgUnit, noun: str, past: Past) -> Matter:
    day = timezone.localtime(past.handed_in_at).date()
    return Matter(
        pk=key, number=f"{day:%Y%m%d}{key:06d}", service=service.key, title=service.title, department=unit,
        applicant_id=past.applicant_id, subject_type=noun, subject_id=past.row_id, state=Matter.State.DONE,
        token=uuid5(NAMESPACE_OID, f"{noun} {past.row_id}"), handed_in_at=past.handed_in_at, ended_at=past.ended_at,
        due_on=duties.working_days_after(day, service.days) if service.days else None,
    )  # fmt: skip


def _rating(past: Past, matter: Matter) -> Rating:
    """Dated by the end; what was said before the hall was there is owed no answer any more."""
    day: date = timezone.localtime(past.ended_at).date()
    return Rating(
        matter=matter,
        service=matter.service,
        title=matter.title,
        stars=past.stars,
        text=past.text[:500],
        rated_on=day,
    )
