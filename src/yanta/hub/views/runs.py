"""Starting a run, its receipt, the mapping workbench."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils import timezone

from yanta.hub import pipeline, services
from yanta.hub.intake.elements import ELEMENTS as RAW_ELEMENTS
from yanta.hub.jobs import settle, take_in
from yanta.hub.models import Mapping, Run
from yanta.hub.services import runs
from yanta.hub.storing import receipts
from yanta.kernel.base import Refused
from yanta.kernel.base.refused import NotAllowed
from yanta.kernel.jobs import start
from yanta.kernel.portal.pages import PortalPage

MOST_BYTES = 500 * 1024 * 1024
READABLE = {".xlsx", ".xls", ".csv", ".txt", ".dbf", ".sqlite", ".db", ".tsv"}


class HubPage(PortalPage):
    """For those who may do something with the hub."""

    permission = "hub.run.view"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if self.actor.account_id is not None and not self.actor.may(self.permission):
            raise NotAllowed("您没有数据中心的这项权限", rule=self.permission)
        return super().dispatch(request, *args, **kwargs)


class NewRunView(HubPage):
    """Files from a computer, or the sample rosters; the work goes on in the background."""

    template = "hub/new_run.html"
    permission = "hub.mapping.confirm"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(refusal=None)

    def post(self, request: HttpRequest) -> HttpResponse:
        try:
            folder = self._folder(request)
        except Refused as refusal:
            return self.page(422, refusal=refusal)
        title = request.POST.get("title", "").strip() or f"{timezone.localdate()} 数据接入"
        run = start(
            take_in, actor=self.actor, folder=str(folder), title=title,
            accept_mapping="accept_mapping" in request.POST,
        )  # fmt: skip
        return HttpResponseRedirect(f"/jobs/{run.pk}/")

    def _folder(self, request: HttpRequest) -> Path:
        if "samples" in request.POST:
            return pipeline.SAMPLES
        files = request.FILES.getlist("files")
        if not files:
            raise Refused("请选择要接入的文件", field="files")
        folder = runs.inbox() / timezone.now().strftime("%Y%m%d-%H%M%S-%f")
        folder.mkdir(parents=True)
        for file in files:
            for name, content in _unpacked(file):
                (folder / name).write_bytes(content)
        return folder


def _unpacked(file: UploadedFile) -> Iterator[tuple[str, bytes]]:
    """The file, or the files in a zip; names lose their folders, contents have a limit."""
    name = PurePosixPath((file.name or "").replace("\\", "/")).name
    if not name.lower().endswith(".zip"):
        _check(name, file.size or 0)
        yield name, file.read()
        return
    with zipfile.ZipFile(file) as archive:
        for member in archive.infolist():
            inner = PurePosixPath(member.filename.replace("\\", "/")).name
            if member.is_dir() or inner.startswith("."):
                continue
            _check(inner, member.file_size)
            yield inner, archive.read(member)


def _check(name: str, size: int) -> None:
    if Path(name).suffix.lower() not in READABLE:
        raise Refused(f"“{name}”不是能读的格式；可用 Excel、CSV、文本、DBF、SQLite", field="files")
    if size > MOST_BYTES:
        raise Refused(f"“{name}”超过 500 MB，请放到服务器目录后用 yanta hub intake", field="files")


class SettleView(HubPage):
    """Replay corrected rows, let decisions take effect."""

    permission = "hub.doubtfulpair.decide_same"

    def post(self, request: HttpRequest) -> HttpResponse:
        run = start(settle, actor=self.actor)
        return HttpResponseRedirect(f"/jobs/{run.pk}/")


class ReceiptView(HubPage):
    """The sum that adds up, per file and sheet, with what differs from the run before."""

    template = "hub/receipt.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        run = get_object_or_404(Run.objects.visible_to(self.actor), pk=pk)
        before = Run.objects.filter(pk__lt=run.pk, state=Run.State.DONE).order_by("-pk").first()
        receipt = getattr(run, "receipt", None)
        return self.page(
            run=run, receipt=receipt, faults=receipts.faults(receipt) if receipt else [], before=before,
            files=run.files.select_related("source"), totals=receipts.TOLD,
        )  # fmt: skip


class ReceiptFileView(HubPage):
    """The signed document, as other parties keep it."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        receipt = get_object_or_404(Run.objects.visible_to(self.actor), pk=pk).receipt
        document = {
            "document": receipt.document, "previous": receipt.previous, "sm3": receipt.digest,
            "signature": receipt.signature, "signed_at": receipt.signed_at.isoformat(),
        }  # fmt: skip
        answer = HttpResponse(
            json.dumps(document, ensure_ascii=False, indent=1), content_type="application/json"
        )
        answer["Content-Disposition"] = f'attachment; filename="receipt-{pk}.json"'
        return answer


class MappingView(HubPage):
    """Column by column: what it is taken for, how surely, why; a person changes and confirms."""

    template = "hub/mapping.html"
    permission = "hub.mapping.view"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._show(get_object_or_404(Mapping.objects.visible_to(self.actor), pk=pk))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        mapping = get_object_or_404(Mapping.objects.visible_to(self.actor, "hub.mapping.confirm"), pk=pk)
        columns = [
            {**column, "element": request.POST.get(f"column_{column['index']}") or None}
            for column in mapping.document["columns"]
        ]
        chosen = [column["element"] for column in columns if column["element"]]
        if len(chosen) != len(set(chosen)):
            messages.error(request, "同一数据项只能对应一列，请检查")
            return HttpResponseRedirect(request.path)
        mapping.document = {**mapping.document, "columns": columns}
        mapping.save(update_fields=["document", "updated_at"])
        services.confirm(mapping, actor=self.actor)
        return HttpResponseRedirect("/hub/mapping/?status=proposed")

    def _show(self, mapping: Mapping) -> HttpResponse:
        options = [(element.name, element.label) for element in RAW_ELEMENTS]
        columns = mapping.document["columns"]
        return self.page(
            mapping=mapping, columns=columns, options=options, named=sum(bool(one["element"]) for one in columns),
            open=mapping.status == Mapping.Status.PROPOSED and self.actor.may("hub.mapping.confirm"),
        )  # fmt: skip
