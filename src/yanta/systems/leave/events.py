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


@dataclass(frozen=True)
class LeaveReturned(Event):
    """The student is back and has said so: the leave is over."""

    leave_id: int
    person_id: int


template(
    "leave.decided",
    title="请假{{ result }}：{{ dates }}",
    body="审批意见：{{ opinion }}（{{ by }}）",
    icon="plane-departure",
)
template(
    "leave.overdue",
    title="{{ name }}请假 {{ ends_on }} 已到期，还没有销假",
    body="已超期 {{ days }} 天。回来了请销假；还不能回来请续假。",
    urgent=True,
    icon="alert-triangle",
)
