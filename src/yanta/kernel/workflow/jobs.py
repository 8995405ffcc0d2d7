"""The worker's side of processes."""

from django.utils import timezone

from yanta.kernel.jobs import tick
from yanta.kernel.workflow import clockwork, outbox


@tick(seconds=60)
def move_due() -> None:
    """Timers, lights, reminders and escalation that are due."""
    clockwork.move_due(timezone.now())


@tick(seconds=5)
def tell_arrivals() -> None:
    """Notices of what has come to people since."""
    outbox.tell_arrivals()
