"""Excel workbooks, new and old, by calamine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from yanta.hub.intake.grids import Grid, Line, Merges, numbered


def workbook_grids(path: Path) -> list[Grid]:
    """Every visible work sheet; rows are counted as Excel shows them."""
    book = CalamineWorkbook.from_path(str(path))
    visible = [
        sheet.name
        for sheet in book.sheets_metadata
        if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
    ]
    return [_grid(path, book, name) for name in visible]


def _filled_down(rows: list[list[Any]], merges: Merges) -> list[list[Any]]:
    """A room written once and merged over its beds belongs to each of them."""
    for top, left, bottom, right in merges:
        if left == right and bottom > top and left < len(rows[top]):
            for row in rows[top + 1 : bottom + 1]:
                row[left] = rows[top][left]
    return rows


def _grid(path: Path, book: CalamineWorkbook, name: str) -> Grid:
    sheet = book.get_sheet_by_name(name)
    merges = tuple(
        (top, left, bottom, right) for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()
    )

    def read() -> Iterator[Line]:
        return numbered(_filled_down(sheet.to_python(skip_empty_area=False), merges))

    return Grid(path.name, name, read, merges=merges)
