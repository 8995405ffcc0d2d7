"""Runs in the background, by wish, by the clock, after failures."""

from __future__ import annotations

from datetime import date

from django.utils import timezone

from yanta.hub.pipelines import queries, scheduling
from yanta.hub.pipelines.models import PipelineRun
from yanta.hub.pipelines.running import workspace
from yanta.hub.pipelines.running.carrying import Wish
from yanta.hub.pipelines.services import runs
from yanta.kernel.base import Actor
from yanta.kernel.jobs import Progress, job, tick


@job("数据管道运行")
def carry_out_pipeline(
    progress: Progress,
    *,
    actor: Actor,
    code: str,
    kind: str = "manual",
    since: str = "",
    until: str = "",
    attempt: int = 1,
    approved: int = 0,
) -> None:
    """One run of one pipeline."""
    pipeline = queries.pipeline_named(code)
    wish = Wish(kind, _day(since), _day(until), attempt, approved=approved, job_id=progress.run_id)
    try:
        run = runs.carry_out(pipeline, actor=actor, wish=wish, step=progress.step)
    except Exception:
        last = PipelineRun.objects.filter(job_id=progress.run_id).select_related("pipeline__owner").last()
        if last is not None and kind == PipelineRun.Kind.SCHEDULED:
            scheduling.tell_failure(last)
        raise
    told = "试运行完成，没有写入" if kind == PipelineRun.Kind.DRY else "已完成对账"
    progress.finish(link=f"/pipelines/runs/{run.pk}/", text=told, run=run.pk)


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


@tick(seconds=20)
def start_due() -> None:
    """What the clock and the upstream say."""
    scheduling.start_due(at=timezone.now())


@tick(seconds=60)
def watch_silence() -> None:
    """Sources that should have spoken; folders that nobody took up again."""
    now = timezone.now()
    scheduling.watch_silence(at=now)
    workspace.clear_old(now)
