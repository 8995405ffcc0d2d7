"""Housekeeping of attempts."""

from django.utils import timezone

from yanta.kernel.base import Actor
from yanta.kernel.jobs import Progress, job
from yanta.sso.partners import entering, leaving


@job("清理过期的合作方登录", schedule="40 * * * *")
def clear_old_attempts(progress: Progress, *, actor: Actor) -> None:
    """What is past its time by a day."""
    now = timezone.now()
    progress.step(1, 1, f"{entering.clear_old(at=now)} 个，会话 {leaving.clear_old(at=now)} 个")
