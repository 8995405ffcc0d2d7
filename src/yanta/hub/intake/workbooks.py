"""Excel workbooks, new and old, by calamine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from yanta.hub.intake.grids import Grid, Line, numbered


def workbook_grids(path: Path) -> list[Grid]:
    """Every visible work sheet; rows are counted as Excel shows them."""
    book = CalamineWorkbook.from_path(str(path))
    visible = [
        sheet.name
        for sheet in book.sheets_metadata
        if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
    ]
    return [_grid(path, book, name) for name in visible]


def _grid(path: Path, book: CalamineWorkbook, name: str) -> Grid:
    sheet = book.get_sheet_by_name(name)
    merges = tuple(
        (top, left, bottom, right) for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()
    )

    def read() -> Iterator[Line]:
        return numbered(sheet.to_python(skip_empty_area=False))

    return Grid(path.name, name, read, merges=merges)
