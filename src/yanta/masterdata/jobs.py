"""Scheduled work of the master data."""

from django.utils import timezone

from yanta.kernel.base import Actor
from yanta.kernel.jobs import Progress, job, tick
from yanta.masterdata import services


@tick(seconds=2)
def follow_changes() -> None:
    """Whoever enrolled, was appointed, moved or left a moment ago."""
    services.follow_changes(on=timezone.localdate())


@job("权限随学籍和任职更新", schedule="*/30 * * * *")
def follow_facts(progress: Progress, *, actor: Actor) -> None:
    """The whole school anew: days pass, classes and units are renamed."""
    done = services.follow_facts(on=timezone.localdate())
    said = f"新增 {done.new}，恢复 {done.reopened}，结束 {done.ended}，不变 {done.unchanged}"
    progress.step(1, 1, f"{said}；账号停用 {done.accounts_ended}，恢复 {done.accounts_reopened}")
