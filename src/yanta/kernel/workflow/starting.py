"""The beginning of a matter, within the operation that hands it in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from yanta.kernel.base import Actor, Refused
from yanta.kernel.events import publish
from yanta.kernel.workflow import declare, events, storing, versions
from yanta.kernel.workflow.matter import Matter
from yanta.kernel.workflow.models import Instance
from yanta.kernel.workflow.moving import proceed
from yanta.kernel.workflow.verbs import Verb


def start(
    process: str, *, subject: Any, actor: Actor, data: dict[str, Any], now: datetime | None = None
) -> Instance:
    """The instance with its first items; a row that is already under way is refused."""
    declaration = declare.declared(versions.base_of_key(process))
    if not isinstance(subject, declaration.subject):
        raise TypeError(
            f"{process} decides about {declaration.subject.__name__}, not {type(subject).__name__}"
        )
    version = versions.current(process)
    label = subject._meta.label_lower
    now = now or timezone.now()
    with transaction.atomic():
        is_running, has_deputies = storing.opening(process, label, subject.pk, timezone.localdate(now))
        if is_running:
            raise Refused("这件事已经在办理中，不能重复提交", rule="running")
        instance = Instance.objects.create(
            version_id=version.pk, process=process, title=declaration.label(subject)[:200], subject_type=label,
            subject_id=subject.pk, link=declaration.link(subject) if declaration.link else "",
            applicant_id=declaration.applicant(subject), started_by_id=actor.person_id, unit=unit_of(subject), data=data,
            started_at=now,
        )  # fmt: skip
        matter = Matter(instance, [], now=now, subject=subject)
        matter.has_deputies = has_deputies
        matter.begin(Verb.START, actor)
        matter.restart()
        proceed(matter)
        matter.save()
        publish(_started(instance))
    return instance


def _started(instance: Instance) -> events.InstanceStarted:
    return events.InstanceStarted(
        instance_id=instance.pk, process=instance.process, subject_type=instance.subject_type,
        subject_id=instance.subject_id, applicant_id=instance.applicant_id,
    )  # fmt: skip


def unit_of(subject: Any) -> Any:
    """The unit whose row the subject is."""
    if subject.org_path is None:
        return None
    value = subject
    for step in [] if subject.org_path == "self" else subject.org_path.split("__"):
        value = getattr(value, step, None)
    return value
