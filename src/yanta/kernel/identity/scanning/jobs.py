"""Housekeeping of codes and attempts."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from yanta.kernel.base import Actor
from yanta.kernel.identity.scanning import campus, entering
from yanta.kernel.identity.scanning.models import GateCheck
from yanta.kernel.jobs import Progress, job

CHECKS_KEPT = timedelta(days=180)


@job("清理过期的登录码", schedule="35 * * * *")
def clear_old_codes(progress: Progress, *, actor: Actor) -> None:
    """What can no longer be used; where people passed is kept for half a year and no longer."""
    now = timezone.now()
    progress.step(1, 3, f"登录码 {campus.clear_old(at=now)} 个")
    progress.step(2, 3, f"扫码过程 {entering.clear_old(at=now)} 个")
    count, _by_model = GateCheck.objects.filter(at__lte=now - CHECKS_KEPT).delete()
    progress.step(3, 3, f"身份码核验 {count} 条")
