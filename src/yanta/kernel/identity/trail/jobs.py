"""Sealing, handing on and verifying go on by themselves."""

from __future__ import annotations

from django.utils import timezone

from yanta.kernel.base import Actor
from yanta.kernel.identity.trail import feeding, logs, sealing, verifying
from yanta.kernel.jobs import Progress, job, tick


@tick(seconds=10)
def seal_and_send_logs() -> None:
    """What was written since is sealed, and what is sealed goes to the receivers."""
    sealing.seal_all()
    feeding.feed_all(at=timezone.now())


class LogBrokenError(Exception):
    """A sealed log no longer says what it said; the run fails, so that it is seen."""


@job("核对登录日志和认证日志", schedule="50 4 * * *")
def verify_logs(progress: Progress, *, actor: Actor) -> None:
    """Every night the whole of each log; a log that was tampered with makes the run fail."""
    broken = []
    for done, log in enumerate(logs.logs(), start=1):
        found = verifying.verify(log, at=timezone.now())
        progress.step(done, len(logs.logs()), f"{log.title}：{found.finding}")
        if not found.is_sound:
            broken.append(f"{log.title}：{found.finding}")
    if broken:
        raise LogBrokenError("；".join(broken))
