"""Today's and tomorrow's bookings in the demo school."""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from yanta.kernel.base.bulk import copy_in
from yanta.masterdata.models import Building, Room, StaffMember
from yanta.systems.rooms.models import Booking, Facility

PURPOSES = ("学术报告", "班会", "教研活动", "考研讲座", "社团排练", "招聘宣讲", "研究生答辩", "支部会议")
MEETINGS = (
    "学院党政联席会",
    "课题组例会",
    "本科教学工作会",
    "学位评定分委员会",
    "实验室安全检查部署会",
    "研究生开题",
    "外宾来访座谈",
    "招生宣传培训",
)
HALLS = (("第一会议室", 16, False), ("第二会议室", 40, False), ("报告厅", 260, True))
SLOTS = ((8, 10), (10, 12), (14, 16), (16, 18), (19, 21))
COLUMNS = (
    "room_id", "department_id", "booked_for_id", "purpose", "attendance", "starts_at", "ends_at", "status", "tea",
    "microphones", "video", "opinion",
)  # fmt: skip


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
                rows.append((
                    room_id, department_id, person_id, draw.choice(PURPOSES), max(1, seats // 2), since, until, "booked",
                    False, seats > 100, False, "",
                ))  # fmt: skip
    copy_in(Booking, COLUMNS, rows)
    _meetings(draw, today, staff)


def _meetings(draw: random.Random, today: date, staff: list[tuple[int, int]]) -> None:
    """Three rooms for meetings on the top floor of each first teaching building, a third of their hours taken."""
    for building in Building.objects.filter(code__endswith="J01").order_by("code"):
        for turn, (name, seats, is_large) in enumerate(HALLS, 1):
            room = Room.objects.create(
                number=f"{building.code}-M{turn}", name=name, building=building, floor=building.floors, use="299", seats=seats,
                is_bookable=True,
            )  # fmt: skip
            Facility.objects.create(
                room=room,
                microphones=seats > 30,
                video=turn != 2,
                needs_approval=is_large,
                phone="029-88204400",
            )
    rooms = list(Facility.objects.order_by("pk").values_list("room_id", "room__seats"))
    slots = [
        (today + timedelta(days=day), room, *hours)
        for day in range(8) for room in rooms for hours in SLOTS if draw.random() < 0.25
    ]  # fmt: skip
    rows = []
    for day, (room_id, seats), start, end in slots:
        person_id, department_id = draw.choice(staff)
        since, until = (timezone.make_aware(datetime.combine(day, time(hour))) for hour in (start, end))
        rows.append((
            room_id, department_id, person_id, draw.choice(MEETINGS), max(2, seats // 2), since, until, "booked",
            draw.random() < 0.3, seats > 30, draw.random() < 0.2, "",
        ))  # fmt: skip
    copy_in(Booking, COLUMNS, rows)
