"""Rows of a term's teaching that keep the rules."""

from yanta.kernel.testing.factories import OrgUnitFactory, PersonFactory
from yanta.kernel.testing.rows import RowMaker
from yanta.masterdata.models import StaffMember
from yanta.systems.offerings.models import (
    Meeting,
    Reservation,
    Section,
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
