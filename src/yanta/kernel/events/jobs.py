"""The worker's side of the outbox."""

from datetime import timedelta

from django.conf import settings
from procrastinate.contrib.django import app

from yanta.kernel.events import delivery, outbox
from yanta.kernel.jobs import tick


@app.task(name=outbox.TASK, queue="events")
def deliver() -> None:
    """Woken after a commit that published something."""
    delivery.deliver_all()


@tick(seconds=5)
def deliver_the_rest() -> None:
    """What is due again after a failure, and what a lost wake-up left behind."""
    delivery.deliver_all()


@tick(seconds=3600)
def forget_old_events() -> None:
    """Delivered events are kept for YANTA_EVENT_DAYS (90)."""
    delivery.forget_old(kept=timedelta(days=getattr(settings, "YANTA_EVENT_DAYS", 90)))
