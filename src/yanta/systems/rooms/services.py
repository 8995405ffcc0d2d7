"""Ending a booking before its time."""

from __future__ import annotations

from yanta.kernel.base import Actor, Refused
from yanta.kernel.operation import operation
from yanta.systems.rooms.models import Booking


@operation(
    "取消借用",
    icon="x",
    danger=True,
    roles=("teacher",),
    when=lambda booking: booking.status == Booking.Status.BOOKED,
)
def cancel(booking: Booking, *, actor: Actor, reason: str) -> None:
    """The room is free again at once."""
    if booking.status != Booking.Status.BOOKED:
        raise Refused("这次借用已经取消")
    booking.status = Booking.Status.CANCELLED
    booking.save(update_fields=["status", "updated_at"])
