"""Housekeeping of requests."""

from django.utils import timezone

from yanta.kernel.base import Actor
from yanta.kernel.jobs import Progress, job
from yanta.sso.saml import arriving


@job("清理过期的 SAML 请求", schedule="45 * * * *")
def clear_old_requests(progress: Progress, *, actor: Actor) -> None:
    """What is past its time."""
    progress.step(1, 1, f"{arriving.clear_old(at=timezone.now())} 个")
