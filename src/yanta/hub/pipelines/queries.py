"""Reads that pages, runs and other packages ask for."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import orjson
from django.db.models import Count, Max, Q, QuerySet

from yanta.hub.pipelines import rules
from yanta.hub.pipelines.models import HeldRow, Pipeline, PipelineReceipt, PipelineRun, Version
from yanta.kernel.access.models import RoleGrant
from yanta.kernel.base import Actor, Refused, ciphers
from yanta.kernel.base.scope import permission_of, scope_of
from yanta.kernel.organisation.models import OrgUnit


def pipeline_named(code: str) -> Pipeline:
    found = Pipeline.objects.filter(code=code).first()
    if found is None:
        raise Refused(f"没有编码为“{code}”的管道")
    return found


def published(pipeline: Pipeline) -> Version | None:
    return pipeline.versions.filter(status=Version.Status.PUBLISHED).first()


def draft(pipeline: Pipeline) -> Version | None:
    return pipeline.versions.filter(status=Version.Status.DRAFT).first()


def visible_pipelines(actor: Actor) -> QuerySet[Pipeline]:
    """The sender's, and the receiver's too: an account between two is seen by both."""
    kept = scope_of(Pipeline, actor, permission_of(Pipeline, "view"))
    if kept is None:
        return Pipeline.objects.all()
    reach = actor.reach(permission_of(Pipeline, "view"))
    for path in reach.paths:
        kept |= Q(receiver__path__startswith=path)
    return Pipeline.objects.filter(kept)


def visible_runs(actor: Actor) -> QuerySet[PipelineRun]:
    runs = PipelineRun.objects.filter(pipeline__in=visible_pipelines(actor))
    return runs.select_related("pipeline__owner", "pipeline__receiver", "version")


def visible_receipts(actor: Actor) -> QuerySet[PipelineReceipt]:
    return PipelineReceipt.objects.filter(run__pipeline__in=visible_pipelines(actor))


def last_runs(pipelines: list[Pipeline]) -> dict[int, PipelineRun]:
    """The latest real run of each."""
    latest = (
        PipelineRun.objects.filter(pipeline__in=pipelines)
        .exclude(kind=PipelineRun.Kind.DRY)
        .values("pipeline")
        .annotate(last=Max("pk"))
        .values_list("last", flat=True)
    )
    return {run.pipeline_id: run for run in PipelineRun.objects.filter(pk__in=list(latest))}


def open_rows(pipelines: list[Pipeline]) -> dict[int, int]:
    """How many held-back rows wait for somebody."""
    waiting = HeldRow.objects.filter(
        pipeline__in=pipelines, state__in=(HeldRow.State.OPEN, HeldRow.State.CORRECTED)
    )
    return dict(waiting.values("pipeline").annotate(rows=Count("pk")).values_list("pipeline", "rows"))


def lights(pipelines: list[Pipeline], *, at: datetime) -> dict[int, str]:
    runs, rows = last_runs(pipelines), open_rows(pipelines)
    return {
        one.pk: rules.light(
            is_active=one.is_active, last_state=runs[one.pk].state if one.pk in runs else "",
            is_silent=is_silent(one, at=at), waiting_rows=rows.get(one.pk, 0),
        )
        for one in pipelines
    }  # fmt: skip


def is_silent(pipeline: Pipeline, *, at: datetime) -> bool:
    return pipeline.is_active and rules.is_silent(
        heard_at=pipeline.heard_at,
        since=pipeline.created_at,
        expected_minutes=pipeline.expected_minutes,
        at=at,
    )


def throughput(pipelines: QuerySet[Pipeline], *, at: datetime, days: int = 7) -> list[dict[str, Any]]:
    """Rows, rows a second and waiting time of every pipeline's runs of the last days."""
    runs = PipelineRun.objects.filter(
        pipeline__in=pipelines, started_at__gte=at - timedelta(days=days), state=PipelineRun.State.DONE
    ).order_by("pk")
    found: dict[int, list[PipelineRun]] = {}
    for run in runs:
        found.setdefault(run.pipeline_id, []).append(run)
    titles = {one.pk: one for one in pipelines}
    return [
        {
            "pipeline": titles[pk], "runs": len(mine), "rows": sum(run.counts.get("read", 0) for run in mine),
            "seconds": sorted(run.seconds or 0 for run in mine)[len(mine) // 2],
            "rate": round(sum(run.counts.get("read", 0) for run in mine) / max(sum(run.seconds or 0 for run in mine), 0.001)),
            "longest": max(run.seconds or 0 for run in mine),
        }
        for pk, mine in found.items()
    ]  # fmt: skip


def cells_of(item: HeldRow) -> dict[str, str | None]:
    """The row as it should go in: the original with the clerk's corrections."""
    original: dict[str, str | None] = orjson.loads(ciphers.unseal(bytes(item.original)))
    return original | corrections_of(item)


def original_of(item: HeldRow) -> dict[str, str | None]:
    found: dict[str, str | None] = orjson.loads(ciphers.unseal(bytes(item.original)))
    return found


def corrections_of(item: HeldRow) -> dict[str, str]:
    if item.corrected is None:
        return {}
    found: dict[str, str] = orjson.loads(ciphers.unseal(bytes(item.corrected)))
    return found


def people_of(unit: OrgUnit | None, *, on: date) -> list[int]:
    """Who answers for a unit's data: its clerks and heads."""
    if unit is None:
        return []
    grants = RoleGrant.objects.filter(role__in=["clerk", "head"], org_unit=unit, valid_from__lte=on)
    current = grants.exclude(valid_to__lt=on).exclude(account__person=None)
    return sorted(set(current.values_list("account__person_id", flat=True)))


def upstream_codes() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    links = Pipeline.depends_on.through.objects.values_list("from_pipeline__code", "to_pipeline__code")
    for code, above in links:
        found.setdefault(code, set()).add(above)
    return found
