"""Finds what a form wants filled: the same eyes for tables of Word and sheets of Excel."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from yanta.kernel.documents.marks import BOXES, Mark, bare, is_opinion, is_photo, marks, plain
from yanta.kernel.documents.model import Block, Cell, Grid, Line, Slot, SlotKind

LABEL_LENGTH = 22
SMALLEST_HEADER = 3
MOST_NEAR = 8
_KINDS: Mapping[str, SlotKind] = {"blank": "text", "date": "date", "check": "check"}
_HAN = re.compile(r"[\u4e00-\u9fff]|mail|Name")


def slots_of(blocks: list[Block]) -> list[Slot]:
    """Every slot in reading order, keys unique."""
    found: list[Slot] = []
    for block in blocks:
        found.extend(_in_line(block) if isinstance(block, Line) else _in_grid(block))
    return found


def _in_line(line: Line) -> Iterator[Slot]:
    for number, mark in enumerate(marks(line.text)):
        yield _marked(line.key, number, mark, mark.label, line.where, ())


def _marked(key: str, number: int, mark: Mark, label: str, place: str, near: tuple[str, ...]) -> Slot:
    options = tuple(name for _, name in mark.options)
    return Slot(f"{key}#{number}", label or "日期", _KINDS[mark.kind], place, near, options)


def _in_grid(grid: Grid) -> Iterator[Slot]:
    """First the tables within the table, for their cells have no label of their own; then cell by cell."""
    repeated = list(_repeating(grid))
    inside = {id(cell) for _, cells in repeated for cell in cells}
    starts = {cells[0].key: slot for slot, cells in repeated}
    for cell in sorted(grid.cells, key=lambda one: (one.row, one.column)):
        if cell.key in starts:
            yield starts[cell.key]
        if id(cell) in inside:
            continue
        yield from _in_cell(grid, cell)
        for inner in cell.inner:
            yield from _in_grid(inner)


def _in_cell(grid: Grid, cell: Cell) -> Iterator[Slot]:
    label, near = label_of(grid, cell)
    place = f"{grid.name} 第{cell.row + 1}行第{cell.column + 1}列"
    beside = grid.at(cell.row, cell.column + cell.columns)
    is_named = beside is not None and not plain(beside.text) and beside.rows == cell.rows
    if (is_photo(cell.text) and not is_named) or (not plain(cell.text) and is_photo(label)):
        yield Slot(cell.key, plain(cell.text) or label, "photo", place, near, hint=cell.text)
    elif cell.inner:
        return
    elif is_opinion(label, cell.text) and not any(box in cell.text for box in BOXES):
        yield Slot(cell.key, label or plain(cell.text)[:LABEL_LENGTH], "opinion", place, near, hint=cell.text)
    elif not plain(cell.text):
        if label:
            yield Slot(cell.key, label, "text", place, near)
    else:
        for number, mark in enumerate(marks(cell.text)):
            # A colon at the end of a short label belongs to the cell beside it.
            if mark.kind == "blank" and _is_bare_label(grid, cell, mark):
                continue
            own = mark.label if mark.kind == "blank" or mark.label else label
            yield _marked(cell.key, number, mark, own, place, (label, *near))


def _is_bare_label(grid: Grid, cell: Cell, mark: Mark) -> bool:
    beside = grid.at(cell.row, cell.column + cell.columns)
    return mark.end >= len(cell.text.rstrip()) and beside is not None and not plain(beside.text)


def label_of(grid: Grid, cell: Cell) -> tuple[str, tuple[str, ...]]:
    """The label to the left, else above; and what stands further on, which tells a father's name from one's own."""
    found = _labels(grid, cell, 0, -1) or _labels(grid, cell, -1, 0)
    return (found[0], tuple(dict.fromkeys(found[1:]))) if found else ("", ())


def _labels(grid: Grid, cell: Cell, down: int, right: int) -> list[str]:
    """Label texts in a direction, the nearest first; an empty cell at once ends the search."""
    found: list[str] = []
    row, column = cell.row, cell.column
    while (beside := grid.at(row + down, column + right)) is not None and len(found) < MOST_NEAR:
        row, column = (beside.row if down else row), (beside.column if right else column)
        if is_label(beside):
            found.append(plain(beside.text))
        elif not found:
            break
    return found


def is_label(cell: Cell) -> bool:
    """Short words that ask for nothing themselves; units of measure and formulas are no labels."""
    text = plain(cell.text)
    if not 0 < len(text) <= LABEL_LENGTH or text[0] == "=" or not _HAN.search(text):
        return False
    end = len(cell.text.rstrip())
    return "_" not in text and all(mark.kind == "blank" and mark.end >= end for mark in marks(cell.text))


def _repeating(grid: Grid) -> Iterator[tuple[Slot, list[Cell]]]:
    """A row of labels over two or more rows of empty cells with the same walls; numbers in front may be printed."""
    rows: dict[int, list[Cell]] = {}
    for cell in grid.cells:
        rows.setdefault(cell.row, []).append(cell)
    for number in sorted(rows):
        header = [cell for cell in sorted(rows[number], key=lambda one: one.column) if cell.rows == 1]
        if len(header) < SMALLEST_HEADER or not all(is_label(cell) for cell in header):
            continue
        blank = list(_blank_rows(rows, header, number))
        if len(blank) > 1:
            yield _rows_slot(grid, header, blank), [cell for row in blank for cell in row]


def _blank_rows(rows: dict[int, list[Cell]], header: list[Cell], number: int) -> Iterator[list[Cell]]:
    walls = [(cell.column, cell.columns) for cell in header]
    below = number + 1
    while below in rows:
        row = [cell for cell in sorted(rows[below], key=lambda one: one.column) if cell.rows == 1]
        empty = all(not plain(cell.text) or plain(cell.text).isdecimal() for cell in row)
        if [(cell.column, cell.columns) for cell in row] != walls or not empty:
            return
        yield row
        below += 1


def _rows_slot(grid: Grid, header: list[Cell], blank: list[list[Cell]]) -> Slot:
    first = blank[0][0]
    side = [plain(text) for text in _labels(grid, header[0], 0, -1)]
    above = grid.at(header[0].row - 1, header[0].column)
    title = side[0] if side else plain(above.text) if above is not None and is_label(above) else ""
    labels = [bare(cell.text) for cell in header]
    times = _times(labels)
    columns = tuple(labels[: len(labels) // times])
    place = f"{grid.name} 第{first.row + 1}—{blank[-1][0].row + 1}行"
    return Slot(
        f"{first.key}*", title or "、".join(columns)[:LABEL_LENGTH], "rows", place, tuple(side[1:]),
        columns=columns, capacity=len(blank) * times,
    )  # fmt: skip


def rows_at(grid: Grid, slot: Slot) -> list[list[Cell]]:
    """The blank rows of a repeating slot, cell by cell."""
    for found, cells in _repeating(grid):
        if found.key == slot.key:
            width, rows = len(found.columns), len({cell.row for cell in cells})
            parts = [cells[start : start + width] for start in range(0, len(cells), width)]
            times = len(parts) // rows
            # Columns that stand side by side several times are filled downwards first.
            return [parts[row * times + time] for time in range(times) for row in range(rows)]
    return []


def _times(labels: list[str]) -> int:
    """How often the same columns stand side by side."""
    for times in (4, 3, 2):
        width = len(labels) // times
        if width > 1 and labels[:width] * times == labels:
            return times
    return 1
