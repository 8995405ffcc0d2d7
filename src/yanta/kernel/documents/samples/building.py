"""Draws a form from a sketch: `|` divides cells, `>` goes on to the left cell, `^` to the one above, `@2.5` is a height in cm."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import docx
import xlsxwriter
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT as VERTICAL
from docx.enum.table import WD_ROW_HEIGHT_RULE, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

WIDTH, HEIGHT = 16.6, 0.85


@dataclass(frozen=True, slots=True)
class Sample:
    """`widths` are shares of the page; `before` and `after` are lines around the table, `header` the page's."""

    key: str
    title: str
    kind: Literal["docx", "xlsx"]
    audience: Literal["student", "staff"]
    rows: str
    widths: tuple[float, ...] = ()
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    header: str = ""
    size: float = 10.5


@dataclass(slots=True)
class _Piece:
    """A cell of the sketch with how far it reaches."""

    text: str
    row: int
    column: int
    rows: int = 1
    columns: int = 1


def build(sample: Sample) -> bytes:
    return _word(sample) if sample.kind == "docx" else _excel(sample)


def _sketch(sample: Sample) -> tuple[list[list[str]], list[float]]:
    lines, heights = [], []
    for line in sample.rows.strip().splitlines():
        height = HEIGHT
        if line.startswith("@"):
            mark, _, line = line.partition(" ")
            height = float(mark[1:])
        lines.append([part.strip(" ").replace("\\n", "\n") for part in line.split("|")])
        heights.append(height)
    return lines, heights


def _pieces(lines: list[list[str]]) -> Iterator[_Piece]:
    for row, line in enumerate(lines):
        for column, text in enumerate(line):
            if text in (">", "^"):
                continue
            piece = _Piece(text, row, column)
            while column + piece.columns < len(line) and line[column + piece.columns] == ">":
                piece.columns += 1
            while row + piece.rows < len(lines) and lines[row + piece.rows][column] == "^":
                piece.rows += 1
            yield piece


def _shares(sample: Sample, columns: int) -> list[float]:
    widths = sample.widths or (1.0,) * columns
    return [share * WIDTH / sum(widths) for share in widths]


# Word.


def _word(sample: Sample) -> bytes:
    document = docx.Document()
    _page(document, sample)
    title = document.add_paragraph()
    title.alignment = ALIGN.CENTER
    _run(title, sample.title, 18, bold=True)
    for line in sample.before:
        _run(document.add_paragraph(), line, sample.size)
    lines, heights = _sketch(sample)
    _table(document, sample, lines, heights)
    for line in sample.after:
        _run(document.add_paragraph(), line, 9)
    kept = io.BytesIO()
    document.save(kept)
    return kept.getvalue()


def _page(document: Any, sample: Sample) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.2)
    section.top_margin = section.bottom_margin = Cm(1.8)
    style = document.styles["Normal"]
    style.font.size = Pt(sample.size)
    style.paragraph_format.space_after = Pt(0)
    style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), "宋体")
    if sample.header:
        section.header.paragraphs[0].text = sample.header


def _table(document: Any, sample: Sample, lines: list[list[str]], heights: list[float]) -> None:
    widths = _shares(sample, len(lines[0]))
    table = document.add_table(len(lines), len(lines[0]), style="Table Grid")
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Cm(width)
    for row, height in zip(table.rows, heights, strict=True):
        row.height, row.height_rule = Cm(height), WD_ROW_HEIGHT_RULE.AT_LEAST
    for piece in _pieces(lines):
        cell = table.cell(piece.row, piece.column)
        if piece.rows > 1 or piece.columns > 1:
            cell = cell.merge(table.cell(piece.row + piece.rows - 1, piece.column + piece.columns - 1))
        cell.width = Cm(sum(widths[piece.column : piece.column + piece.columns]))
        _write(cell, piece.text, sample.size)


def _write(cell: Any, text: str, size: float) -> None:
    cell.vertical_alignment = VERTICAL.CENTER
    for spare in cell.paragraphs[1:]:
        spare._p.getparent().remove(spare._p)
    for number, line in enumerate(text.split("\n")):
        paragraph = cell.paragraphs[0] if number == 0 else cell.add_paragraph()
        paragraph.alignment = ALIGN.LEFT if len(text) > 14 else ALIGN.CENTER
        if line.startswith("["):
            _control(paragraph, line.strip("[]"))
        elif line:
            _run(paragraph, line, size)


def _run(paragraph: Any, text: str, size: float, *, bold: bool = False) -> None:
    run = paragraph.add_run(text)
    run.font.size, run.font.bold = Pt(size), bold
    run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), "宋体")


def _control(paragraph: Any, prompt: str) -> None:
    """A content control that shows its prompt, as newer forms have it."""
    control, content = OxmlElement("w:sdt"), OxmlElement("w:sdtContent")
    properties = OxmlElement("w:sdtPr")
    properties.append(OxmlElement("w:showingPlcHdr"))
    control.append(properties)
    control.append(content)
    run = paragraph.add_run(prompt)
    content.append(run._r)
    paragraph._p.append(control)


# Excel.


def _excel(sample: Sample) -> bytes:
    kept = io.BytesIO()
    book = xlsxwriter.Workbook(kept)
    sheet = book.add_worksheet(sample.title[:20])
    lines, heights = _sketch(sample)
    last = len(lines[0]) - 1
    for column, width in enumerate(_shares(sample, last + 1)):
        sheet.set_column(column, column, width * 5.1)
    big = book.add_format(
        {"font_size": 18, "bold": True, "align": "center", "valign": "vcenter", "font_name": "宋体"}
    )
    small = book.add_format(
        {"font_size": sample.size, "font_name": "宋体", "text_wrap": True, "valign": "vcenter"}
    )
    sheet.merge_range(0, 0, 0, last, sample.title, big)
    sheet.set_row(0, 32)
    top = 1
    for line in sample.before:
        sheet.merge_range(top, 0, top, last, line, small)
        sheet.set_row(top, 22)
        top += 1
    _cells(book, sheet, sample, lines, top)
    for number, height in enumerate(heights):
        sheet.set_row(top + number, height * 28.35)
    for number, line in enumerate(sample.after):
        sheet.merge_range(top + len(lines) + number, 0, top + len(lines) + number, last, line, small)
    sheet.print_area(0, 0, top + len(lines) + len(sample.after) - 1, last)
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    book.close()
    return kept.getvalue()


def _cells(book: Any, sheet: Any, sample: Sample, lines: list[list[str]], top: int) -> None:
    look = {
        "border": 1,
        "font_size": sample.size,
        "font_name": "宋体",
        "valign": "vcenter",
        "text_wrap": True,
    }
    centred, left = book.add_format({**look, "align": "center"}), book.add_format({**look, "align": "left"})
    for piece in _pieces(lines):
        style = left if len(piece.text) > 14 else centred
        row = top + piece.row
        if piece.rows > 1 or piece.columns > 1:
            end = (row + piece.rows - 1, piece.column + piece.columns - 1)
            sheet.merge_range(row, piece.column, *end, piece.text, style)
        else:
            sheet.write(row, piece.column, piece.text, style)
