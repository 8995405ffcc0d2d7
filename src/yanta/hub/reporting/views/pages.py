"""What every page of reporting starts from: the filing, its tables, what stands where."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from yanta.hub.reporting import layout, queries
from yanta.hub.reporting.calculation import COUNT, Line, Values
from yanta.hub.reporting.definitions import LIST, Column, Package, Table
from yanta.hub.reporting.models import Filing, FilingCell, FilingTable
from yanta.kernel.base.refused import NotAllowed
from yanta.kernel.portal.pages import PortalPage

LOOKING = "reporting.filing.view"
# Of one page of a table: so that it stays light on a weak network.
CELLS, LEAST_LINES = 150, 10


class ReportPage(PortalPage):
    """For those who may look at filings."""

    permission = LOOKING

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if self.actor.account_id is not None and not self.actor.may(self.permission):
            raise NotAllowed("您没有统计上报的这项权限", rule=self.permission)
        return super().dispatch(request, *args, **kwargs)

    def filing(self, pk: int) -> Filing:
        rows = Filing.objects.visible_to(self.actor).select_related("calculation", "previous")
        found: Filing = get_object_or_404(rows, pk=pk)
        return found

    def part(self, lines: list[ShownLine], columns: int) -> dict[str, Any]:
        """The lines of one page: a table of programmes is longer than anybody reads at once."""
        size = max(LEAST_LINES, CELLS // max(columns, 1))
        pages = max(1, -(-len(lines) // size))
        written = self.request.GET.get("page", "1")
        number = min(max(1, int(written)), pages) if written.isdecimal() else 1
        return {
            "lines": lines[(number - 1) * size : number * size], "number": number, "pages": pages, "long": len(lines),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shown:
    """One figure on the screen: what it says, how it came about, whether something is wrong with it."""

    place: str
    text: str
    state: str = ""
    tip: str = ""
    shape: str = ""


@dataclass(frozen=True, slots=True)
class ShownLine:
    line: Line
    cells: tuple[Shown, ...]


def said(value: Decimal | None, column: Column) -> str:
    """A figure as the table prints it."""
    if value is None:
        return ""
    return (
        f"{value:,.2f}" if column.shape == "decimal" and value != value.to_integral_value() else f"{value:,f}"
    )


def grid(
    table: Table, lines: list[Line], values: dict[str, Decimal | None], cells: dict[str, FilingCell], marks: dict[str, str]
) -> list[ShownLine]:  # fmt: skip
    """The lines of a table with the state of each figure."""
    return [
        ShownLine(line, tuple(_shown(table, line, column, values, cells, marks) for column in table.columns))
        for line in lines
    ]


def _shown(
    table: Table, line: Line, column: Column, values: dict[str, Decimal | None], cells: dict[str, FilingCell], marks: dict[str, str]
) -> Shown:  # fmt: skip
    place = f"{line.code}.{column.code}"
    cell = cells.get(place)
    text = (cell.words if cell else "") or said(values.get(place), column)
    state, tip = _state(cell, text)
    mark = marks.get(f"{table.code}.{place}", "")
    return Shown(f"{line.code}/{column.code}", text, f"{state} {mark}".strip(), tip, column.shape)


def _state(cell: FilingCell | None, text: str) -> tuple[str, str]:
    if cell is None:
        return "", ""
    if cell.by_hand:
        return ("by-hand", "手填") if text else ("missing", "手填，尚未填写")
    if cell.is_overridden:
        return (
            "overridden",
            f"人工改动，计算值 {cell.computed if cell.computed is not None else '无'}：{cell.reason}",
        )
    return "", ""


def filing_grid(filing: Filing, package: Package, one: FilingTable, values: Values) -> dict[str, Any]:
    """Everything the table page shows of a filing's table."""
    assert filing.calculation is not None  # noqa: S101  # calculated when opened
    table = package.table(one.code)
    lines = queries.lines_of(filing.calculation.lines).get(one.code, [])
    cells = {f"{cell.row}.{cell.column}": cell for cell in one.cells.all()}
    findings = list(one.findings.all())
    marks = {
        found.cell: ("wrong" if found.severity == "error" else "odd" if found.is_open else "settled")
        for found in sorted(findings, key=lambda found: found.severity != "error", reverse=True)
    }
    return {
        "table": table, "head": layout.head_rows(table), "stubs": layout.stubs_of(table), "findings": findings,
        "lines": grid(table, lines, values.get(one.code, {}), cells, marks), "is_list": table.kind == LIST,
        "count": values.get(one.code, {}).get(COUNT),
    }  # fmt: skip


def line_and_column(package: Package, table_code: str, lines: dict[str, list[Line]], row: str, column: str) -> tuple[Table, Line, Column]:  # fmt: skip
    """The place of a cell page; 404 when there is none."""
    table = next((one for one in package.tables if one.code == table_code), None)
    line = next((one for one in lines.get(table_code, ()) if one.code == row), None)
    declared = next((one for one in table.columns if one.code == column), None) if table else None
    if table is None or line is None or declared is None:
        raise Http404
    return table, line, declared
