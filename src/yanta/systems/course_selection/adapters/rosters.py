"""The students of a class section on paper and as Excel."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import xlsxwriter

from yanta.kernel.documents import typesetting

HEAD = ("序号", "学号", "姓名", "学院", "班级", "修读方式", "备注")
TEMPLATE = Path(__file__).with_name("roster.typ")
WIDTHS = (6, 16, 14, 24, 24, 10, 16)


def pdf(title: str, sub: str, rows: Sequence[Sequence[str]], *, made: str) -> bytes:
    """A4, the head of the table on every page; the last column is left to be written in."""
    return typesetting.pdf_of(
        TEMPLATE, {"title": title, "sub": sub, "head": HEAD, "rows": _numbered(rows), "made": made}
    )


def xlsx(title: str, sub: str, rows: Sequence[Sequence[str]]) -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet("选课名单")
    for column, width in enumerate(WIDTHS):
        sheet.set_column(column, column, width)
    sheet.write_string(0, 0, f"{title}　{sub}")
    sheet.write_row(1, 0, HEAD, book.add_format({"bold": True}))
    for number, row in enumerate(_numbered(rows), start=2):
        sheet.write_row(number, 0, row)
    book.close()
    return buffer.getvalue()


def _numbered(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    return [[str(number), *row, ""] for number, row in enumerate(rows, start=1)]
