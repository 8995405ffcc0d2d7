"""Scheduled work of repairs."""

from django.utils import timezone

from yanta.kernel.base import Actor
from yanta.kernel.jobs import Progress, job
from yanta.systems.repairs import services


@job("报修到期自动确认", schedule="30 6 * * *")
def close_unanswered(progress: Progress, *, actor: Actor) -> None:
    """What was mended a week ago and nobody complained of."""
    closed = services.close_unanswered(at=timezone.now())
    progress.step(1, 1, f"视为修好 {closed} 份")
