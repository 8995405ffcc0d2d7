"""What happens to a leave."""

from dataclasses import dataclass

from yanta.kernel.events import Event
from yanta.kernel.notify import template


@dataclass(frozen=True)
class LeaveAsked(Event):
    leave_id: int


@dataclass(frozen=True)
class LeaveDecided(Event):
    leave_id: int
    granted: bool


template(
    "leave.decided",
    title="请假{{ result }}：{{ dates }}",
    body="审批意见：{{ opinion }}（{{ by }}）",
    icon="plane-departure",
)
