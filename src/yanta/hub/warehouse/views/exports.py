"""Asking for a file, following it, fetching it, also from the middle on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO

from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header

from yanta.hub.warehouse.asking import documents
from yanta.hub.warehouse.models import Export
from yanta.hub.warehouse.services import exporting
from yanta.hub.warehouse.views.questions import QuestionsPage
from yanta.kernel import files
from yanta.kernel.audit import record
from yanta.kernel.base import Refused
from yanta.kernel.files.models import StoredFile
from yanta.kernel.jobs.models import JobRun

RANGE = re.compile(r"^bytes=(\d+)-(\d*)$")
CHUNK = 1024 * 1024


class ExportAskView(QuestionsPage):
    def post(self, request: HttpRequest) -> HttpResponse:
        made = exporting.ask(
            documents.from_query(request.POST), actor=self.actor, kind=request.POST.get("format", ""),
            reason=request.POST.get("reason", ""), name=request.POST.get("name", ""),
        )  # fmt: skip
        return HttpResponseRedirect(f"/warehouse/exports/{made.pk}/")


class ExportView(QuestionsPage):
    """How far it is; when it is done, the file."""

    template = "warehouse/export.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        export = own_or_seen(self, pk)
        run = JobRun.objects.filter(pk=export.run_id).first()
        may_fetch = (
            export.file is not None
            and not export.file.has_expired
            and files.may_read(export.file, self.actor)
        )
        try:
            words = documents.plan(documents.from_json(export.document), self.actor).words
        except Refused:
            words = ""
        return self.page(
            export=export,
            run=run,
            may_fetch=may_fetch,
            words=words,
            is_mine=export.person_id == self.actor.person_id,
        )


def own_or_seen(page: QuestionsPage, pk: int) -> Export:
    """One's own, or what lies in one's scope."""
    seen = Export.objects.select_related("file", "person", "unit")
    mine = seen.filter(pk=pk, person_id=page.actor.person_id).first() if page.actor.person_id else None
    return mine or get_object_or_404(seen.visible_to(page.actor, "warehouse.export.view"), pk=pk)


class FileView(QuestionsPage):
    """The file; a download that broke off goes on where it stood (`Range`)."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        export = own_or_seen(self, pk)
        file = export.file
        if file is None or not files.may_read(file, self.actor):
            raise Http404
        wanted = RANGE.match(request.headers.get("Range", ""))
        if wanted is None:
            record("warehouse.export.fetch", actor=self.actor, subject=export, summary=f"下载 {file.name}")
            answer: HttpResponseBase = FileResponse(
                files.open_file(file), as_attachment=True, filename=file.name, content_type=file.content_type
            )
        else:
            answer = _from_the_middle(file, int(wanted[1]), int(wanted[2]) if wanted[2] else file.size - 1)
        answer["Accept-Ranges"] = "bytes"
        answer["X-Content-Type-Options"] = "nosniff"
        answer["Cache-Control"] = "private, no-store"
        return answer


def _from_the_middle(file: StoredFile, first: int, last: int) -> HttpResponseBase:
    size = file.size
    last = min(last, size - 1)
    if first > last:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    content = files.open_file(file)
    content.seek(first)
    answer = StreamingHttpResponse(
        _read(content, last - first + 1), status=206, content_type=file.content_type
    )
    answer["Content-Range"], answer["Content-Length"] = f"bytes {first}-{last}/{size}", str(last - first + 1)
    answer["Content-Disposition"] = content_disposition_header(True, file.name) or "attachment"
    return answer


def _read(content: IO[bytes], left: int) -> Iterator[bytes]:
    with content:
        while left > 0 and (chunk := content.read(min(CHUNK, left))):
            left -= len(chunk)
            yield chunk
