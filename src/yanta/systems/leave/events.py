"""What happens to a leave."""

from dataclasses import dataclass

from yanta.kernel.events import Event


@dataclass(frozen=True)
class LeaveAsked(Event):
    leave_id: int


@dataclass(frozen=True)
class LeaveDecided(Event):
    leave_id: int
    granted: bool
