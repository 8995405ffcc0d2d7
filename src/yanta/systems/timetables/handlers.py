"""Messages for what happened to a timetable."""

from yanta.kernel.base import Actor
from yanta.kernel.events import on
from yanta.systems.timetables import events
from yanta.systems.timetables.services import adjusting, publishing


@on(events.TimetablePublished)
def tell_published(event: events.TimetablePublished, *, actor: Actor) -> None:
    publishing.tell_published(event.version_id, event.moved)


@on(events.MeetingAdjusted)
def tell_adjusted(event: events.MeetingAdjusted, *, actor: Actor) -> None:
    adjusting.tell(event.adjustment_id)
