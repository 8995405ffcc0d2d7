"""A leave that keeps the rules."""

from datetime import timedelta

from django.utils import timezone

from yanta.systems.leave.models import Leave

EXAMPLES = {
    Leave: lambda n: {
        "starts_on": timezone.localdate() + timedelta(days=1), "ends_on": timezone.localdate() + timedelta(days=2),
    },
}  # fmt: skip
