"""Housekeeping of codes and tokens."""

from django.utils import timezone

from yanta.kernel.base import Actor
from yanta.kernel.jobs import Progress, job
from yanta.sso.oidc import issuing


@job("清理过期的授权码和令牌", schedule="55 * * * *")
def clear_old_tokens(progress: Progress, *, actor: Actor) -> None:
    """What is past its time by a day."""
    progress.step(1, 1, f"{issuing.clear_old(at=timezone.now())} 个")
