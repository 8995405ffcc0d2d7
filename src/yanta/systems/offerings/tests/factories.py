"""Rows of a term's teaching that keep the rules, and what befalls a term in the tests of neighbours."""

from yanta.kernel.testing.factories import OrgUnitFactory, PersonFactory
from yanta.kernel.testing.rows import RowMaker
from yanta.masterdata.models import Room, StaffMember, Term
from yanta.systems.offerings.models import (
    Meeting,
    Reservation,
    Season,
    Section,
    Teaching,
    TeachingRoom,
    TimeWish,
    WorkloadFactor,
)


def anybody() -> StaffMember:
    """A teacher of some other unit; a wish belongs to the unit that states it."""
    maker = RowMaker(person=lambda unit: PersonFactory.create(home_unit=unit))
    return maker.make(StaffMember, OrgUnitFactory.create())  # type: ignore[no-any-return]  # a maker of any model


EXAMPLES = {
    Section: lambda n: {"number": f"(2026-2027-1)-X-{n:04d}", "size": 30, "capacity": 40},
    Meeting: {"weeks": "1-16"},
    Reservation: {"seats": 5},
    TeachingRoom: {"capacity": 60},
    TimeWish: lambda n: {"kind": "forbidden", "teacher": anybody(), "weekday": 5},
    WorkloadFactor: lambda n: {"kind": "size", "key": str(n), "factor": 1},
}


def lock(season: Season) -> Season:
    """As the registry leaves it to be put into a timetable."""
    Season.objects.filter(pk=season.pk).update(status=Season.Status.LOCKED)
    return season


def crowd(term: Term, *, size: int) -> None:
    Section.objects.filter(offering__season__term=term).update(size=size, capacity=size)


def forbid_day(term: Term, weekday: int) -> None:
    """No section of the term may be taught on this day."""
    for section in Section.objects.filter(offering__season__term=term).select_related("offering__season"):
        TimeWish.objects.create(
            season=section.offering.season, department=section.offering.department, section=section, kind="forbidden",
            weekday=weekday, first_period=1, last_period=12, reason="进修",
        )  # fmt: skip


def hand_over(section_id: int, teacher: StaffMember) -> None:
    Teaching.objects.filter(section=section_id).update(teacher=teacher)


def open_classroom(room: Room, *, capacity: int) -> Room:
    """A room that the term may teach in."""
    return TeachingRoom.objects.create(room=room, kind="media", capacity=capacity).room
