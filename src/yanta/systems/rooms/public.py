"""What others ask about borrowed rooms; ids only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q

from yanta.systems.rooms.models import Booking

Span = tuple[datetime, datetime]


def held_in(spans: Iterable[Span]) -> set[int]:
    """Rooms that somebody has, or asks to have, within one of these spans; ends exclusive, looks at the whole school."""
    asked = Q(pk__in=[])
    for starts_at, ends_at in spans:
        asked |= Q(starts_at__lt=ends_at, ends_at__gt=starts_at)
    return set(Booking.objects.filter(asked, status__in=Booking.HELD).values_list("room_id", flat=True))
