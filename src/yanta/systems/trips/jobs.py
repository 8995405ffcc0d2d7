"""Scheduled work of trips."""

from django.utils import timezone

from yanta.kernel.base import Actor
from yanta.kernel.jobs import Progress, job
from yanta.systems.trips import services


@job("出差回报提醒", schedule="10 8 * * *")
def remind_of_reports(progress: Progress, *, actor: Actor) -> None:
    """Travellers who came back three days ago."""
    sent = services.remind(on=timezone.localdate())
    progress.step(1, 1, f"发出 {sent} 条提醒")
