"""Rooms on the home page and in the menu."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from yanta.kernel.base import Actor
from yanta.kernel.portal.cards import CardContent, CardRow, card
from yanta.kernel.portal.navigation import Place, places
from yanta.systems.rooms.models import Booking


@places
def free_rooms_page() -> list[Place]:
    return [Place("空闲房间", "/rooms/free/", "后勤", "door", "现在哪些教室空着，还能用多久")]


@card(title="我借的房间", order=40, for_roles=("teacher",), icon="door")
def my_bookings(actor: Actor) -> CardContent | None:
    """The coming week's bookings in one's own name."""
    now = timezone.now()
    rows = Booking.objects.filter(
        booked_for_id=actor.person_id, status=Booking.Status.BOOKED, ends_at__gte=now,
        starts_at__lt=now + timedelta(days=7),
    ).select_related("room__building").order_by("starts_at")[:5]  # fmt: skip
    found = [
        CardRow(
            one.purpose, f"/rooms/booking/{one.pk}/", f"{one.room.building.name} {one.room.number}",
            timezone.localtime(one.starts_at).strftime("%m-%d %H:%M"),
        )
        for one in rows
    ]  # fmt: skip
    return CardContent(rows=found, empty="一周内没有借用的房间", more_url="/rooms/free/", more="找空闲房间")
