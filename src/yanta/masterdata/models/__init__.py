"""The school's shared nouns."""

from yanta.masterdata.models.calendar import CalendarEvent, Term
from yanta.masterdata.models.facts import FactChange
from yanta.masterdata.models.people import StaffMember, Student
from yanta.masterdata.models.places import Building, Campus, Room
from yanta.masterdata.models.teaching import AdminClass, Course, Programme

__all__ = [
    "AdminClass", "Building", "CalendarEvent", "Campus", "Course", "FactChange", "Programme", "Room", "StaffMember", "Student",
    "Term",
]  # fmt: skip
