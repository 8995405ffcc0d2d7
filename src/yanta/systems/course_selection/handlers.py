"""What moves the places that students choose: a published timetable, a changed section."""

from yanta.kernel.base import Actor
from yanta.kernel.events import on
from yanta.systems.course_selection.services import carrying, timing
from yanta.systems.offerings import events as offerings
from yanta.systems.timetables import events as timetables


@on(timetables.TimetablePublished)
def follow_the_timetable(event: timetables.TimetablePublished, *, actor: Actor) -> None:
    timing.follow_timetable(event.term_id, event.moved)


@on(offerings.SectionChanged)
def follow_the_section(event: offerings.SectionChanged, *, actor: Actor) -> None:
    carrying.carry([event.section_id])


@on(offerings.CapacityChanged)
def follow_the_capacity(event: offerings.CapacityChanged, *, actor: Actor) -> None:
    carrying.carry_capacity(event.section_id)


@on(offerings.SeatsReserved)
def follow_the_seats(event: offerings.SeatsReserved, *, actor: Actor) -> None:
    carrying.carry_seats(event.section_id)
