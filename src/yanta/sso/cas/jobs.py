"""Housekeeping of tickets."""

from django.utils import timezone

from yanta.kernel.base import Actor
from yanta.kernel.jobs import Progress, job
from yanta.sso.cas import tickets


@job("清理过期的 CAS 票据", schedule="50 * * * *")
def clear_old_tickets(progress: Progress, *, actor: Actor) -> None:
    """What is past its time by a day."""
    progress.step(1, 1, f"{tickets.clear_old(at=timezone.now())} 张")
