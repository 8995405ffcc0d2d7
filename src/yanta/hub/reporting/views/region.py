"""At an upper node: one school's report, and a package summed over the schools with every figure open to them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from yanta.hub.reporting import definitions, layout, queries, regional, services
from yanta.hub.reporting.calculation import Line
from yanta.hub.reporting.definitions import GRID, Package, Table
from yanta.hub.reporting.models import ReceivedFiling
from yanta.hub.reporting.views.pages import ReportPage, grid, said

SEEN = "reporting.receivedfiling.view"


class RegionPage(ReportPage):
    """For those who may see what schools reported."""

    permission = SEEN

    def table(self, request: HttpRequest, package: Package) -> Table:
        """The table that is asked for, else the first one that has figures."""
        shown = [one for one in package.tables if one.kind == GRID]
        wanted = request.GET.get("table", shown[0].code)
        found = next((one for one in shown if one.code == wanted), None)
        if found is None:
            raise Http404
        return found

    def shown(
        self, package: Package, table: Table, lines: list[Line], values: dict[str, Decimal | None]
    ) -> dict[str, Any]:
        return {
            "package": package, "tables": [one for one in package.tables if one.kind == GRID], "table": table,
            "head": layout.head_rows(table), "stubs": layout.stubs_of(table), "lines": grid(table, lines, values, {}, {}),
        }  # fmt: skip


class ReceivedView(RegionPage):
    """One school's report as it came: figures, findings, what is different from the time before."""

    template = "reporting/received.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        kept: ReceivedFiling = get_object_or_404(ReceivedFiling.objects.visible_to(self.actor), pk=pk)
        package = definitions.package(kept.package)
        table = self.table(request, package)
        values, lines = queries.values_from(kept.values), queries.lines_of(kept.lines)
        before = regional.before(kept)
        changed = queries.difference(queries.values_from(before.values), values) if before else []
        return self.page(
            kept=kept, before=before, changed=[(regional.title_of(package, lines, one), old, new) for one, old, new in changed[:200]],
            total=len(changed), findings=kept.findings, actions=[
                one for one in (services.accept, services.send_back_to_school) if one.offered_to(self.actor, kept)
            ],
            **self.shown(package, table, lines.get(table.code, []), values.get(table.code, {})),
        )  # fmt: skip


class RegionView(RegionPage):
    """A package of one year over all schools; `cell` opens a figure to the schools it was added up from."""

    template = "reporting/region.html"

    def get(self, request: HttpRequest, code: str, period: str) -> HttpResponse:
        package = definitions.package(code)
        table, received = self.table(request, package), regional.standing(code, period)
        values, lines = regional.summed(package, received)
        place = request.GET.get("cell", "")
        if place and place not in values[table.code]:
            raise Http404
        schools = regional.by_school(received, table.code, place) if place else []
        opened = regional.title_of(package, lines, f"{table.code}.{place}") if schools else ""
        return self.page(
            period=period, received=received, returned=regional.returned(code, period), place=place, opened=opened,
            schools=[(one, said(value, table.column(place.partition(".")[2]))) for one, value in schools],
            **self.shown(package, table, lines.get(table.code, []), values.get(table.code, {})),
        )  # fmt: skip
