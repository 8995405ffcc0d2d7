"""Reads a form of Word into blocks: body, headers and footers, text boxes, tables within tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from docx.oxml.ns import qn

from yanta.kernel.documents.marks import plain
from yanta.kernel.documents.model import Block, Cell, Grid, Line
from yanta.kernel.documents.word.nodes import (
    FALLBACK,
    TBL,
    TC,
    TR,
    P,
    children,
    is_prompt,
    paragraphs_of,
    points,
    stretch_of,
)

BOX = qn("w:txbxContent")
DEFAULT_SIZE = 10.5


@dataclass(slots=True)
class Counter:
    """Numbers tables and paragraphs as they come."""

    tables: int = 0
    lines: int = 0


def blocks_of(document: Any) -> list[Block]:
    """Everything that is seen on paper, headers first."""
    found: list[Block] = []
    for number, root in enumerate(_margins(document)):
        found.extend(_blocks(root, f"h{number}", "页眉页脚", Counter()))
    body, base = document.element.body, base_size(document)
    found.extend(_blocks(body, "b", "正文", Counter(), base))
    boxes = (box for box in body.iter(BOX) if not any(one.tag == FALLBACK for one in box.iterancestors()))
    for number, box in enumerate(boxes):
        found.extend(_blocks(box, f"x{number}", "文本框", Counter(), base))
    return found


def _margins(document: Any) -> Iterator[Any]:
    """Headers and footers, each part once."""
    seen = set()
    for section in document.sections:
        for part in (section.header, section.first_page_header, section.footer, section.first_page_footer):
            if not part.is_linked_to_previous and part.part.partname not in seen:
                seen.add(part.part.partname)
                yield part._element


def _blocks(root: Any, key: str, where: str, count: Counter, base: float = DEFAULT_SIZE) -> Iterator[Block]:
    for node in root:
        if node.tag == P:
            line = Line(f"{key}.p{count.lines}", stretch_of([node]).text, node, where)
            count.lines += 1
            if plain(line.text):
                yield line
        elif node.tag == TBL:
            yield grid_of(node, f"{key}.t{count.tables}", f"表{count.tables + 1}", base)
            count.tables += 1
        elif node.tag == qn("w:sdt"):
            content = node.find(qn("w:sdtContent"))
            yield from _blocks(content, key, where, count, base) if content is not None else ()


def grid_of(table: Any, key: str, name: str, base: float = DEFAULT_SIZE) -> Grid:
    """The table as it is seen: a cell merged over rows once, in its first row."""
    columns = [points(column) for column in table.findall(f"{qn('w:tblGrid')}/{qn('w:gridCol')}")]
    grid = Grid(key, name, widths=columns)
    open_cells: dict[int, Cell] = {}
    for number, row in enumerate(children(table, TR)):
        height = _height(row)
        column = _skipped(row)
        for node in children(row, TC):
            span = _span(node)
            merge = node.find(f"{qn('w:tcPr')}/{qn('w:vMerge')}")
            above = open_cells.get(column)
            if merge is not None and merge.get(qn("w:val")) != "restart" and above is not None:
                above.rows += 1
                above.height = above.height + height if above.height and height else 0
            else:
                cell = _cell(node, f"{key}.r{number}.c{column}", number, column, span, columns, base)
                cell.height = height
                grid.cells.append(cell)
                open_cells.pop(column, None)
                if merge is not None:
                    open_cells[column] = cell
            column += span
    _set_lines(grid)
    return grid


def _cell(node: Any, key: str, row: int, column: int, span: int, columns: list[float], base: float) -> Cell:
    width = points(node.find(f"{qn('w:tcPr')}/{qn('w:tcW')}")) or sum(columns[column : column + span])
    paragraphs = paragraphs_of(node)
    cell = Cell(
        key,
        row,
        column,
        1,
        span,
        _text(paragraphs),
        node,
        max(width - 10.8, 0),
        font=size_of(paragraphs, base),
    )
    cell.lines = max(len(paragraphs), 1)
    inner = [one for one in node.iterdescendants(TBL) if next(one.iterancestors(TC), None) is node]
    cell.inner = [grid_of(one, f"{key}.t{number}", "内嵌表", base) for number, one in enumerate(inner)]
    return cell


def _text(paragraphs: list[Any]) -> str:
    """The prompt of an empty content control is no text of the form."""
    stretch = stretch_of(paragraphs)
    prompted = [node for node, _, _ in stretch.spans if is_prompt(node)]
    return "" if prompted and len(prompted) == len(stretch.spans) else stretch.text


def _set_lines(grid: Grid) -> None:
    """Where no height is set, a row is as high as its longest cell: so much room the others have too."""
    tallest: dict[int, int] = {}
    for cell in grid.cells:
        if cell.rows == 1:
            tallest[cell.row] = max(tallest.get(cell.row, 1), cell.lines)
    for cell in grid.cells:
        cell.lines = sum(tallest.get(row, 1) for row in range(cell.row, cell.row + cell.rows))


def _height(row: Any) -> float:
    node = row.find(f"{qn('w:trPr')}/{qn('w:trHeight')}")
    return points(node, "w:val")


def _skipped(row: Any) -> int:
    node = row.find(f"{qn('w:trPr')}/{qn('w:gridBefore')}")
    return int(node.get(qn("w:val"))) if node is not None else 0


def _span(cell: Any) -> int:
    node = cell.find(f"{qn('w:tcPr')}/{qn('w:gridSpan')}")
    return int(node.get(qn("w:val"))) if node is not None else 1


def size_of(paragraphs: list[Any], base: float) -> float:
    """The letter of the first run, or of the mark of an empty paragraph."""
    for path in (f"{qn('w:r')}/{qn('w:rPr')}/{qn('w:sz')}", f"{qn('w:pPr')}/{qn('w:rPr')}/{qn('w:sz')}"):
        for paragraph in paragraphs:
            node = paragraph.find(path)
            if node is not None:
                return float(node.get(qn("w:val"))) / 2
    return base


def base_size(document: Any) -> float:
    """What the document's own style says."""
    for style in document.styles.element.iter(qn("w:style")):
        if style.get(qn("w:default")) == "1" and style.get(qn("w:type")) == "paragraph":
            node = style.find(f"{qn('w:rPr')}/{qn('w:sz')}")
            if node is not None:
                return float(node.get(qn("w:val"))) / 2
    node = document.styles.element.find(
        f"{qn('w:docDefaults')}/{qn('w:rPrDefault')}/{qn('w:rPr')}/{qn('w:sz')}"
    )
    return float(node.get(qn("w:val"))) / 2 if node is not None else DEFAULT_SIZE
