"""Scheduled work of a term's preparation."""

from django.utils import timezone

from yanta.kernel.base import Actor
from yanta.kernel.jobs import Progress, job
from yanta.systems.offerings import services


@job("开课确认提醒", schedule="0 8 * * *")
def remind_colleges(progress: Progress, *, actor: Actor) -> None:
    """The units that have not confirmed, three days before the end and once it is over."""
    sent = services.remind(on=timezone.localdate())
    progress.step(1, 1, f"发出 {sent} 条提醒")
