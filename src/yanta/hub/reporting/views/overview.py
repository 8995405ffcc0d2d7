"""The packages, one definition, a rehearsal, one's own tables."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils import timezone

from yanta.hub.reporting import definitions, drilling, inspection, layout, queries, services
from yanta.hub.reporting.definitions import LIST, Package, Table, is_manual, is_verified
from yanta.hub.reporting.models import Calculation, Filing, FilingTable
from yanta.hub.reporting.views.filings import shown_rows
from yanta.hub.reporting.views.pages import ReportPage, grid, line_and_column, said
from yanta.kernel.base import Refused

FILL = services.fill.permission


@dataclass(frozen=True, slots=True)
class PackageView:
    """A package on the first page."""

    package: Package
    filing: Filing | None
    signed: int
    left: int
    verified: int
    places: int


def _places(table: Table) -> list[bool]:
    """Whether each place of a table was compared with a published definition."""
    if table.kind == LIST:
        return [is_verified(table, None, column) for column in table.columns]
    return [is_verified(table, row, column) for row, column in definitions.cells(table)]


def _view(package: Package) -> PackageView:
    filing = Filing.objects.filter(package=package.code).order_by("-period").first()
    signed = filing.tables.filter(state=FilingTable.State.SIGNED).count() if filing else 0
    left = sum(queries.still_open(filing).values()) if filing and filing.is_open else 0
    marks = [one for table in package.tables for one in _places(table)]
    return PackageView(package, filing, signed, left, sum(marks), len(marks))


class HomeView(ReportPage):
    """Which reports there are, how far each one is this year."""

    template = "reporting/home.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        reach = self.actor.reach(FILL)
        mine = [] if reach.nothing or reach.everything else queries.tables_for(self.actor, FILL)[:8]
        return self.page(
            packages=[_view(one) for one in definitions.packages()], mine=mine,
            archived=Filing.objects.filter(state=Filing.State.ARCHIVED).order_by("-period")[:10],
            may_open=self.actor.may(services.open_filing.permission), may_rehearse=self.actor.may(services.rehearse.permission),
        )  # fmt: skip


class DefinitionView(ReportPage):
    """A package as data: tables, rows, columns, checks, and what was compared with what."""

    template = "reporting/definition.html"

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        package = _package(code)
        tables = [
            {"table": table, "places": len(marks), "verified": sum(marks), "manual": _manual(table), "head": layout.head_rows(table)}
            for table in package.tables
            for marks in [_places(table)]
        ]  # fmt: skip
        return self.page(
            package=package, tables=tables, problems=inspection.problems(package),
            rehearsals=Calculation.objects.filter(package=code, filing=None).order_by("-pk")[:5],
            filings=Filing.objects.filter(package=code).order_by("-period"),
            may_rehearse=self.actor.may(services.rehearse.permission),
        )  # fmt: skip


def _package(code: str) -> Package:
    try:
        return definitions.package(code)
    except Refused as refusal:
        raise Http404 from refusal


def _manual(table: Table) -> int:
    return (
        0 if table.kind == LIST else sum(is_manual(row, column) for row, column in definitions.cells(table))
    )


class RehearseView(ReportPage):
    """Count a package on today's data."""

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        _package(code)
        kept = services.rehearse(actor=self.actor, package=services.filings.PackageChoice(code))
        messages.success(request, f"试算完成，用时 {kept.seconds:.1f} 秒")
        return HttpResponseRedirect(f"/reporting/rehearsals/{kept.pk}/")


class RehearsalView(ReportPage):
    """What the package would come to today: findings first, then the tables."""

    template = "reporting/rehearsal.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        kept = _rehearsal(pk)
        package = _package(kept.package)
        by_table = Counter(one["table"] for one in kept.findings)
        return self.page(
            kept=kept, package=package, findings=kept.findings, by_table=by_table,
            errors=sum(one["severity"] == "error" for one in kept.findings),
        )  # fmt: skip


def _rehearsal(pk: int) -> Calculation:
    found: Calculation = get_object_or_404(Calculation.objects.filter(filing=None), pk=pk)
    return found


class RehearsalTableView(ReportPage):
    """One table of a rehearsal, in the official layout."""

    template = "reporting/table.html"

    def get(self, request: HttpRequest, pk: int, code: str) -> HttpResponse:
        kept = _rehearsal(pk)
        package = _package(kept.package)
        table = next((one for one in package.tables if one.code == code), None)
        if table is None:
            raise Http404
        values, lines = queries.values_from(kept.values), queries.lines_of(kept.lines)
        marks = {one["cell"]: "wrong" if one["severity"] == "error" else "odd" for one in kept.findings}
        return self.page(
            kept=kept, package=package, table=table, head=layout.head_rows(table), stubs=layout.stubs_of(table),
            is_list=table.kind == LIST, count=values.get(code, {}).get("list.count"), base="cells/",
            **self.part(grid(table, lines.get(code, []), values.get(code, {}), {}, marks), len(table.columns)),
            findings=[], tables=[{"code": one.code, "title": one.heading} for one in package.tables], one=None, filing=None,
            home=f"/reporting/rehearsals/{pk}/",
        )  # fmt: skip


class RehearsalCellView(ReportPage):
    """A figure of a rehearsal: its definition and its rows."""

    template = "reporting/cell.html"

    def get(self, request: HttpRequest, pk: int, code: str, row: str, column: str) -> HttpResponse:
        kept = _rehearsal(pk)
        package = _package(kept.package)
        table, line, declared = line_and_column(package, code, queries.lines_of(kept.lines), row, column)
        value = queries.values_from(kept.values).get(code, {}).get(f"{row}.{column}")
        told = drilling.explained(package, table, line, declared, kept.days)
        return self.page(
            package=package, table=table, line=line, column=declared, value=said(value, declared), told=told, cell=None,
            one=None, filing=None, findings=[], remarks=[], last="", base=f"/reporting/rehearsals/{pk}/tables/",
            lineage=f"cell:{package.code}/{code}/{line.row}.{column}",
        )  # fmt: skip


class RehearsalRowsView(ReportPage):
    """The rows behind a figure of a rehearsal."""

    template = "reporting/rows.html"

    def get(self, request: HttpRequest, pk: int, code: str, row: str, column: str) -> HttpResponse:
        kept = _rehearsal(pk)
        package = _package(kept.package)
        table, line, declared = line_and_column(package, code, queries.lines_of(kept.lines), row, column)
        return shown_rows(
            self, package, table, line, declared, kept.days, f"/reporting/rehearsals/{pk}/tables/{code}/"
        )


class MineView(ReportPage):
    """The tables that wait for me, what is still open in each."""

    template = "reporting/mine.html"
    permission = "reporting.filingtable.view"

    def get(self, request: HttpRequest) -> HttpResponse:
        found = list(queries.tables_for(self.actor, FILL))
        left: dict[int, dict[str, int]] = {}
        for one in found:
            if one.filing_id not in left:
                left[one.filing_id] = queries.still_open(one.filing)
        rows: list[dict[str, Any]] = [
            {"one": one, "left": left[one.filing_id].get(one.code, 0)} for one in found
        ]
        return self.page(rows=rows, today=timezone.localdate())
