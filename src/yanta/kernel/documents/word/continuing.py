"""Continuation pages: the head of the table once more, and the rows that found no room."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from yanta.kernel.documents.model import Cell
from yanta.kernel.documents.word import writing
from yanta.kernel.documents.word.nodes import TBL, TC, TR, R, children, paragraphs_of


def add_pages(
    document: Any, blank: list[list[Cell]], labels: list[str], rows: Sequence[Sequence[str]], title: str
) -> int:
    """One table behind everything else, on a new page; its head repeats on every further page. Answers the pages."""
    model = blank[0]
    table = _table_like(model)
    table.append(_head(model, labels))
    for row in rows:
        table.append(_row(model, row))
    body = document.element.body
    end = body.find(qn("w:sectPr"))
    for node in (_title(title), table, OxmlElement("w:p")):
        body.append(node) if end is None else end.addprevious(node)
    return 1 + len(rows) // 32


def add_annex(document: Any, lines: Sequence[tuple[str, str]], title: str) -> int:
    """Label and full words of each, on a page of its own behind everything else."""
    body = document.element.body
    end = body.find(qn("w:sectPr"))
    said = [_paragraph(f"【{label}】{text}") for label, text in lines]
    for node in (_title(title), *said):
        body.append(node) if end is None else end.addprevious(node)
    return 1


def _paragraph(text: str) -> Any:
    paragraph = OxmlElement("w:p")
    writing.append(paragraph, text, OxmlElement("w:rPr"), 0)
    return paragraph


def _table_like(model: list[Cell]) -> Any:
    table = OxmlElement("w:tbl")
    original = next(model[0].node.iterancestors(TBL))
    properties = original.find(qn("w:tblPr"))
    if properties is not None:
        table.append(copy.deepcopy(properties))
        width = table[0].find(qn("w:tblW"))
        if width is not None:
            width.set(qn("w:w"), "0")
            width.set(qn("w:type"), "auto")
    grid = OxmlElement("w:tblGrid")
    for cell in model:
        column = OxmlElement("w:gridCol")
        column.set(qn("w:w"), str(int((cell.width + 10.8) * 20)))
        grid.append(column)
    table.append(grid)
    return table


def _row(model: list[Cell], texts: Sequence[str]) -> Any:
    """A copy of a blank row, without what reaches beyond these columns."""
    original = next(model[0].node.iterancestors(TR))
    row = OxmlElement("w:tr")
    properties = original.find(qn("w:trPr"))
    if properties is not None:
        row.append(copy.deepcopy(properties))
        for name in ("w:gridBefore", "w:gridAfter", "w:wBefore", "w:wAfter"):
            for node in row[0].findall(qn(name)):
                row[0].remove(node)
    for cell, text in zip(model, texts, strict=True):
        row.append(_cell(cell, text))
    return row


def _cell(cell: Cell, text: str) -> Any:
    node = copy.deepcopy(cell.node)
    properties = node.find(qn("w:tcPr"))
    for name in ("w:gridSpan", "w:vMerge"):
        for old in properties.findall(qn(name)) if properties is not None else ():
            properties.remove(old)
    for run in node.findall(f".//{R}"):
        run.getparent().remove(run)
    made = Cell("", 0, 0, width=cell.width, height=cell.height, font=cell.font, node=node)
    if text:
        writing.write_cell(made, text)
    return node


def _head(model: list[Cell], labels: list[str]) -> Any:
    row = _row(model, labels)
    properties = row.get_or_add_trPr()
    repeat = OxmlElement("w:tblHeader")
    properties.append(repeat)
    for paragraph in (one for cell in children(row, TC) for one in paragraphs_of(cell)):
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    return row


def _title(text: str) -> Any:
    paragraph = OxmlElement("w:p")
    properties = OxmlElement("w:pPr")
    properties.append(OxmlElement("w:pageBreakBefore"))
    paragraph.append(properties)
    run = OxmlElement("w:r")
    node = OxmlElement("w:t")
    node.text = text
    run.append(node)
    paragraph.append(run)
    return paragraph
