"""The download page."""

from __future__ import annotations

from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase

from yanta.kernel.audit import record
from yanta.kernel.files import access, kinds, storing
from yanta.kernel.files.models import StoredFile
from yanta.kernel.portal.pages import PortalPage

# What a browser may show by itself; everything else is saved.
SHOWN = {kinds.TYPES[kind] for kind in ("pdf", "png", "jpg", "gif", "webp")}


class DownloadView(PortalPage):
    """One file for who may read it; others learn not even that it exists."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        file = StoredFile.objects.filter(pk=pk).first()
        if file is None or not access.may_read(file, self.actor):
            raise Http404
        if not access.is_own(file, self.actor):
            record("files.storedfile.download", actor=self.actor, subject=file, summary=f"下载 {file.name}")
        inline = "inline" in request.GET and file.content_type in SHOWN
        answer = FileResponse(
            storing.open_file(file),
            as_attachment=not inline,
            filename=file.name,
            content_type=file.content_type,
        )
        answer["X-Content-Type-Options"] = "nosniff"
        answer["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
        answer["Cache-Control"] = "private, no-store"
        return answer
