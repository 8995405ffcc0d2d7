"""Handing in: the operation of the service, its matter, its process, in one transaction and only once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

import pghistory
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from yanta.kernel import audit, workflow
from yanta.kernel.base import Actor, Refused
from yanta.kernel.base.bulk import new_ids
from yanta.kernel.events import publish
from yanta.kernel.files.models import StoredFile
from yanta.kernel.organisation.models import OrgUnit
from yanta.kernel.people.models import Person
from yanta.kernel.workflow.models import Instance, WorkItem
from yanta.kernel.workflow.offering import Service
from yanta.systems.hall import events
from yanta.systems.hall.models import Affair, Attachment, Draft, Matter, Version
from yanta.systems.hall.rules import duties


@dataclass(slots=True)
class Filled:
    """What came from the form: the operation's parameters, or the answers to a designed form."""

    parameters: dict[str, Any] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    sources: dict[str, dict[str, str]] = field(default_factory=dict)
    files: list[tuple[str, StoredFile]] = field(default_factory=list)
    version: Version | None = None
    asked: int = 0
    saved: int = 0


def hand_in(
    service: Service,
    filled: Filled,
    *,
    actor: Actor,
    applicant: Person,
    token: UUID,
    affair: Affair | None = None,
) -> Matter:
    """The matter; the same one when the same page is sent twice."""
    with transaction.atomic(), pghistory.context(operation="hall.matter.hand_in", actor=actor.name):
        one_at_a_time(token)
        known = Matter.objects.filter(token=token).first()
        if known is not None:
            return known
        matter = _begun(service, filled, actor=actor, applicant=applicant, token=token, affair=affair)
        if filled.version is None:
            _carry_out(service, filled, matter, actor=actor, applicant=applicant)
        else:
            _set_out(service, filled, matter, actor=actor)
        _told(service, matter, actor)
    return matter


def one_at_a_time(token: UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [str(token)])


def _begun(
    service: Service, filled: Filled, *, actor: Actor, applicant: Person, token: UUID, affair: Affair | None
) -> Matter:
    by_other = actor.person_id if actor.person_id != applicant.pk else None
    matter = blank(service, applicant=applicant, at=timezone.now())
    matter.handed_in_by_id, matter.token, matter.affair = by_other, token, affair
    matter.asked, matter.saved, matter.version = filled.asked, filled.saved, filled.version
    if filled.version is not None:
        matter.answers = {"values": as_json(filled.values), "sources": filled.sources}
    return matter


def blank(service: Service, *, applicant: Person, at: datetime) -> Matter:
    """A matter of this service that is not stored yet."""
    key = new_ids(Matter, 1)[0]
    day = timezone.localtime(at).date()
    return Matter(
        pk=key, number=f"{day:%Y%m%d}{key:06d}", service=service.key, title=service.title, applicant=applicant,
        department=unit_named(service.owner), handed_in_at=at,
        due_on=duties.working_days_after(day, service.days) if service.days else None,
    )  # fmt: skip


def unit_named(name: str) -> OrgUnit:
    """The unit that owns a service; the school itself where the name is nobody's."""
    units = OrgUnit.objects.filter(valid_to=None)
    found = units.filter(Q(name=name) | Q(short_name=name)).order_by("depth").first() or units.first()
    if found is None:
        raise Refused("学校的组织机构还没有建立")
    return found


def _carry_out(service: Service, filled: Filled, matter: Matter, *, actor: Actor, applicant: Person) -> None:
    """A service of code: its operation makes the row, which the matter points at."""
    if service.apply is None:
        raise Refused("这一事项不在这里受理")
    parameters = dict(filled.parameters)
    if "applicant" in {one.name for one in service.questions}:
        parameters["applicant"] = applicant
    subject = service.apply(actor=actor, **parameters)
    if hasattr(subject, "_meta"):
        matter.subject_type, matter.subject_id = subject._meta.label_lower, subject.pk
        matter.instance = workflow.instance_of(subject, service.process) if service.process else None
    if matter.instance is None and service.process is None:
        # Nobody has to decide: the operation itself was the answer.
        matter.state, matter.ended_at = Matter.State.DONE, matter.handed_in_at
    matter.save(force_insert=True)


def _set_out(service: Service, filled: Filled, matter: Matter, *, actor: Actor) -> None:
    """A designed service: the matter itself is what its process decides."""
    matter.save(force_insert=True)
    Attachment.objects.bulk_create(
        Attachment(matter=matter, question=name, file=file) for name, file in filled.files
    )
    instance = workflow.start(service.process or "hall.handling", subject=matter, actor=actor)
    matter.refresh_from_db()
    matter.instance = instance
    matter.save(update_fields=["instance", "updated_at"])


def _told(service: Service, matter: Matter, actor: Actor) -> None:
    Draft.objects.filter(person_id=actor.person_id, service=service.key).delete()
    audit.record(
        "hall.matter.hand_in", actor=actor, subject=matter, summary=f"提交{service.title}",
        data={"saved": matter.saved, "asked": matter.asked, "for": matter.applicant.number},
    )  # fmt: skip
    publish(events.MatterHandedIn(matter_id=matter.pk, service=service.key, saved=matter.saved))


def as_json(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(one) for one in value]
    return as_json(value) if isinstance(value, Mapping) else value


def record_started(instance: Instance, service: Service) -> Matter | None:
    """A matter that was handed in elsewhere (by the API, on the noun's own page) stands in the hall all the same."""
    if instance.applicant_id is None or instance.subject_type == Matter._meta.label_lower:
        return None
    known = Matter.objects.filter(subject_type=instance.subject_type, subject_id=instance.subject_id).first()
    if known is not None and known.instance_id is None:
        known.instance = instance
        known.save(update_fields=["instance", "updated_at"])
    if known is not None:
        return known
    applicant = Person.objects.get(pk=instance.applicant_id)
    matter = blank(service, applicant=applicant, at=instance.started_at)
    matter.subject_type, matter.subject_id = instance.subject_type, instance.subject_id
    matter.instance = instance
    matter.save(force_insert=True)
    return matter


def hand_in_mended(matter: Matter, filled: Filled, *, item: WorkItem, actor: Actor) -> None:
    """A matter that was sent back, filled in anew; it goes on in the form of today."""
    with transaction.atomic(), pghistory.context(operation="hall.matter.hand_in", actor=actor.name):
        held = Matter.objects.select_for_update().get(pk=matter.pk)
        held.answers = {"values": as_json(filled.values), "sources": filled.sources}
        held.version, held.asked, held.saved = filled.version, filled.asked, filled.saved
        held.save(update_fields=["answers", "version", "asked", "saved", "updated_at"])
        Attachment.objects.bulk_create(
            Attachment(matter=held, question=name, file=file) for name, file in filled.files
        )
        workflow.act(item, workflow.Verb.APPROVE, actor=actor, opinion="已补正")
        audit.record("hall.matter.hand_in", actor=actor, subject=held, summary=f"补正{held.title}")
