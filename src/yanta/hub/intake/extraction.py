"""Rows of a mapped grid as Arrow batches of raw text, ready for cleaning as one set."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import pyarrow as pa

from yanta.hub.cleaning.vocabulary import Vocabulary
from yanta.hub.intake.elements import RAW_NAMES, header_key
from yanta.hub.intake.grids import Grid, Line
from yanta.hub.intake.layout import Layout
from yanta.hub.intake.mapping import Mapping
from yanta.hub.intake.proposal import column_lookups

CELL_JOINT = "\x1f"
_BATCH = 50_000
_SEQUENCE = frozenset(map(header_key, ("序号", "行号", "顺序号", "SEQ", "XUHAO", "NO", "ID", "记录号")))

RAW = pa.schema(
    [
        ("file", pa.string()),
        ("sheet", pa.string()),
        ("row", pa.int64()),
        ("source", pa.string()),
        ("place_unit", pa.string()),
        ("place_level", pa.string()),
        ("place_campus", pa.string()),
        ("head_kind", pa.string()),
        ("filled", pa.int32()),
        ("surplus", pa.bool_()),
        ("line", pa.string()),
        ("line_key", pa.string()),
        *((f"raw_{name}", pa.string()) for name in RAW_NAMES),
    ]
)


@dataclass(frozen=True)
class Place:
    """What the sheet's name and titles say about all its rows."""

    unit: str | None
    level: str | None
    campus: str | None


def place_meaning(grid: Grid, layout: Layout, vocabulary: Vocabulary) -> Place:
    """A sheet per college, per level or per campus says once what no column repeats."""
    words = (grid.sheet, *layout.titles, grid.file.rpartition(".")[0])
    text = " ".join(words)
    level = next((level for level in ("博士", "硕士", "本科") if level in text), None)
    campus = next(
        (code for name, code in vocabulary.campuses.items() if len(name) > 1 and name in text[:40]), None
    )
    return Place(vocabulary.org(grid.sheet) if grid.sheet else None, level, campus)


def raw_batches(grid: Grid, layout: Layout, mapping: Mapping, place: Place) -> Iterator[pa.RecordBatch]:
    """All rows of the grid, heads included, in batches of bounded size."""
    chosen = mapping.chosen()
    resolvers = {index: lookup.names for index, lookup in column_lookups(grid, layout.labels).items()}
    skipped = next((i for i, label in enumerate(layout.labels) if header_key(label) in _SEQUENCE), None)
    lines = grid.lines()
    while chunk := list(islice(lines, _BATCH)):
        yield _batch(chunk, grid, layout, mapping, place, chosen, resolvers, skipped)


def _batch(
    chunk: list[Line],
    grid: Grid,
    layout: Layout,
    mapping: Mapping,
    place: Place,
    chosen: dict[str, int],
    resolvers: dict[int, dict[str, str]],
    skipped: int | None,
) -> pa.RecordBatch:
    size, width = len(chunk), len(layout.labels)
    known = "name" in chosen and len(chosen) > 2
    columns: dict[str, list[object] | pa.Array] = {
        "file": [grid.file] * size,
        "sheet": [grid.sheet] * size,
        "row": [number for number, _ in chunk],
        "source": [mapping.source] * size,
        "place_unit": [place.unit] * size,
        "place_level": [place.level] * size,
        "place_campus": [place.campus] * size,
        "head_kind": [_head_kind(number, layout, known=known) for number, _ in chunk],
        "filled": [sum(1 for cell in cells if cell and not cell.isspace()) for _, cells in chunk],
        "surplus": [any(cell and not cell.isspace() for cell in cells[width:]) for _, cells in chunk],
        "line": [CELL_JOINT.join(cell or "" for cell in cells) for _, cells in chunk],
        "line_key": [_line_key(cells, skipped) for _, cells in chunk],
    }
    for name in RAW_NAMES:
        index = chosen.get(name)
        columns[f"raw_{name}"] = (
            pa.nulls(size, pa.string()) if index is None else _column(chunk, index, resolvers)
        )
    return pa.record_batch([pa.array(columns[f.name], f.type) for f in RAW], schema=RAW)


def _column(chunk: list[Line], index: int, resolvers: dict[int, dict[str, str]]) -> list[object]:
    cells = [cells[index] if index < len(cells) else None for _, cells in chunk]
    names = resolvers.get(index)
    return [names.get(cell, cell) if cell else cell for cell in cells] if names else list(cells)


def _head_kind(number: int, layout: Layout, *, known: bool) -> str | None:
    if not known:
        return "not_people"
    if number in layout.header:
        return "header"
    return "title" if number < layout.last_head else None


def _line_key(cells: list[str | None], skipped: int | None) -> str:
    return CELL_JOINT.join(cell or "" for place, cell in enumerate(cells) if place != skipped)


def original_cells(line: str, labels: tuple[str, ...]) -> dict[str, str]:
    """A kept line as label to cell, for people to look at; cells beyond the header get labels of their own."""
    cells = line.split(CELL_JOINT)
    beyond = (f"多出的第{place}格" for place in range(1, len(cells) - len(labels) + 1))
    named = zip((*labels, *beyond), cells, strict=False)
    return {label: cell.rstrip() for label, cell in named if cell}
