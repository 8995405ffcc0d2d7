"""Scheduled work of the master data."""

from django.utils import timezone

from yanta.kernel.base import Actor
from yanta.kernel.jobs import Progress, job
from yanta.masterdata import services


@job("权限随学籍和任职更新", schedule="*/5 * * * *")
def follow_facts(progress: Progress, *, actor: Actor) -> None:
    """Whoever enrolled, was appointed or left since the last time."""
    done = services.follow_facts(on=timezone.localdate())
    progress.step(1, 1, f"新增 {done.new}，恢复 {done.reopened}，结束 {done.ended}，不变 {done.unchanged}")
