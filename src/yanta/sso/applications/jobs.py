"""Telling applications who has left; reviews; housekeeping."""

from __future__ import annotations

from django.utils import timezone

from yanta.kernel.base import Actor
from yanta.kernel.identity.trail import logs
from yanta.kernel.jobs import Progress, job
from yanta.kernel.jobs.declare import tick
from yanta.sso.applications import services, sessions, signing_out
from yanta.sso.applications.models import Decision


@tick(seconds=3)
def tell_left() -> None:
    """Applications of sessions that have ended are told."""
    signing_out.collect()
    signing_out.tell_due()


@tick(seconds=30)
def end_expired_sessions() -> None:
    """Whose browser's session ran out is out everywhere."""
    sessions.end_expired(at=timezone.now())


@job("提醒应用复核", schedule="30 8 * * *")
def remind_of_reviews(progress: Progress, *, actor: Actor) -> None:
    """Applications whose owners have not confirmed that they are still wanted."""
    progress.step(1, 1, f"提醒 {services.remind_of_reviews(on=timezone.localdate())} 个")


@job("清理认证日志和已结束的单点登录会话", schedule="40 3 * * *")
def clear_old_decisions(progress: Progress, *, actor: Actor) -> None:
    """What is past its time; the database itself refuses to lose anything of the last half year."""
    now = timezone.now()
    count, _by_model = Decision.objects.filter(at__lte=now - logs.kept()).delete()
    progress.step(1, 2, f"认证日志：{count} 条")
    progress.step(2, 2, f"单点登录会话：{sessions.clear_old(at=now)} 条")
