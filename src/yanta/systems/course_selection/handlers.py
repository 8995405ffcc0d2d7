"""A published timetable moves the places that students choose."""

from yanta.kernel.base import Actor
from yanta.kernel.events import on
from yanta.systems.course_selection.services import timing
from yanta.systems.timetables import events as timetables


@on(timetables.TimetablePublished)
def follow_the_timetable(event: timetables.TimetablePublished, *, actor: Actor) -> None:
    timing.follow_timetable(event.term_id, event.moved)
