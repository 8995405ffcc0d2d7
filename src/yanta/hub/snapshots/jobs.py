"""Freezing in the background and on its day."""

from __future__ import annotations

from django.utils import timezone

from yanta.hub.snapshots import services
from yanta.hub.snapshots.models import Snapshot
from yanta.kernel.base import Actor
from yanta.kernel.jobs import Progress, job, tick


@job("冻结数据快照")
def write_snapshot(progress: Progress, *, actor: Actor, snapshot_id: int) -> None:
    """Once: a run that died begins anew, for nothing is kept before all of it is."""
    snapshot = Snapshot.objects.get(pk=snapshot_id)
    services.take(snapshot, step=progress.step)
    progress.finish(
        link=f"/snapshots/{snapshot.pk}/", text=f"已冻结 {snapshot.rows:,} 行", rows=snapshot.rows
    )


@job("到日冻结数据快照", schedule="50 23 * * *")
def freeze_on_the_day(progress: Progress, *, actor: Actor) -> None:
    """Late in the evening; a day on which nothing ran is traced back the next time."""
    taken = services.freeze_due(on=timezone.localdate(), step=progress.step)
    progress.finish(text=f"冻结 {len(taken)} 份")


@tick(seconds=3600)
def destroy_expired() -> None:
    """Every hour."""
    services.destroy_expired(on=timezone.localdate())
