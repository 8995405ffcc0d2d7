"""Starting runs."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from yanta.hub.pipelines import queries, rules
from yanta.hub.pipelines.models import HeldRow, Pipeline, PipelineRun, Version
from yanta.hub.pipelines.running import carrying
from yanta.kernel.base import Actor, Refused
from yanta.kernel.operation import Label, operation

Kind = PipelineRun.Kind


def version_for(pipeline: Pipeline, kind: str) -> Version:
    """Which version runs: the published one; a dry run tries the draft if there is one."""
    found = (queries.draft(pipeline) if kind == Kind.DRY else None) or queries.published(pipeline)
    if found is None:
        raise Refused("管道还没有已发布的版本，请先在映射编辑器中发布")
    return found


def carry_out(
    pipeline: Pipeline, *, actor: Actor, wish: carrying.Wish, step: carrying.Step = carrying.quiet
) -> PipelineRun:
    """Run here and wait."""
    return carrying.carry_out(pipeline, version_for(pipeline, wish.kind), actor=actor, wish=wish, step=step)


def _start(pipeline: Pipeline, actor: Actor, **params: str | int) -> None:
    from yanta.hub.pipelines.jobs import carry_out_pipeline
    from yanta.kernel.jobs import start

    version_for(pipeline, str(params.get("kind", Kind.MANUAL)))
    start(carry_out_pipeline, actor=actor, code=pipeline.code, **params)


@operation("运行", icon="player-play", bulk=False, when=lambda one: one.is_active)
def run(pipeline: Pipeline, *, actor: Actor) -> None:
    """Queue a run of the published version."""
    if not pipeline.is_active:
        raise Refused("管道已停用")
    _start(pipeline, actor, kind=Kind.MANUAL)


@operation("试运行", icon="flask", bulk=False)
def dry_run(pipeline: Pipeline, *, actor: Actor) -> None:
    """What would change, row by row; writes nothing."""
    _start(pipeline, actor, kind=Kind.DRY)


@operation("按日期回补", icon="history", bulk=False, when=lambda one: bool(one.watermark_column))
def backfill(
    pipeline: Pipeline,
    *,
    actor: Actor,
    since: Annotated[date, Label("自")],
    until: Annotated[date, Label("至")],
) -> None:
    """Read a past window again; the watermark stays where it is."""
    if not pipeline.watermark_column:
        raise Refused("按日期回补需要先指定水位列")
    if until < since:
        raise Refused("结束日期不能早于开始日期", field="until")
    _start(pipeline, actor, kind=Kind.BACKFILL, since=since.isoformat(), until=until.isoformat())


@operation("重放已更正的行", icon="refresh", bulk=False)
def replay(pipeline: Pipeline, *, actor: Actor) -> None:
    """Corrected rows go through the published version again."""
    if not pipeline.held_rows.filter(state=HeldRow.State.CORRECTED).exists():
        raise Refused("没有已更正、待重放的行")
    _start(pipeline, actor, kind=Kind.REPLAY)


@operation(
    "同意标记离开并运行",
    icon="user-minus",
    danger=True,
    bulk=False,
    when=lambda run: rules.waits_for_consent(run),
)
def consent(run: PipelineRun, *, actor: Actor, reason: str) -> None:
    """So many rows may leave as this run counted, not more; the pipeline runs again."""
    if not rules.waits_for_consent(run):
        raise Refused("这次运行没有等待同意的删除")
    _start(run.pipeline, actor, kind=Kind.MANUAL, approved=run.counts["removed"])
