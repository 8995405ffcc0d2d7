"""A booking that keeps the rules."""

from datetime import datetime, time, timedelta

from django.utils import timezone

from yanta.kernel.organisation.models import OrgUnit
from yanta.masterdata.models import Room
from yanta.systems.rooms.models import Booking


def tomorrow_at(hour: int) -> datetime:
    return timezone.make_aware(datetime.combine(timezone.localdate() + timedelta(days=1), time(hour)))


EXAMPLES = {
    Booking: lambda n: {
        "starts_at": tomorrow_at(9), "ends_at": tomorrow_at(11),
        "attendance": 20,
    },
}  # fmt: skip


def borrowed(room: Room, unit: OrgUnit, since: datetime, *, hours: int) -> Booking:
    """A lecture in a room, as the tests of neighbours meet it."""
    return Booking.objects.create(
        room=room, department=unit, purpose="讲座", starts_at=since, ends_at=since + timedelta(hours=hours)
    )
