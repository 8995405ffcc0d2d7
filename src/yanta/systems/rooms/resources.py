"""Bookings on screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from yanta.kernel.base import Actor, Refused
from yanta.kernel.resource import Related, Resource, Section, Sheet, register
from yanta.systems.rooms import rules, services
from yanta.systems.rooms.models import Booking, Facility, Participant


@register
class BookingResource(Resource):
    model = Booking
    icon = "calendar-plus"
    columns = ["purpose", "room", "department", "booked_for", "starts_at", "ends_at", "status"]
    filters = ["status", "room__building", "department", "starts_at"]
    search = ["purpose", "room__number", "room__name"]
    form = [
        Section("借用", ["room", "starts_at", "ends_at"]),
        Section("用途", ["purpose", "attendance", "department", "booked_for"]),
    ]
    facts = [
        Section("会议", ["purpose", "room__building", "room", "starts_at", "ends_at", "attendance"]),
        Section("谁", ["department", "booked_for", "tea", "microphones", "video"]),
        Section("状态", ["status", "opinion", "checked_in_at", "series"]),
    ]
    related = [
        Related("参加人", Participant, "booking", ["person"]),
        Related("重复的各场", Booking, "series", ["starts_at", "ends_at", "status"]),
    ]
    actions = [
        services.book,
        services.check_in,
        services.approve,
        services.refuse,
        services.cancel,
        services.withdraw,
    ]
    order = ["-starts_at"]
    access = {
        "clerk": "*", "head": "view export", "engineer": "view", "auditor": "view", "leader": "view",
        "teacher": "view add",
    }  # fmt: skip

    def save(self, row: Any, *, actor: Actor, adding: bool) -> None:
        refusal = rules.refusal_reason(
            starts_at=row.starts_at, ends_at=row.ends_at, attendance=row.attendance, seats=row.room.seats,
            is_bookable=row.room.is_bookable, now=timezone.now(),
        )  # fmt: skip
        if refusal:
            raise Refused(refusal)
        if adding and Facility.objects.filter(room=row.room, needs_approval=True).exists():
            raise Refused("这间会议室须审批，请在办事大厅办理“会议室预约”", field="room")
        row.save()

    def pages(self, row: Any) -> Sequence[tuple[str, str]]:
        return [
            ("加入日历", f"/rooms/booking/{row.pk}/calendar.ics"),
            ("门口屏", f"/rooms/door/{row.room.number}/"),
        ]


@register
class FacilityResource(Resource):
    model = Facility
    icon = "presentation"
    columns = [
        "room",
        "room__building",
        "room__seats",
        "projector",
        "microphones",
        "video",
        "needs_approval",
        "waits",
    ]
    filters = ["room__building", "video", "microphones", "needs_approval"]
    search = ["room__number", "room__name"]
    form = [
        Section("会议室", ["room", "projector", "microphones", "video"]),
        Section("使用", ["needs_approval", "waits", "opens_at", "closes_at", "phone"]),
    ]
    sheet = Sheet(key=["room"])
    order = ["room__number"]
    access = {
        "owner": "*", "teacher": "view", "clerk": "view", "head": "view", "counsellor": "view", "engineer": "view", "auditor": "view",
        "leader": "view",
    }  # fmt: skip


@register
class ParticipantResource(Resource):
    model = Participant
    icon = "users"
    in_menu = in_search = False
    columns = ["booking", "person"]
    filters = ["booking"]
    access = {"owner": "view export", "teacher": "view", "clerk": "view", "head": "view"}
