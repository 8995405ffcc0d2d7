"""Long work: a form for a whole list."""

from __future__ import annotations

from yanta.kernel.base import Actor
from yanta.kernel.jobs import Progress, job
from yanta.systems.paperwork.services import batches


@job("批量生成表格")
def produce_batch(progress: Progress, *, actor: Actor, batch: int) -> None:
    """Every person of the batch; stopped half-way, nothing is kept."""
    made = batches.run(batch, actor=actor, step=progress.step)
    progress.finish(
        link=f"/paperwork/batches/{made.pk}/", text=f"{made.read} 人：完整 {made.filled}，有缺项 {made.with_gaps}，未生成 {made.refused}",
        batch=made.pk,
    )  # fmt: skip
