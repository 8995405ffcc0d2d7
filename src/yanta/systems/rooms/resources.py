"""Bookings on screen."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from yanta.kernel.base import Actor, Refused
from yanta.kernel.resource import Resource, Section, register
from yanta.systems.rooms import rules, services
from yanta.systems.rooms.models import Booking


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
    actions = [services.cancel]
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
        row.save()
