"""What happens to a plan."""

from dataclasses import dataclass

from yanta.kernel.events import Event
from yanta.kernel.notify import template


@dataclass(frozen=True)
class PlanPublished(Event):
    """Everybody of the cohort is held against this version from now on."""

    plan_id: int


@dataclass(frozen=True)
class PlanSentBack(Event):
    plan_id: int
    opinion: str


template(
    "curricula.sent_back",
    title="培养方案被退回：{{ plan }}",
    body="意见：{{ opinion }}",
    icon="certificate",
)
