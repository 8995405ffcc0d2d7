"""Parts into one file: CSV, Excel with as many sheets as it takes, Parquet. Each says who took it, when and why."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import xlsxwriter
from pyarrow import csv

SHEET_ROWS = 1_048_576 - 1
FORMULA = r"^[=+\-@\t]."
OPTIONS = {
    "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "default_date_format": "yyyy-mm-dd",
}  # fmt: skip
Step = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Mark:
    """The watermark."""

    number: str
    who: str
    when: datetime
    purpose: str

    @property
    def document(self) -> bytes:
        told = {
            "number": self.number,
            "who": self.who,
            "when": self.when.isoformat(),
            "purpose": self.purpose,
        }
        return json.dumps(told, ensure_ascii=False).encode()

    @property
    def words(self) -> str:
        return f"雁塔数据导出 {self.number} · {self.who} · {self.when:%Y-%m-%d %H:%M} · 用途：{self.purpose} · 请勿外传"


def write(
    kind: str, path: Path, tables: Iterable[pa.Table], mark: Mark, *, step: Step = lambda done: None
) -> int:
    """Answers how many rows were written; holds one part at a time."""
    return {"csv": _csv, "xlsx": _excel, "parquet": _parquet}[kind](path, tables, mark, step)


def _csv(path: Path, tables: Iterable[pa.Table], mark: Mark, step: Step) -> int:
    """Excel reads it right, formulas are disarmed, and the watermark stands in the last line."""
    done = 0
    with path.open("wb") as sink:
        sink.write(b"\xef\xbb\xbf")
        for table in tables:
            first = done == 0
            csv.write_csv(
                _disarmed(table), sink, csv.WriteOptions(include_header=first, quoting_style="needed")
            )
            done += table.num_rows
            step(done)
        sink.write(f'"# {mark.words.replace(chr(34), "")}"\n'.encode())
    return done


def _disarmed(table: pa.Table) -> pa.Table:
    for at, column in enumerate(table.columns):
        if pa.types.is_string(column.type):
            armed = pc.match_substring_regex(column, FORMULA)
            if pc.any(armed).as_py():
                quoted = pc.binary_join_element_wise("'", column, "")
                table = table.set_column(at, table.field(at).name, pc.if_else(armed, quoted, column))
    return table


def _parquet(path: Path, tables: Iterable[pa.Table], mark: Mark, step: Step) -> int:
    """The watermark lies in the file's own description."""
    done, writer = 0, None
    try:
        for table in tables:
            if writer is None:
                schema = table.schema.with_metadata({b"yanta": mark.document})
                writer = pq.ParquetWriter(path, schema, compression="zstd")
            writer.write_table(table.cast(schema))
            done += table.num_rows
            step(done)
    finally:
        if writer is not None:
            writer.close()
    return done


def _excel(path: Path, tables: Iterable[pa.Table], mark: Mark, step: Step) -> int:
    """Row by row, so that no sheet is ever whole in memory; a full sheet is followed by the next."""
    book = xlsxwriter.Workbook(str(path), OPTIONS)
    head = book.add_format({"bold": True, "bg_color": "#1f3a5f", "font_color": "#ffffff"})
    sheet: Any = None
    done = at = sheets = 0
    for table in tables:
        names = table.column_names
        for row in zip(*(_cells(column) for column in table.columns), strict=True):
            if sheet is None or at == SHEET_ROWS:
                sheets, at = sheets + 1, 0
                sheet = _sheet(book, f"数据{sheets}", names, head, mark)
            at += 1
            _line(sheet, at, row)
        done += table.num_rows
        step(done)
    notes = book.add_worksheet("说明")
    notes.write_column(0, 0, [mark.words, f"共 {done:,} 行，{sheets} 张表；每张最多 {SHEET_ROWS:,} 行"])
    book.close()
    return done


def _sheet(book: Any, title: str, names: list[str], head: Any, mark: Mark) -> Any:
    sheet = book.add_worksheet(title)
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, max(0, len(names) - 1), 16)
    sheet.set_footer(f"&C{mark.words.replace('&', '&&')[:240]}")
    sheet.write_row(0, 0, names, head)
    return sheet


def _cells(column: pa.ChunkedArray) -> list[Any]:
    """As Excel keeps them: decimals as numbers, instants without a zone."""
    if pa.types.is_decimal(column.type):
        column = column.cast(pa.float64())
    elif pa.types.is_timestamp(column.type):
        column = pc.strftime(
            pc.assume_timezone(column.cast(pa.timestamp("us")), "UTC"), format="%Y-%m-%d %H:%M"
        )
    return column.to_pylist()


def _line(sheet: Any, at: int, row: tuple[Any, ...]) -> None:
    for place, value in enumerate(row):
        if value is None:
            continue
        if isinstance(value, str):
            sheet.write_string(at, place, value)
        elif isinstance(value, bool):
            sheet.write_string(at, place, "是" if value else "否")
        elif isinstance(value, date):
            sheet.write_datetime(at, place, value)
        else:
            sheet.write_number(at, place, value)
