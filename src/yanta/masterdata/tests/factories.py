"""Where a made-up value would break a rule of the master data."""

from datetime import date, timedelta

from yanta.masterdata.models import CalendarEvent, Course, Room, StaffMember, Student, Term

MONDAY = date(2026, 8, 31)

EXAMPLES = {
    Term: lambda n: {
        "code": f"{2000 + n}-1"[:11], "academic_year": "2026-2027", "half": "1",
        "starts_on": MONDAY + timedelta(weeks=n), "ends_on": MONDAY + timedelta(weeks=n + 20),
    },
    CalendarEvent: lambda n: {
        "kind": "holiday", "starts_on": MONDAY + timedelta(days=n), "ends_on": MONDAY + timedelta(days=n),
    },
    Room: {"seats": 60, "is_bookable": True},
    Course: {"credits": 2, "hours": 32},
    Student: lambda n: {"number": f"2026{n:06d}"},
    StaffMember: lambda n: {"number": f"T{n:05d}"},
}  # fmt: skip
