"""A run while it runs, and its account afterwards."""

from __future__ import annotations

import json

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404

from yanta.hub.pipelines import queries, rules, services
from yanta.hub.pipelines.models import PipelineRun, ReceiptCopy
from yanta.hub.pipelines.models.runs import COUNTED
from yanta.hub.pipelines.running import accounts, previewing
from yanta.hub.pipelines.targets import target
from yanta.hub.pipelines.views.base import STATE_TONES, PipelinePage
from yanta.hub.quality import public as quality
from yanta.kernel.jobs import cancel
from yanta.kernel.jobs.models import JobRun

LABELS = ("读入", "新增", "变更", "未变", "隔离", "被覆盖", "标记离开")
STEP_NAMES = {
    "clean": "清洗",
    "look_up": "对照与匹配",
    "read_target": "读取现有",
    "compare": "校验与比对",
    "quality": "质量规则",
    "count": "计数",
}


class RunView(PipelinePage):
    """Live while it runs; then the sum that adds up, the parts, what was held back, what would change. A POST stops it."""

    template = "pipelines/run.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        run = self._run(pk)
        job = JobRun.objects.filter(pk=run.job_id).first()
        if request.GET.get("_part") == "progress":
            self.template = "pipelines/run_progress.html"
            answer = self.page(run=run, job=job)
            if run.state != PipelineRun.State.RUNNING:
                answer["HX-Refresh"] = "true"
            return answer
        receipt = getattr(run, "receipt", None)
        return self.page(
            run=run, job=job, receipt=receipt, faults=accounts.faults(receipt) if receipt else [], parts=run.parts.all()[:200],
            preview=previewing.read(run.preview), labels=LABELS, counted=COUNTED, tones=STATE_TONES, goal=target(run.pipeline.subject),
            steps=[(STEP_NAMES.get(name, name), seconds) for name, seconds in run.timings.items()],
            severities=dict(quality.SEVERITIES), may_consent=rules.waits_for_consent(run) and self.actor.may(services.consent.permission),
            copies=receipt.copies.select_related("unit") if receipt else [],
            own=set(ReceiptCopy.objects.visible_to(self.actor).filter(receipt__run=run).values_list("pk", flat=True)),
        )  # fmt: skip

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        run = self._run(pk)
        cancel(get_object_or_404(JobRun, pk=run.job_id), actor=self.actor)
        return HttpResponseRedirect(request.path)

    def _run(self, pk: int) -> PipelineRun:
        return get_object_or_404(queries.visible_runs(self.actor), pk=pk)


class ReceiptFileView(PipelinePage):
    """The signed document, as both parties keep it."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        receipt = queries.visible_receipts(self.actor).filter(run_id=pk).first()
        if receipt is None:
            raise Http404
        document = {
            "document": receipt.document, "previous": receipt.previous, "sm3": receipt.digest, "signature": receipt.signature,
            "signed_at": receipt.signed_at.isoformat(),
        }  # fmt: skip
        answer = HttpResponse(
            json.dumps(document, ensure_ascii=False, indent=1), content_type="application/json"
        )
        answer["Content-Disposition"] = f'attachment; filename="receipt-pipeline-{pk}.json"'
        return answer
