"""A class at once, its receipt, and what was issued in numbers."""

from __future__ import annotations

from typing import Any

from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
)
from django.utils import timezone

from yanta.kernel import files
from yanta.kernel.audit import record
from yanta.kernel.base import Refused
from yanta.kernel.jobs.models import JobRun
from yanta.kernel.portal.pages import PortalPage
from yanta.masterdata.models import AdminClass
from yanta.systems.certificates import services
from yanta.systems.certificates.models import Batch, Kind
from yanta.systems.certificates.queries import statistics

ISSUE = services.issue_many.permission


class NewBatchView(PortalPage):
    """Which kind for which class, and what for."""

    template = "certificates/batch_new.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if self.actor.account_id is not None and not self.actor.may(ISSUE):
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._shown()

    def post(self, request: HttpRequest) -> HttpResponse:
        given = request.POST
        kind = self._kinds().filter(pk=_key(given.get("kind", ""))).first()
        group = self._classes().filter(pk=_key(given.get("admin_class", ""))).first()
        try:
            if kind is None or group is None:
                raise Refused("请选择证明种类和班级")
            made = services.issue_many(
                actor=self.actor,
                kind=kind,
                admin_class=group,
                purpose=given.get("purpose", ""),
                numbers=given.get("numbers", ""),
            )
        except Refused as refusal:
            return self._shown(422, refusal.message, given)
        return HttpResponseRedirect(f"/certificates/batches/{made.pk}/")

    def _kinds(self) -> Any:
        return Kind.objects.filter(is_open=True, needs_approval=False).exclude(
            audience=Kind.Audience.EMPLOYED
        )

    def _classes(self) -> Any:
        return AdminClass.objects.visible_to(self.actor, ISSUE).order_by("-grade", "name")

    def _shown(self, status: int = 200, refusal: str = "", given: Any = None) -> HttpResponse:
        return self.page(
            status, kinds=[(one.pk, one.name) for one in self._kinds()], classes=[(one.pk, one.name) for one in self._classes()[:600]],
            refusal=refusal, given=given or {},
        )  # fmt: skip


def _key(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else 0


class AboutBatch(PortalPage):
    def found(self, pk: int) -> Batch:
        rows = Batch.objects.visible_to(self.actor).select_related("kind", "unit", "archive")
        found: Batch | None = rows.filter(pk=pk).first()
        if found is None:
            raise Http404
        return found


class BatchView(AboutBatch):
    """Progress while it runs, then the sum: asked = issued + not issued."""

    template = "certificates/batch.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        found = self.found(pk)
        run = JobRun.objects.filter(pk=found.run_id or 0).first()
        rows = found.certificates.select_related("person").order_by("number")[:300]
        return self.page(
            batch=found, run=run, rows=rows, left=found.asked - found.issued - len(found.refused)
        )


class ArchiveView(AboutBatch):
    """All of them in one file."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        found = self.found(pk)
        if found.archive is None:
            raise Http404
        record(
            "certificates.batch.download",
            actor=self.actor,
            subject=found,
            summary=f"下载 {found.archive.name}",
        )
        answer = FileResponse(files.open_file(found.archive), as_attachment=True, filename=found.archive.name)
        answer["Cache-Control"] = "private, no-store"
        return answer


class StatisticsView(PortalPage):
    """What was issued within the actor's reach."""

    template = "certificates/statistics.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        if not self.actor.may("certificates.certificate.export"):
            raise Http404
        return self.page(found=statistics.of(self.actor, on=timezone.localdate()))
