"""One filing, one table, one figure, its rows; what is done with them."""

from __future__ import annotations

from typing import Any

import ibis
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.http import url_has_allowed_host_and_scheme

from yanta.hub import subjects
from yanta.hub.reporting import drilling, queries, services
from yanta.hub.reporting.calculation import Line
from yanta.hub.reporting.definitions import LIST, Column, Package, Table
from yanta.hub.reporting.models import Filing, FilingTable, Finding
from yanta.hub.reporting.services import sending
from yanta.hub.reporting.views.pages import ReportPage, filing_grid, line_and_column, said
from yanta.hub.snapshots import public as snapshots
from yanta.kernel.base import Refused
from yanta.kernel.base.refused import NotAllowed
from yanta.kernel.files import open_file
from yanta.kernel.operation import Operation
from yanta.kernel.resource.forms import OperationForm

PAGE, DIFFERENCES = 50, 30
STEPS = (
    ("编制、自查", "drafting"),
    ("部门签字", "signing"),
    ("校级审核", "review"),
    ("上报", "submit"),
    ("回执、归档", "archive"),
)
ON_FILING = (
    services.calculate, services.review, services.submit, services.record_receipt, services.return_filing, services.archive,
)  # fmt: skip
ON_TABLE = (services.check_table, services.sign, services.send_back, services.assign)
IN_TABLE = (services.fill, services.take_back, services.explain, services.remark)


def shown_rows(
    page: ReportPage, package: Package, table: Table, line: Line, column: Column, days: dict[str, str], back: str
) -> HttpResponse:  # fmt: skip
    """The page of rows behind a figure."""
    number = int(page.request.GET.get("page", "1")) if page.request.GET.get("page", "1").isdecimal() else 1
    found = drilling.rows_of(package, table, line, column, days=days, actor=page.actor, page=max(number, 1))
    told = drilling.explained(package, table, line, column, days)
    pages = max(1, -(-found.visible // drilling.PAGE))
    return page.page(
        package=package, table=table, line=line, column=column, found=found, told=told, number=number, pages=pages, back=back
    )  # fmt: skip


class FilingView(ReportPage):
    """A filing: the finding first, then every table with its light."""

    template = "reporting/filing.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        filing = self.filing(pk)
        tables = list(filing.tables.select_related("unit", "filler"))
        left = queries.still_open(filing)
        findings = list(Finding.objects.filter(filing=filing).select_related("table"))
        return self.page(
            filing=filing, package=queries.package_of(filing), tables=tables, left=left, total_left=sum(left.values()),
            signed=sum(one.state == "signed" for one in tables), steps=_steps(filing, tables),
            errors=sum(one.severity == "error" for one in findings), open_findings=[one for one in findings if one.is_open][:12],
            explained=[one for one in findings if one.explanation], missing=sum(queries.missing_of(filing).values()),
            changed=filing.cells.filter(by_hand=False).exclude(given=None).count(),
            submissions=filing.submissions.order_by("-number"),
            actions=[one for one in ON_FILING if one.offered_to(self.actor, filing)],
            may_export=self.actor.may("reporting.filing.export"), may_import=self.actor.may(services.fill.permission),
        )  # fmt: skip


def _steps(filing: Filing, tables: list[FilingTable]) -> list[dict[str, str]]:
    signed, checked = (
        sum(one.state in states for one in tables) for states in (("signed",), ("signed", "checked"))
    )
    at = {"drafting": 0, "returned": 0, "locked": 3, "submitted": 4, "archived": 5}[filing.state]
    if filing.is_open and tables:
        at = 2 if signed == len(tables) else 1 if checked == len(tables) else 0
    said_by = ["", f"{signed}/{len(tables)} 张", filing.reviewed_by, "", ""]
    return [
        {"label": label, "state": "done" if n < at else "current" if n == at else "todo", "who": said_by[n]}
        for n, (label, _) in enumerate(STEPS)
    ]


class TableView(ReportPage):
    """A table in its official layout, each figure with its state; a figure opens at the side."""

    template = "reporting/table.html"

    def get(self, request: HttpRequest, pk: int, code: str) -> HttpResponse:
        filing, one = self._found(pk, code)
        package, values = queries.package_of(filing), queries.values_of(filing)
        context = filing_grid(filing, package, one, values)
        if context["is_list"]:
            context |= self._list(one, context["table"])
        else:
            context |= self.part(context["lines"], len(context["table"].columns))
        return self.page(
            filing=filing, one=one, package=package, base="cells/", kept=None,
            left=queries.still_open(filing).get(code, 0), remarks=one.remarks.order_by("-pk")[:20], home=f"/reporting/filings/{pk}/",
            tables=[{"code": each.code, "title": each.title} for each in filing.tables.all()],
            actions=[each for each in ON_TABLE if _offered(each, self.actor, one)], **context,
        )  # fmt: skip

    def _found(self, pk: int, code: str) -> tuple[Filing, FilingTable]:
        filing = self.filing(pk)
        one: FilingTable = get_object_or_404(
            filing.tables.select_related("unit", "filler", "listed", "filing"), code=code
        )
        return filing, one

    def _list(self, one: FilingTable, table: Table) -> dict[str, Any]:
        """The lines of a list that the actor may see, a page of them."""
        rows = queries.list_of(one)
        subject = subjects.subject(table.subject)
        written = self.request.GET.get("page", "1")
        number = max(1, int(written)) if written.isdecimal() else 1
        with snapshots.engine() as engine:
            seen = snapshots.visible(ibis.memtable(rows), subject, self.actor)
            total = engine.to_pyarrow(seen.count()).as_py()
            found = engine.to_pyarrow(
                seen.order_by(seen.id).limit(PAGE, offset=(number - 1) * PAGE)
            ).to_pylist()
        shown = [[row[column.code] or "" for column in table.columns] for row in found]
        return {
            "rows": shown,
            "visible": total,
            "number": number,
            "pages": max(1, -(-total // PAGE)),
            "first": (number - 1) * PAGE,
        }


def _offered(action: Operation[..., Any], actor: Any, one: FilingTable) -> bool:
    """Whether the actor reaches this table with the verb, not only some table."""
    return (
        action.offered_to(actor, one)
        and one.filing.is_open
        and FilingTable.objects.visible_to(actor, action.permission).filter(pk=one.pk).exists()
    )


class CellView(TableView):
    """One figure: definition in words, rows, last year, explanation, what may be done."""

    template = "reporting/cell.html"

    def get(self, request: HttpRequest, pk: int, code: str, row: str = "", column: str = "") -> HttpResponse:
        filing, one = self._found(pk, code)
        assert filing.calculation is not None  # noqa: S101  # calculated when opened
        package = queries.package_of(filing)
        table, line, declared = line_and_column(
            package, code, queries.lines_of(filing.calculation.lines), row, column
        )
        place, name = f"{row}.{column}", f"{code}.{row}.{column}"
        cell = one.cells.filter(row=row, column=column).first()
        told = drilling.explained(package, table, line, declared, filing.days)
        value = queries.values_of(filing).get(code, {}).get(place)
        return self.page(
            filing=filing, one=one, package=package, table=table, line=line, column=declared, cell=cell, told=told,
            value=(cell.words if cell else "") or said(value, declared), computed=said(cell.computed, declared) if cell else "",
            last=said(queries.last_values(filing).get(code, {}).get(place), declared), findings=one.findings.filter(cell=name),
            remarks=one.remarks.filter(cell=place), base=f"/reporting/filings/{pk}/tables/",
            may={each.name: _offered(each, self.actor, one) for each in IN_TABLE},
            lineage=f"cell:{package.code}/{code}/{line.row}.{column}",
        )  # fmt: skip


class RowsView(TableView):
    """The rows that a figure counted."""

    template = "reporting/rows.html"

    def get(self, request: HttpRequest, pk: int, code: str, row: str = "", column: str = "") -> HttpResponse:
        filing, _ = self._found(pk, code)
        assert filing.calculation is not None  # noqa: S101  # calculated when opened
        package = queries.package_of(filing)
        place = line_and_column(package, code, queries.lines_of(filing.calculation.lines), row, column)
        return shown_rows(self, package, *place, filing.days, f"/reporting/filings/{pk}/tables/{code}/")


class ActView(ReportPage):
    """A verb from a form on these pages; the answer stands where one was."""

    def post(self, request: HttpRequest, pk: int, verb: str, code: str = "") -> HttpResponse:
        filing = self.filing(pk)
        row: Any = filing if not code else get_object_or_404(filing.tables.all(), code=code)
        known = {one.name: one for one in (ON_FILING if not code else (*ON_TABLE, *IN_TABLE))}
        if verb not in known:
            raise Http404
        self._carry_out(request, known[verb], row)
        return HttpResponseRedirect(self._back(request, filing, code))

    def _carry_out(self, request: HttpRequest, action: Operation[..., Any], row: Any) -> None:
        if not self.actor.may(action.permission):
            raise NotAllowed(f"您没有“{action.title}”的权限", rule=action.permission)
        form = OperationForm(request.POST, request.FILES, operation=action, actor=self.actor)
        if not form.is_valid():
            messages.error(
                request, "；".join(str(error) for errors in form.errors.values() for error in errors)
            )
            return
        try:
            action(row, actor=self.actor, **form.parameters())
        except NotAllowed:
            raise
        except Refused as refusal:
            messages.error(request, refusal.message)
        else:
            messages.success(request, f"{action.title}：已完成")

    def _back(self, request: HttpRequest, filing: Filing, code: str) -> str:
        wanted = request.POST.get("next", "")
        if url_has_allowed_host_and_scheme(wanted, {request.get_host()}) and wanted.startswith("/"):
            return wanted
        return f"/reporting/filings/{filing.pk}/" + (f"tables/{code}/" if code else "")


class ArchiveView(ReportPage):
    """What was sent, as it was sent."""

    permission = "reporting.filing.export"

    def get(self, request: HttpRequest, pk: int, number: int) -> HttpResponse | FileResponse:
        sent = get_object_or_404(self.filing(pk).submissions.select_related("archive"), number=number)
        if sent.archive is None or not sending.is_sound(sent):
            raise Refused("存档与签名不符，不能下载，请联系信息中心", rule="reporting.archive")
        return FileResponse(open_file(sent.archive), as_attachment=True, filename=sent.archive.name)


class DifferenceView(ReportPage):
    """Cell by cell between two submissions, or between last year and now."""

    template = "reporting/difference.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        filing = self.filing(pk)
        sent = list(filing.submissions.order_by("number"))
        choices = [("last", "上年")] * bool(filing.previous) + [
            (str(one.number), f"第 {one.number} 次上报") for one in sent
        ]
        choices.append(("now", "现在"))
        known = dict(choices)
        before = request.GET.get("before", "")
        before = before if before in known else choices[-2][0] if len(choices) > 1 else "now"
        after = request.GET.get("after", "now") if request.GET.get("after", "now") in known else "now"
        values = {key: self._values(filing, key) for key in (before, after)}
        found = queries.difference(values[before], values[after])
        titles = sent[-1].titles if sent else {}
        written = request.GET.get("page", "1")
        pages = max(1, -(-len(found) // DIFFERENCES))
        number = min(max(1, int(written)), pages) if written.isdecimal() else 1
        shown = found[(number - 1) * DIFFERENCES : number * DIFFERENCES]
        return self.page(
            filing=filing, choices=choices, before=before, after=after, known=known, total=len(found), number=number,
            pages=pages, rows=[(name, titled(filing, titles, name), old, new) for name, old, new in shown],
        )  # fmt: skip

    def _values(self, filing: Filing, key: str) -> Any:
        if key == "last":
            return queries.last_values(filing)
        if key == "now":
            return queries.values_of(filing)
        return queries.values_from(filing.submissions.get(number=int(key)).values)


def titled(filing: Filing, titles: dict[str, str], name: str) -> str:
    if name in titles:
        return titles[name]
    code, row, column = name.split(".")
    package = queries.package_of(filing)
    table = next((one for one in package.tables if one.code == code), None)
    if table is None:
        return name
    lines = queries.lines_of(filing.calculation.lines).get(code, []) if filing.calculation else []
    line = next((one.title for one in lines if one.code == row), row)
    if table.kind == LIST:
        return f"{table.heading} · 行数"
    return f"{table.heading} · {line} · {table.column(column).title}"
