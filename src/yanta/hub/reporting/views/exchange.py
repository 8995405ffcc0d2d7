"""Files out and in: Excel, XML, CSV; by-hand figures from Excel; an official file beside ours."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect

from yanta.hub.reporting import queries
from yanta.hub.reporting.definitions import LIST
from yanta.hub.reporting.exporting import excel, sheets, texts
from yanta.hub.reporting.models import Filing
from yanta.hub.reporting.services.cells import take_in
from yanta.hub.reporting.views.filings import titled
from yanta.hub.reporting.views.pages import ReportPage
from yanta.kernel import audit
from yanta.kernel.base import Refused

TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xml": "application/xml",
    "csv": "text/csv; charset=utf-8",
}  # fmt: skip


class ExportView(ReportPage):
    """The whole filing, or one table of it; noted in the audit trail, for lists hold people."""

    permission = "reporting.filing.export"

    def get(self, request: HttpRequest, pk: int, kind: str) -> HttpResponse:
        if kind not in TYPES:
            raise Http404
        filing = self.filing(pk)
        package, filled = sheets.of_filing(filing)
        code = request.GET.get("table", "")
        chosen = [one for one in filled if not code or one.table.code == code]
        if not chosen:
            raise Http404
        written = self._written(kind, filing, package, chosen)
        audit.record(
            self.permission, actor=self.actor, subject=filing, summary=f"导出 {kind}",
            data={"tables": [one.table.code for one in chosen]},
        )  # fmt: skip
        answer = HttpResponse(written, content_type=TYPES[kind])
        name = f"{filing.package}-{filing.period}{'-' + code if code else ''}.{kind}"
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer

    def _written(self, kind: str, filing: Filing, package: Any, chosen: list[sheets.Filled]) -> bytes:
        if kind == "xlsx":
            return excel.write(package, chosen, period=filing.period)
        if kind == "xml":
            return texts.xml(package, chosen, period=filing.period, school=settings.YANTA_NODE_NAME)
        if len(chosen) == 1 and chosen[0].table.kind == LIST:
            return texts.list_csv(chosen[0])
        return texts.figures_csv(chosen)


class ImportView(ReportPage):
    """By-hand figures out of a filled workbook: every figure is judged, then all or none are written."""

    permission = "reporting.filingtable.fill"

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        filing = self.filing(pk)
        try:
            taken = self._take(filing, request.FILES.get("file"))
        except Refused as refusal:
            messages.error(request, refusal.message)
        else:
            messages.success(request, f"已导入 {taken} 个手填项")
        return HttpResponseRedirect(f"/reporting/filings/{pk}/")

    def _take(self, filing: Filing, file: Any) -> int:
        if file is None:
            raise Refused("请选择文件")
        wanted = [(one.table, one.row, one.column, one.text) for one in _read(filing, file) if one.text]
        taken = take_in(filing, wanted, actor=self.actor)
        if not taken:
            raise Refused("文件里没有您可以填的手填项")
        return taken


def _read(filing: Filing, file: Any) -> list[excel.Read]:
    assert filing.calculation is not None  # noqa: S101  # calculated when opened
    package, lines = queries.package_of(filing), queries.lines_of(filing.calculation.lines)
    return excel.read(file, [(table, lines.get(table.code, ())) for table in package.tables])


class CompareView(ReportPage):
    """An official file beside our figures; nothing is written."""

    template = "reporting/compared.html"

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        filing = self.filing(pk)
        file = request.FILES.get("file")
        if file is None:
            raise Refused("请选择文件", field="file")
        read, values = _read(filing, file), queries.values_of(filing)
        rows = []
        for one in read:
            ours, theirs = values.get(one.table, {}).get(f"{one.row}.{one.column}"), one.value
            if (ours or Decimal(0)) != (theirs or Decimal(0)):
                rows.append((one, self._title(filing, one), ours, one.text))
        return self.page(filing=filing, rows=rows, read=len(read), name=file.name)

    def _title(self, filing: Filing, one: excel.Read) -> str:
        return titled(filing, {}, f"{one.table}.{one.row}.{one.column}")
