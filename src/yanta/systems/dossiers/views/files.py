"""Papers of a file, its check, its package."""

from __future__ import annotations

from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
)

from yanta.kernel import files
from yanta.kernel.audit import record
from yanta.kernel.base import Refused
from yanta.systems.dossiers import services
from yanta.systems.dossiers.services import inspecting, packing
from yanta.systems.dossiers.views.own import DossierPage


class EntryFileView(DossierPage):
    """The paper of one entry, if its period may be read."""

    def get(self, request: HttpRequest, pk: int, serial: int) -> HttpResponseBase:
        found, ground = self.opened(pk)
        entry = found.entries.filter(serial=serial, period__in=ground.periods).select_related("file").first()
        if entry is None or entry.file is None:
            raise Http404
        self.note(found, ground, f"打开原文：{entry.title}")
        answer = FileResponse(
            files.open_file(entry.file), filename=entry.file.name, content_type=entry.file.content_type
        )
        answer["X-Content-Type-Options"] = "nosniff"
        answer["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
        answer["Cache-Control"] = "private, no-store"
        return answer


class InspectView(DossierPage):
    """四性检测 now."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        found, ground = self.opened(pk)
        if ground.is_lent:
            raise Http404
        try:
            if ground.is_own:
                inspecting.look_through(found, by=self.actor.signature)
            else:
                services.inspect(found, actor=self.actor)
        except Refused as refusal:
            return self.shown(found, ground, 422, refusal=refusal.message)
        return HttpResponseRedirect(f"/dossiers/{pk}/#inspection")


class CollectView(DossierPage):
    """What happened since the last night, now."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        found, ground = self.opened(pk)
        if ground.is_lent or (not ground.is_own and not self.actor.may(services.inspect.permission)):
            raise Http404
        services.collect([found.person_id])
        return HttpResponseRedirect(f"/dossiers/{pk}/")


class PackageView(DossierPage):
    """封装包: own files, and those that the keeper hands over; borrowers read, they take nothing away."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        found, ground = self.opened(pk)
        if ground.is_lent:
            raise Http404
        self.note(found, ground, "导出封装包")
        record(
            "dossiers.dossier.package", actor=self.actor, subject=found, summary=f"导出 {found} 的档案封装包"
        )
        try:
            packed = packing.package_of(found, by=self.actor.signature)
        except Refused as refusal:
            return self.shown(found, ground, 422, refusal=refusal.message)
        answer = FileResponse(
            packed, as_attachment=True, filename=f"{found.number} {found.person.name} 档案.zip"
        )
        answer["Cache-Control"] = "private, no-store"
        return answer
