"""What is taught in a term, to whom, by whom, in what kind of room."""

from yanta.systems.offerings.models.offers import Need, Offering, Season
from yanta.systems.offerings.models.sections import Meeting, Reservation, Section, SectionClass, Teaching
from yanta.systems.offerings.models.terms import Qualification, TeachingRoom, WorkloadFactor
from yanta.systems.offerings.models.wishes import Link, LinkedSection, TimeWish

__all__ = [
    "Link", "LinkedSection", "Meeting", "Need", "Offering", "Qualification", "Reservation", "Season", "Section",
    "SectionClass", "Teaching", "TeachingRoom", "TimeWish", "WorkloadFactor",
]  # fmt: skip
