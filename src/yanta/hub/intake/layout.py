"""Where a grid's titles end, which rows are its header and what each column is called."""

from __future__ import annotations

import re
from dataclasses import dataclass

from yanta.hub.cleaning.texts import tidy
from yanta.hub.intake.elements import BELOW, is_known_header
from yanta.hub.intake.grids import Grid, Line

_LOOK = 40


@dataclass(frozen=True)
class Layout:
    """Row numbers of the header, the columns' labels and the text above them."""

    labels: tuple[str, ...]
    header: tuple[int, ...] = ()
    titles: tuple[str, ...] = ()

    @property
    def last_head(self) -> int:
        """Number of the last row that is not data."""
        return max(self.header, default=0)


def detect_layout(grid: Grid) -> Layout:
    """Find the header; a grid without one gets numbered columns and is mapped by its values alone."""
    if grid.labels:
        return Layout(grid.labels)
    head = grid.head(_LOOK)
    best = _best_row(head)
    width = max((len(cells) for _, cells in head), default=0)
    if best is None:
        return Layout(tuple(f"第{place}列" for place in range(1, width + 1)))
    rows = _header_rows(head, best)
    width = _width(head, rows)
    titles = tuple(_joined(cells) for _, cells in head[: rows[0]] if _joined(cells))
    return Layout(_labels(grid, head, rows, width), tuple(head[row][0] for row in rows), titles)


def _width(head: list[Line], header: list[int]) -> int:
    """As wide as the header; wider only if most rows are, else what stands beyond is a shifted row."""
    named = max(_extent(head[row][1]) for row in header)
    extents = sorted(_extent(cells) for _, cells in head[header[-1] + 1 :])
    return max(named, extents[len(extents) // 2]) if extents else named


def _extent(cells: list[str | None]) -> int:
    return max((place for place, cell in enumerate(cells, 1) if cell and cell.strip()), default=0)


def _joined(cells: list[str | None]) -> str:
    return " ".join(tidy(cell) for cell in cells if cell)


def _known(cells: list[str | None]) -> tuple[int, int]:
    """Cells that name an element, and cells filled."""
    filled = [cell for cell in cells if cell and cell.strip()]
    return sum(is_known_header(cell) for cell in filled if len(cell) <= 20), len(filled)


def _best_row(head: list[Line]) -> int | None:
    scores = [_known(cells) for _, cells in head]
    good = [
        (known, -row) for row, (known, filled) in enumerate(scores) if known >= 2 and known >= 0.3 * filled
    ]
    return -max(good)[1] if good else None


def _header_rows(head: list[Line], best: int) -> list[int]:
    """The best row, with a row of group labels above it or of sub-labels below it."""
    rows = [best]
    if best and _is_group_row(head[best - 1][1], head[best][1]):
        rows.insert(0, best - 1)
    elif best + 1 < len(head):
        known, filled = _known(head[best + 1][1])
        if known >= 2 and known >= 0.5 * filled:
            rows.append(best + 1)
    return rows


def _is_group_row(above: list[str | None], below: list[str | None]) -> bool:
    """Short labels over several columns, filling gaps of the row below: not a title."""
    filled = [cell for cell in above if cell and cell.strip()]
    if len(filled) < 2 or any(len(cell) > 12 or re.search(r"\d{3,}", cell) for cell in filled):
        return False
    gaps = [place for place, cell in enumerate(below) if not cell]
    fills = any(place < len(above) and above[place] for place in gaps)
    return fills or len(filled) < sum(1 for cell in below if cell)


def _labels(grid: Grid, head: list[Line], rows: list[int], width: int) -> tuple[str, ...]:
    cells = [_padded(head[row][1], width) for row in rows]
    if len(cells) == 1:
        return tuple(_label(cell) or f"第{place}列" for place, cell in enumerate(cells[0], 1))
    top = _spread(cells[0], cells[1], grid, rows[0])
    return tuple(
        _stacked(_label(above), _label(below)) or f"第{place}列"
        for place, (above, below) in enumerate(zip(top, cells[1], strict=True), 1)
    )


def _padded(cells: list[str | None], width: int) -> list[str | None]:
    return [*cells, *[None] * (width - len(cells))][:width]


def _label(cell: str | None) -> str:
    return tidy(cell.replace("\n", "")) if cell else ""


def _stacked(above: str, below: str) -> str:
    if above and below and above != below:
        return f"{above}{BELOW}{below}"
    return below or above


def _spread(top: list[str | None], below: list[str | None], grid: Grid, row: int) -> list[str | None]:
    """Group labels over all the columns that they span: by the merges, else over the gaps to the right."""
    spans = [
        (left, right) for first, left, last, right in grid.merges if first <= row <= last and right > left
    ]
    wide = list(top)
    if grid.merges:
        for left, right in spans:
            wide[left : right + 1] = [top[left]] * (min(right + 1, len(wide)) - left)
        return wide
    for place in range(1, len(wide)):
        if not wide[place] and below[place] and below[place - 1]:
            wide[place] = wide[place - 1]
    return wide
