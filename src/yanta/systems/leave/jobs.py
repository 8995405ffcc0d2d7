"""Scheduled work of leave."""

from django.utils import timezone

from yanta.kernel.base import Actor
from yanta.kernel.jobs import Progress, job
from yanta.systems.leave import services


@job("请假超期提醒", schedule="20 7 * * *")
def escalate(progress: Progress, *, actor: Actor) -> None:
    """Students who are not back: first themselves, then counsellors, then colleges."""
    sent = services.escalate(on=timezone.localdate())
    progress.step(1, 1, f"发出 {sent} 条提醒")
