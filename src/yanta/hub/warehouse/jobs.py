"""What the warehouse does at night, and long work with progress."""

from __future__ import annotations

from django.utils import timezone

from yanta.hub.warehouse.services import asking, comparing, exporting, figures
from yanta.kernel.base import Actor
from yanta.kernel.jobs import Progress, job


@job("计算指标并核对", schedule="30 2 * * *")
def nightly(progress: Progress, *, actor: Actor) -> None:
    """The day's figures, then whatever ought to be equal."""
    on = timezone.localdate()
    receipt = figures.record(on, actor=actor)
    progress.step(1, 3, "按快照计算")
    frozen = figures.record_frozen(actor=actor)
    progress.step(2, 3, "核对同一数字")
    found = comparing.compare(on=on)
    gone = figures.thin_out(on=on)
    progress.finish(
        link=f"/warehouse/computation/{receipt.pk}/", text=f"{receipt.indicators} 个指标，{found.disagreed} 处不一致",
        values=receipt.values_read, disagreed=found.disagreed, untold=found.untold, thinned=gone, snapshots=len(frozen),
    )  # fmt: skip


@job("数据导出", queue="default")
def export(progress: Progress, *, actor: Actor, export_id: int) -> None:
    """A question's rows into a file, part by part."""
    made = exporting.make(progress, actor=actor, export_id=export_id)
    progress.finish(link=f"/warehouse/exports/{made.pk}/", text=f"{made.rows:,} 行", rows=made.rows)


@job("送出定时查询", schedule="0 7 * * *")
def send_questions(progress: Progress, *, actor: Actor) -> None:
    """What people asked to be told regularly, into their message boxes."""
    sent, failed = asking.send_due(on=timezone.localdate())
    progress.finish(text=f"送出 {sent} 个，{failed} 个没有查成", sent=sent, failed=failed)
