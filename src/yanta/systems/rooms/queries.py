"""Which rooms are free."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, time

from django.utils import timezone

from yanta.masterdata.models import Room
from yanta.systems.rooms import rules
from yanta.systems.rooms.models import Booking

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
    booked = Booking.objects.filter(status=Booking.Status.BOOKED, ends_at__gt=at, starts_at__lt=closing)
    for room_id, starts_at, ends_at in booked.values_list("room_id", "starts_at", "ends_at"):
        held[room_id].append((starts_at, ends_at))
    return held
