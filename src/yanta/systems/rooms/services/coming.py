"""Somebody comes, or nobody does and the room is free for others."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from yanta.kernel.base import Actor, Refused
from yanta.kernel.operation import operation
from yanta.systems.rooms import rules
from yanta.systems.rooms.models import Booking, Facility
from yanta.systems.rooms.services.booking import STAFF, tell

Status = Booking.Status


@operation(
    "签到", icon="login-2", bulk=False, roles=STAFF,
    when=lambda booking: booking.status == Status.BOOKED and booking.checked_in_at is None and rules.refusal_to_check_in(
        starts_at=booking.starts_at, ends_at=booking.ends_at, now=timezone.now()
    ) is None,
)  # fmt: skip
def check_in(booking: Booking, *, actor: Actor) -> None:
    """We are here."""
    if booking.status != Status.BOOKED:
        raise Refused(f"这次预约{booking.get_status_display()}")
    now = timezone.now()
    refusal = rules.refusal_to_check_in(starts_at=booking.starts_at, ends_at=booking.ends_at, now=now)
    if refusal:
        raise Refused(refusal)
    booking.checked_in_at = booking.checked_in_at or now
    booking.save(update_fields=["checked_in_at", "updated_at"])


def release_no_shows(*, at: datetime) -> int:
    """Meetings that nobody came to; answers how many rooms are free again."""
    waits = dict(Facility.objects.filter(waits__gt=0).values_list("room_id", "waits"))
    rows = Booking.objects.filter(
        room__in=waits, status=Status.BOOKED, checked_in_at=None, starts_at__lte=at, ends_at__gt=at, starts_at__gt=at - timedelta(days=1)
    ).select_related("room__building")  # fmt: skip
    released = [
        one for one in rows
        if rules.is_no_show(starts_at=one.starts_at, ends_at=one.ends_at, waits=waits[one.room_id], now=at)
    ]  # fmt: skip
    for one in released:
        one.status, one.opinion = Status.RELEASED, f"开始后 {waits[one.room_id]} 分钟无人签到"
        one.save(update_fields=["status", "opinion", "updated_at"])
        tell(one, "无人签到已释放")
    return len(released)
