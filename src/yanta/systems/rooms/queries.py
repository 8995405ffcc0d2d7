"""Which rooms are free."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from yanta.masterdata.models import Room
from yanta.systems.rooms import rules
from yanta.systems.rooms.models import Booking, Facility

CLOSES_AT = time(22, 30)


@dataclass(frozen=True, slots=True)
class FreeRoom:
    room: Room
    until: datetime
    minutes: int


def free_rooms(*, at: datetime, campus_id: int | None = None, seats: int = 0) -> list[FreeRoom]:
    """Bookable rooms that nobody holds at an instant, the longest free first; looks at the whole school."""
    rooms = Room.objects.filter(is_bookable=True, seats__gte=seats).select_related("building__campus")
    if campus_id:
        rooms = rooms.filter(building__campus_id=campus_id)
    closing = timezone.make_aware(datetime.combine(timezone.localtime(at).date(), CLOSES_AT))
    held = _held(at, closing)
    found = []
    for room in rooms.order_by("number"):
        until = rules.free_until(held[room.pk], at=at, closing=closing)
        if until is not None:
            found.append(FreeRoom(room, until, int((until - at).total_seconds() // 60)))
    return sorted(found, key=lambda free: (-free.minutes, free.room.number))


def _held(at: datetime, closing: datetime) -> dict[int, list[tuple[datetime, datetime]]]:
    held: dict[int, list[tuple[datetime, datetime]]] = defaultdict(list)
    booked = Booking.objects.filter(status__in=Booking.HELD, ends_at__gt=at, starts_at__lt=closing)
    for room_id, starts_at, ends_at in booked.values_list("room_id", "starts_at", "ends_at"):
        held[room_id].append((starts_at, ends_at))
    return held


@dataclass(frozen=True, slots=True)
class Lane:
    """A meeting room with what is booked on a day; `free` is the first free hour from now on."""

    facility: Facility
    bookings: list[Booking]
    free: datetime | None


def lanes(facilities: QuerySet[Facility], *, on: date, now: datetime) -> list[Lane]:
    """Each meeting room's day; looks at the whole school."""
    begin = timezone.make_aware(datetime.combine(on, time.min))
    taken: dict[int, list[Booking]] = defaultdict(list)
    rows = Booking.objects.filter(
        status__in=Booking.HELD, starts_at__lt=begin + timedelta(days=1), ends_at__gt=begin
    ).select_related("booked_for", "department")  # fmt: skip
    for one in rows.order_by("starts_at"):
        taken[one.room_id].append(one)
    found = facilities.select_related("room__building__campus").order_by(
        "room__building__campus__code", "room__number"
    )
    return [Lane(one, taken[one.room_id], _first_free(one, taken[one.room_id], on, now)) for one in found]


def _first_free(one: Facility, bookings: list[Booking], on: date, now: datetime) -> datetime | None:
    opening = timezone.make_aware(datetime.combine(on, one.opens_at))
    closing = timezone.make_aware(datetime.combine(on, one.closes_at))
    at = max(
        opening,
        now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1) if now > opening else opening,
    )
    for booking in bookings:
        if booking.starts_at < at + timedelta(hours=1) and booking.ends_at > at:
            at = booking.ends_at
    return at if at + timedelta(hours=1) <= closing else None


def wanted(*, campus_id: int | None, seats: int, video: bool) -> QuerySet[Facility]:
    """Meeting rooms that are large enough and have what is asked for."""
    asked = Q(room__seats__gte=seats)
    if campus_id:
        asked &= Q(room__building__campus_id=campus_id)
    return Facility.objects.filter(asked & Q(video=True) if video else asked)
