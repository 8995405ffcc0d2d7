"""Messages for what happened to a timetable; and changed tasks of a locked term."""

from yanta.kernel.base import Actor
from yanta.kernel.events import on
from yanta.systems.offerings import events as offerings
from yanta.systems.timetables import events, services
from yanta.systems.timetables.services import adjusting, publishing


@on(events.TimetablePublished)
def tell_published(event: events.TimetablePublished, *, actor: Actor) -> None:
    publishing.tell_published(event.version_id, event.moved)


@on(events.MeetingAdjusted)
def tell_adjusted(event: events.MeetingAdjusted, *, actor: Actor) -> None:
    adjusting.tell(event.adjustment_id)


@on(offerings.SectionChanged)
def follow_the_task(event: offerings.SectionChanged, *, actor: Actor) -> None:
    services.refresh(event.section_id)
