"""The student hears of the decision."""

from yanta.kernel.base import Actor
from yanta.kernel.events import on
from yanta.systems.leave import events, services


@on(events.LeaveDecided)
def tell_student(event: events.LeaveDecided, *, actor: Actor) -> None:
    services.tell_decision(event.leave_id)
