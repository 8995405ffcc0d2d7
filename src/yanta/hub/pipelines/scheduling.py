"""Which pipelines run now, which must be tried again, which have fallen silent."""

from __future__ import annotations

from datetime import datetime

from croniter import croniter
from django.db import transaction
from django.utils import timezone

from yanta.hub.pipelines import queries
from yanta.hub.pipelines.models import Pipeline, PipelineRun
from yanta.kernel import notify
from yanta.kernel.base import Actor
from yanta.kernel.jobs import start
from yanta.kernel.jobs.schedule import last_due

Kind, State = PipelineRun.Kind, PipelineRun.State


def start_due(*, at: datetime) -> list[str]:
    """Queue every pipeline whose time has come, or whose upstream has newly delivered; answers which."""
    found = [
        one.code for one in Pipeline.objects.filter(is_active=True).order_by("code") if _start_if_due(one, at)
    ]
    return found + [run.pipeline.code for run in _to_retry(at) if _retry(run)]


def next_due(pipeline: Pipeline, *, at: datetime) -> datetime | None:
    """When it runs next by the clock."""
    if not (pipeline.cron and pipeline.is_active):
        return None
    found: datetime = croniter(pipeline.cron, timezone.localtime(at)).get_next(datetime)
    return found


def waits_for(pipeline: Pipeline, *, since: datetime | None) -> list[Pipeline]:
    """Upstream pipelines that have not delivered since then."""
    done = PipelineRun.objects.filter(state=State.DONE).exclude(kind=Kind.REPLAY)
    if since is not None:
        done = done.filter(ended_at__gte=since)
    delivered = set(done.values_list("pipeline_id", flat=True))
    return [one for one in pipeline.depends_on.all() if one.is_active and one.pk not in delivered]


def _start_if_due(pipeline: Pipeline, at: datetime) -> bool:
    with transaction.atomic():
        one = Pipeline.objects.select_for_update(skip_locked=True).filter(pk=pipeline.pk).first()
        if one is None or queries.published(one) is None:
            return False
        due = last_due(one.cron, at=at) if one.cron else _last_delivery_above(one)
        if due is None:
            return False
        if one.due_at is None and one.cron:
            # Seen for the first time: it waits for its next time, so that setting one up starts nothing.
            Pipeline.objects.filter(pk=one.pk).update(due_at=due)
            return False
        if (one.due_at is not None and one.due_at >= due) or waits_for(one, since=one.due_at):
            return False
        Pipeline.objects.filter(pk=one.pk).update(due_at=due)
        _queue(one, kind=Kind.SCHEDULED)
    return True


def _last_delivery_above(pipeline: Pipeline) -> datetime | None:
    """Without a clock of its own a pipeline follows those above it."""
    above = list(pipeline.depends_on.all())
    if not above:
        return None
    runs = PipelineRun.objects.filter(pipeline__in=above, state=State.DONE).order_by("-ended_at")
    return runs.values_list("ended_at", flat=True).first()


def _to_retry(at: datetime) -> list[PipelineRun]:
    waiting = PipelineRun.objects.filter(state=State.FAILED, retry_at__lte=at, pipeline__is_active=True)
    return list(waiting.select_related("pipeline"))


def _retry(run: PipelineRun) -> bool:
    with transaction.atomic():
        if not PipelineRun.objects.filter(pk=run.pk, retry_at__isnull=False).update(retry_at=None):
            return False
        window = {"since": str(run.since or ""), "until": str(run.until or "")}
        _queue(run.pipeline, kind=run.kind, attempt=run.attempt + 1, **window)
    return True


def _queue(pipeline: Pipeline, **params: object) -> None:
    from yanta.hub.pipelines.jobs import carry_out_pipeline

    start(carry_out_pipeline, actor=Actor.system("pipelines"), code=pipeline.code, **params)


def watch_silence(*, at: datetime) -> list[str]:
    """Tell the owner of every source that should have spoken; once until it speaks again."""
    found = []
    for one in Pipeline.objects.filter(
        is_active=True, expected_minutes__gt=0, silent_since=None
    ).select_related("owner"):
        if not queries.is_silent(one, at=at):
            continue
        with transaction.atomic():
            if Pipeline.objects.filter(pk=one.pk, silent_since=None).update(silent_since=at):
                _tell_silence(one, at)
                found.append(one.code)
    return found


def _tell_silence(pipeline: Pipeline, at: datetime) -> None:
    heard = timezone.localtime(pipeline.heard_at).strftime("%Y-%m-%d %H:%M") if pipeline.heard_at else "从未"
    notify.send(
        "pipelines.silent", to=queries.people_of(pipeline.owner, on=timezone.localdate(at)),
        context={"title": pipeline.title, "minutes": pipeline.expected_minutes, "heard": heard},
        link=f"/pipelines/of/{pipeline.code}/",
    )  # fmt: skip


def tell_failure(run: PipelineRun) -> None:
    """The owner hears of a run that nobody watched."""
    retry = timezone.localtime(run.retry_at).strftime("%H:%M") if run.retry_at else ""
    notify.send(
        "pipelines.failed", to=queries.people_of(run.pipeline.owner, on=timezone.localdate()),
        context={"title": run.pipeline.title, "reason": run.failure, "retry": retry}, link=f"/pipelines/runs/{run.pk}/",
    )  # fmt: skip
