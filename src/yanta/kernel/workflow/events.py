"""What processes tell other systems, and people."""

from __future__ import annotations

from dataclasses import dataclass

from yanta.kernel.events import Event
from yanta.kernel.notify import template


@dataclass(frozen=True)
class InstanceStarted(Event):
    instance_id: int
    process: str
    subject_type: str
    subject_id: int
    applicant_id: int | None


@dataclass(frozen=True)
class InstanceEnded(Event):
    """`outcome` is granted, refused, withdrawn, terminated, or what the end event is drawn with."""

    instance_id: int
    process: str
    subject_type: str
    subject_id: int
    applicant_id: int | None
    outcome: str


ARRIVED = template(
    "workflow.arrived", title="待办：{{ title }}（{{ node }}）", body="{{ detail }}", icon="checklist"
)
URGED = template(
    "workflow.urged", title="催办：{{ title }}（{{ node }}）", body="{{ by }}：{{ text }}", urgent=True
)
RETURNED = template(
    "workflow.returned", title="被退回：{{ title }}", body="{{ by }}：{{ text }}", icon="arrow-back-up"
)
COPIED = template("workflow.copied", title="传阅：{{ title }}", body="{{ by }}：{{ text }}", icon="eye")
ENDED = template("workflow.ended", title="{{ title }}：{{ outcome }}", body="{{ text }}", icon="flag-check")
OVERDUE = template(
    "workflow.overdue", title="{{ word }}：{{ title }}（{{ node }}）", body="期限 {{ due }}", urgent=True
)
STUCK = template("workflow.stuck", title="没有办理人：{{ title }}", body="{{ text }}", icon="alert-triangle")
