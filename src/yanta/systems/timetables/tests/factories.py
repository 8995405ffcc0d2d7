"""Rows of a timetable that keep the rules."""

from yanta.systems.timetables.models import Adjustment, Period, Placement, Version

EXAMPLES = {
    Period: lambda n: {"number": n % 14 + 1, "starts_at": "08:00", "ends_at": "08:45"},
    Version: lambda n: {"name": f"第 {n} 版"},
    Placement: lambda n: {
        "meeting_id": n, "section_id": n, "section_number": f"(2026-2027-1)-X-{n:03d}", "size": 30, "weeks": 0xFFFF,
        "weekday": 1, "first_period": 1, "problem": "", "room_kind": "media",
    },
    Adjustment: {"kind": "cancel", "week": 3, "reason": "出差"},
}  # fmt: skip
