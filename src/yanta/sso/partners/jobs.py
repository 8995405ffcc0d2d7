"""Housekeeping of attempts."""

from django.utils import timezone

from yanta.kernel.base import Actor
from yanta.kernel.jobs import Progress, job
from yanta.sso.partners import entering


@job("清理过期的合作方登录", schedule="40 * * * *")
def clear_old_attempts(progress: Progress, *, actor: Actor) -> None:
    """What is past its time by a day."""
    progress.step(1, 1, f"{entering.clear_old(at=timezone.now())} 个")
