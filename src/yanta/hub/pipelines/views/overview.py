"""All pipelines with their lights, one pipeline, the throughput panel."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone

from yanta.hub.pipelines import queries, scheduling, services
from yanta.hub.pipelines.models import Pipeline, PipelineRun
from yanta.hub.pipelines.targets import target
from yanta.hub.pipelines.views.base import STATE_TONES, TONES, PipelinePage
from yanta.kernel.base import Refused
from yanta.kernel.jobs.models import JobRun

WORDS = {"green": "正常", "yellow": "需留意", "red": "异常", "grey": "未启用"}


class BoardView(PipelinePage):
    """Every pipeline on one page: light, last run, next run, what waits."""

    template = "pipelines/board.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        now = timezone.now()
        found = list(queries.visible_pipelines(self.actor).select_related("owner", "receiver"))
        lights, runs, rows = queries.lights(found, at=now), queries.last_runs(found), queries.open_rows(found)
        lines = [
            {
                "pipeline": one, "light": lights[one.pk], "run": runs.get(one.pk), "waiting": rows.get(one.pk, 0),
                "next": scheduling.next_due(one, at=now), "subject": target(one.subject).title,
            }
            for one in found
        ]  # fmt: skip
        order = {"red": 0, "yellow": 1, "green": 2, "grey": 3}
        return self.page(
            lines=sorted(lines, key=lambda line: (order[line["light"]], line["pipeline"].code)), tones=TONES, words=WORDS,
            state_tones=STATE_TONES, sums={light: list(lights.values()).count(light) for light in order},
            may_add=self.actor.may("pipelines.pipeline.add"),
        )  # fmt: skip


class PipelineView(PipelinePage):
    """One pipeline: what runs now, versions, runs, clock, upstream and downstream. A POST starts a run."""

    template = "pipelines/pipeline.html"

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        pipeline = self.pipeline(code)
        if request.GET.get("_part") == "now":
            self.template = "pipelines/now.html"
            return self.page(pipeline=pipeline, now=_now(pipeline), refused=None)
        return self._show(pipeline)

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        pipeline = self.pipeline(code)
        verbs = {"run": services.run, "dry": services.dry_run, "replay": services.replay}
        verb = verbs.get(request.POST.get("verb", ""))
        try:
            if verb is None:
                raise Refused("请选择要做什么")
            verb(pipeline, actor=self.actor)
        except Refused as refusal:
            messages.error(request, refusal.message)
        return HttpResponseRedirect(request.path)

    def _show(self, pipeline: Pipeline) -> HttpResponse:
        now = timezone.now()
        return self.page(
            pipeline=pipeline, now=_now(pipeline), light=queries.lights([pipeline], at=now)[pipeline.pk], tones=TONES, words=WORDS,
            state_tones=STATE_TONES, runs=pipeline.runs.select_related("version", "receipt")[:12], versions=pipeline.versions.all()[:8],
            next=scheduling.next_due(pipeline, at=now), goal=target(pipeline.subject), draft=queries.draft(pipeline),
            published=queries.published(pipeline), waiting=queries.open_rows([pipeline]).get(pipeline.pk, 0),
            corrected=pipeline.held_rows.filter(state="corrected").count(), silent=queries.is_silent(pipeline, at=now),
            upstream=pipeline.depends_on.all(), downstream=pipeline.followers.all(),
            seen=set(queries.visible_pipelines(self.actor).values_list("pk", flat=True)), may={
                name: self.actor.may(f"pipelines.pipeline.{name}") for name in ("run", "dry_run", "replay", "begin_draft", "edit", "depend")
            },
        )  # fmt: skip


def _now(pipeline: Pipeline) -> dict[str, Any]:
    """What is under way: the job, queued or running, and the run it belongs to."""
    open_jobs = JobRun.objects.filter(
        name="pipelines.carry_out_pipeline", params__code=pipeline.code
    ).exclude(state__in=JobRun.ENDED)
    job = open_jobs.order_by("pk").first()
    run = PipelineRun.objects.filter(job_id=job.pk).last() if job else None
    return {"job": job, "run": run}


class ThroughputView(PipelinePage):
    """Rows, rows a second and time of every pipeline over seven days."""

    template = "pipelines/throughput.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        lines = queries.throughput(queries.visible_pipelines(self.actor), at=timezone.now())
        lines.sort(key=lambda line: -line["rows"])
        shown = lines[:12]
        chart = {
            "type": "bar", "labels": [line["pipeline"].title for line in shown],
            "series": [{"name": "行/秒", "values": [line["rate"] for line in shown]}], "unit": "行/秒",
        }  # fmt: skip
        waits = {
            "type": "bar", "labels": [line["pipeline"].title for line in shown],
            "series": [
                {"name": "中位用时", "values": [round(line["seconds"], 2) for line in shown]},
                {"name": "最长用时", "values": [round(line["longest"], 2) for line in shown]},
            ], "unit": "秒",
        }  # fmt: skip
        fastest = max(lines, key=lambda line: line["rate"], default=None)
        return self.page(
            lines=lines, chart=chart, waits=waits, fastest=fastest, rows=sum(line["rows"] for line in lines)
        )
