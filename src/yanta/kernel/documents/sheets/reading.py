"""Reads the sheets of a workbook into grids: what has walls, is merged or holds words."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
from openpyxl.utils import get_column_letter

from yanta.kernel.documents.model import Block, Cell, Grid

MOST_ROWS, MOST_COLUMNS = 300, 80
POINTS_PER_LETTER, USUAL_WIDTH, USUAL_HEIGHT = 5.25, 8.43, 15.0


def blocks_of(content: bytes) -> list[Block]:
    """One grid for each sheet that is shown."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    return [_grid(sheet) for sheet in sheets]


def _grid(sheet: Any) -> Grid:
    last_row, last_column = min(sheet.max_row, MOST_ROWS), min(sheet.max_column, MOST_COLUMNS)
    widths = [_width(sheet, column) for column in range(1, last_column + 1)]
    grid = Grid(sheet.title, f"工作表“{sheet.title}”", widths=widths)
    merged = {one.coord.split(":")[0]: one for one in sheet.merged_cells.ranges}
    inside = {
        (row, column) for one in merged.values()
        for row in range(one.min_row, one.max_row + 1) for column in range(one.min_col, one.max_col + 1)
        if (row, column) != (one.min_row, one.min_col)
    }  # fmt: skip
    for row in range(1, last_row + 1):
        for column in range(1, last_column + 1):
            cell = sheet.cell(row, column)
            whole = merged.get(cell.coordinate)
            if (row, column) not in inside and (whole or cell.value is not None or _has_wall(cell)):
                grid.cells.append(_cell(sheet, cell, whole, widths))
    return grid


def _cell(sheet: Any, cell: Any, whole: Any, widths: list[float]) -> Cell:
    rows = whole.max_row - whole.min_row + 1 if whole else 1
    columns = whole.max_col - whole.min_col + 1 if whole else 1
    heights = (sheet.row_dimensions[cell.row + number].height for number in range(rows))
    text = "" if cell.value is None else str(cell.value)
    return Cell(
        f"{sheet.title}!{cell.coordinate}", cell.row - 1, cell.column - 1, rows, columns, text, cell.number_format,
        max(sum(widths[cell.column - 1 : cell.column - 1 + columns]) - 4, 0),
        sum(height or USUAL_HEIGHT for height in heights), font=float(cell.font.sz or 11),
    )  # fmt: skip


def _width(sheet: Any, column: int) -> float:
    letter = get_column_letter(column)
    for key, dimension in sheet.column_dimensions.items():
        if key == letter or (dimension.min or 0) <= column <= (dimension.max or 0):
            return float(dimension.width or USUAL_WIDTH) * POINTS_PER_LETTER + 3.75
    return (sheet.sheet_format.defaultColWidth or USUAL_WIDTH) * POINTS_PER_LETTER + 3.75


def _has_wall(cell: Any) -> bool:
    border = cell.border
    return any(
        side is not None and side.style for side in (border.left, border.right, border.top, border.bottom)
    )
