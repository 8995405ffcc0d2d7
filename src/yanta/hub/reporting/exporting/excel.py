"""The official layout in Excel, and figures read back from it."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import IO, Any

import xlsxwriter
from python_calamine import CalamineError, CalamineWorkbook

from yanta.hub.reporting import layout
from yanta.hub.reporting.calculation import Line
from yanta.hub.reporting.definitions import LIST, Column, Package, Table
from yanta.hub.reporting.exporting.sheets import Filled, list_rows
from yanta.hub.reporting.services.working import number
from yanta.kernel.base import Refused

FORMATS = {"decimal": "#,##0.00", "": "#,##0", "text": "@"}
# The first column and the row above the figures hold the codes, hidden, so that what is read back finds its place.
CODES = 1


def write(package: Package, tables: Sequence[Filled], *, period: str) -> bytes:
    """The whole package, a sheet for each table."""
    written = io.BytesIO()
    book = xlsxwriter.Workbook(written, {"in_memory": True, "default_date_format": "yyyy-mm-dd"})
    looks = _looks(book)
    for filled in tables:
        _Sheet(book, looks, filled).write(f"{period} 年 {package.title}")
    book.close()
    return written.getvalue()


def _looks(book: Any) -> dict[str, Any]:
    border = {"border": 1, "valign": "vcenter", "font_size": 10}
    looks = {
        "title": book.add_format({"bold": True, "font_size": 15, "align": "center", "valign": "vcenter"}),
        "unit": book.add_format({"align": "right", "font_size": 10}),
        "head": book.add_format(
            {**border, "bold": True, "align": "center", "text_wrap": True, "bg_color": "#F1F3F6"}
        ),
        "stub": book.add_format({**border, "text_wrap": True}),
        "note": book.add_format({"font_size": 9, "text_wrap": True, "valign": "top"}),
        "plain": book.add_format(border),
    }
    for shape, written in FORMATS.items():
        looks[f"value-{shape}"] = book.add_format({**border, "num_format": written})
        looks[f"given-{shape}"] = book.add_format({**border, "num_format": written, "bg_color": "#FFF4DC"})
    return looks


class _Sheet:
    """One table on one sheet."""

    def __init__(self, book: Any, looks: dict[str, Any], filled: Filled) -> None:
        self.table, self.filled, self.looks = filled.table, filled, looks
        self.sheet = book.add_worksheet(filled.table.code)
        self.stubs = layout.stubs_of(self.table)
        self.width = len(self.stubs) + len(self.table.columns)
        self.top = 2 + layout.depth_of(self.table)

    def write(self, over: str) -> None:
        self._merge(0, CODES, 0, CODES + self.width - 1, self.table.heading, self.looks["title"])
        self.sheet.set_row(0, 26)
        unit = f"计量单位：{self.table.unit}" if self.table.unit else ""
        self._merge(1, CODES, 1, CODES + self.width - 1, f"{over}　{unit}", self.looks["unit"])
        for head in layout.heads(self.table):
            row, column = head.row + 2, head.column + CODES
            self._merge(
                row, column, row + head.rows - 1, column + head.columns - 1, head.text, self.looks["head"]
            )
        self._codes()
        last = self._list() if self.table.kind == LIST else self._grid()
        for at, note in enumerate(self.table.notes):
            self._merge(
                last + 1 + at, CODES, last + 1 + at, CODES + self.width - 1, f"注：{note}", self.looks["note"]
            )
        self._widths()
        self.sheet.freeze_panes(self.top + 1, CODES + len(self.stubs))

    def _merge(self, row: int, column: int, to_row: int, to_column: int, text: str, look: Any) -> None:
        if (row, column) == (to_row, to_column):
            self.sheet.write(row, column, text, look)
        else:
            self.sheet.merge_range(row, column, to_row, to_column, text, look)

    def _codes(self) -> None:
        self.sheet.set_column(0, 0, 2, None, {"hidden": True})
        self.sheet.set_row(self.top, None, None, {"hidden": True})
        self.sheet.write(self.top, 0, self.table.code)
        for at, column in enumerate(self.table.columns):
            self.sheet.write(self.top, CODES + len(self.stubs) + at, column.code)

    def _grid(self) -> int:
        for at, line in enumerate(self.filled.lines):
            row = self.top + 1 + at
            self.sheet.write(row, 0, line.code)
            self.sheet.write(row, CODES, "　" * line.depth + line.title, self.looks["stub"])
            for n, stub in enumerate(line.stubs):
                self.sheet.write(row, CODES + 1 + n, stub, self.looks["stub"])
            for n in range(len(line.stubs) + 1, len(self.stubs)):
                self.sheet.write(row, CODES + n, "", self.looks["stub"])
            for n, column in enumerate(self.table.columns):
                self._value(row, CODES + len(self.stubs) + n, line, column)
        return self.top + 1 + len(self.filled.lines)

    def _value(self, row: int, at: int, line: Line, column: Column) -> None:
        place = f"{line.code}.{column.code}"
        reason = self.filled.reasons.get(place, "")
        value = self.filled.at(line, column.code)
        look = self.looks[
            f"{'given' if reason else 'value'}-{column.shape if column.shape in FORMATS else ''}"
        ]
        if value is None:
            self.sheet.write_blank(row, at, None, look)
        elif isinstance(value, str):
            self.sheet.write_string(row, at, value, look)
        else:
            self.sheet.write_number(row, at, float(value), look)
        if reason:
            self.sheet.write_comment(row, at, f"人工改动：{reason}")

    def _list(self) -> int:
        row = self.top
        for row, values in enumerate(list_rows(self.filled), start=self.top + 1):
            for at, value in enumerate(values):
                self.sheet.write(row, CODES + at, "" if value is None else value, self.looks["plain"])
        return row + 1

    def _widths(self) -> None:
        self.sheet.set_column(CODES, CODES, 6 if self.table.kind == LIST else 34)
        if len(self.stubs) > 1:
            self.sheet.set_column(CODES + 1, CODES + len(self.stubs) - 1, 11)
        for at, column in enumerate(self.table.columns):
            place = CODES + len(self.stubs) + at
            self.sheet.set_column(place, place, column.width or 12)


@dataclass(frozen=True, slots=True)
class Read:
    """One figure found in a workbook."""

    table: str
    row: str
    column: str
    text: str

    @property
    def value(self) -> Decimal | None:
        return number(self.text)


def read(content: IO[bytes], tables: Sequence[tuple[Table, Sequence[Line]]]) -> list[Read]:
    """The figures of a workbook of ours, or of an official one whose rows bear the same titles."""
    try:
        book = CalamineWorkbook.from_filelike(content)
    except CalamineError as error:
        raise Refused("打不开这个文件，请上传 Excel（xlsx、xls）", field="file") from error
    found: list[Read] = []
    for table, lines in tables:
        sheet = _sheet_of(book, table)
        if sheet is not None and table.kind != LIST:
            rows = [[_text(cell) for cell in row] for row in book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)]  # fmt: skip
            found += _by_codes(table, rows) or _by_titles(table, lines, rows)
    if not found:
        raise Refused("文件里没有找到本任务的表：工作表名应为表代号、表号或表名", field="file")
    return found


def _sheet_of(book: CalamineWorkbook, table: Table) -> str | None:
    wanted = {one.replace(" ", "") for one in (table.code, table.number, table.title, table.heading) if one}
    return next((name for name in book.sheet_names if name.replace(" ", "") in wanted), None)


def _text(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell).strip()


def _by_codes(table: Table, rows: Sequence[Sequence[str]]) -> list[Read]:
    start = next((n for n, row in enumerate(rows) if row and row[0] == table.code), None)
    if start is None:
        return []
    columns = {at: code for at, code in enumerate(rows[start]) if code in {one.code for one in table.columns}}
    return [
        Read(table.code, row[0], code, row[at])
        for row in rows[start + 1 :]
        if row and row[0]
        for at, code in columns.items()
        if at < len(row)
    ]


def _by_titles(table: Table, lines: Sequence[Line], rows: Sequence[Sequence[str]]) -> list[Read]:
    known = {_bare(line.title): line.code for line in lines}
    return list(_titled(table, known, rows))


def _titled(table: Table, known: dict[str, str], rows: Sequence[Sequence[str]]) -> Iterator[Read]:
    """Rows by the title in their first cells; the figures are the last columns, in order."""
    for row in rows:
        cells = list(row)
        title = next((known[_bare(one)] for one in cells[:3] if _bare(one) in known), None)
        while cells and cells[-1] == "":
            cells.pop()
        figures = cells[-len(table.columns) :]
        if title is None or len(cells) <= len(table.columns):
            continue
        for column, text in zip(table.columns, figures, strict=True):
            yield Read(table.code, title, column.code, text)


def _bare(title: str) -> str:
    return "".join(title.replace("　", "").split()).replace("其中：", "").replace("其中:", "")
