"""Today's and tomorrow's bookings in the demo school."""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from yanta.kernel.base.bulk import copy_in
from yanta.masterdata.models import Room, StaffMember
from yanta.systems.rooms.models import Booking

PURPOSES = ("学术报告", "班会", "教研活动", "考研讲座", "社团排练", "招聘宣讲", "研究生答辩", "支部会议")
SLOTS = ((8, 10), (10, 12), (14, 16), (16, 18), (19, 21))
COLUMNS = (
    "room_id",
    "department_id",
    "booked_for_id",
    "purpose",
    "attendance",
    "starts_at",
    "ends_at",
    "status",
)


def fill(today: date) -> None:
    """A third of the slots of the bookable rooms are taken."""
    draw = random.Random(13)  # noqa: S311 - reproducible sample data
    staff = list(StaffMember.objects.order_by("pk").values_list("person_id", "department_id")[:300])
    rooms = list(Room.objects.filter(is_bookable=True).order_by("pk").values_list("pk", "seats")[:240])
    rows = []
    for day in (today, today + timedelta(days=1)):
        for room_id, seats in rooms:
            for start, end in (slot for slot in SLOTS if draw.random() < 0.3):
                person_id, department_id = draw.choice(staff)
                since, until = (
                    timezone.make_aware(datetime.combine(day, time(hour))) for hour in (start, end)
                )
                rows.append(
                    (
                        room_id,
                        department_id,
                        person_id,
                        draw.choice(PURPOSES),
                        max(1, seats // 2),
                        since,
                        until,
                        "booked",
                    )
                )
    copy_in(Booking, COLUMNS, rows)
