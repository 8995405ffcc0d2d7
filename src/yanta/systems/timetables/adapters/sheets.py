"""Lists of this system as Excel."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

import xlsxwriter
from django.http import HttpResponse

from yanta.kernel.resource.sheets import EXCEL_TYPE


def answer(name: str, title: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> HttpResponse:
    """One sheet as a file called `name`."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"constant_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet(title)
    for number, row in enumerate([head, *rows]):
        sheet.write_row(number, 0, row)
    book.close()
    found = HttpResponse(buffer.getvalue(), content_type=EXCEL_TYPE)
    found["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return found
