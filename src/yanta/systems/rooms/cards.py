"""Rooms on the home page and in the menu."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, timedelta

from django.utils import timezone

from yanta.kernel.base import Actor
from yanta.kernel.calendar import Entry, calendar
from yanta.kernel.portal.cards import CardContent, CardRow, card
from yanta.kernel.portal.navigation import Place, places
from yanta.systems.rooms.models import Booking, Participant


@places
def free_rooms_page() -> list[Place]:
    return [
        Place("空闲房间", "/rooms/free/", "后勤", "door", "现在哪些教室空着，还能用多久"),
        Place(
            "会议室",
            "/rooms/meet/",
            "后勤",
            "presentation",
            "哪天哪间空着，有什么设备，直接预约",
            "rooms.facility.view",
        ),
    ]


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


@calendar("房间借用", icon="door", colour="green", order=40)
def bookings(person_ids: Collection[int], start: date, end: date) -> Iterator[Entry]:
    """Rooms in one's own name; one that was cancelled after it was booked appears cancelled."""
    rows = Booking.objects.filter(
        booked_for_id__in=person_ids, status__in=(Booking.Status.BOOKED, Booking.Status.CANCELLED),
        starts_at__date__lte=end, ends_at__date__gte=start,
    ).select_related("room__building")  # fmt: skip
    for one in rows:
        place = f"{one.room.building.name} {one.room.number}"
        yield Entry(
            one.booked_for_id, str(one.pk), one.purpose, one.starts_at, one.ends_at, place, link=f"/rooms/booking/{one.pk}/",
            is_cancelled=one.status == Booking.Status.CANCELLED,
        )  # fmt: skip


@calendar("会议", key="meetings", icon="users", colour="green", order=41)
def invitations(person_ids: Collection[int], start: date, end: date) -> Iterator[Entry]:
    """Meetings to which one is invited."""
    rows = Participant.objects.filter(
        person_id__in=person_ids, booking__status__in=(Booking.Status.BOOKED, Booking.Status.CANCELLED),
        booking__starts_at__date__lte=end, booking__ends_at__date__gte=start,
    ).select_related("booking__room__building")  # fmt: skip
    for one in rows:
        meeting = one.booking
        yield Entry(
            one.person_id, f"invited-{one.pk}", meeting.purpose, meeting.starts_at, meeting.ends_at,
            f"{meeting.room.building.name} {meeting.room.name}", is_cancelled=meeting.status == Booking.Status.CANCELLED,
        )  # fmt: skip
