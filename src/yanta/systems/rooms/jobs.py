"""Scheduled work of rooms."""

from django.utils import timezone

from yanta.kernel.base import Actor
from yanta.kernel.jobs import Progress, job
from yanta.systems.rooms import services


@job("释放无人签到的会议室", schedule="*/5 * * * *")
def release_no_shows(progress: Progress, *, actor: Actor) -> None:
    """What nobody came to is free for others."""
    count = services.release_no_shows(at=timezone.now())
    progress.step(1, 1, f"释放 {count} 间")
