"""A booking that keeps the rules."""

from datetime import timedelta

from django.utils import timezone

from yanta.systems.rooms.models import Booking

EXAMPLES = {
    Booking: lambda n: {
        "starts_at": timezone.now() + timedelta(days=1), "ends_at": timezone.now() + timedelta(days=1, hours=2),
        "attendance": 20,
    },
}  # fmt: skip
