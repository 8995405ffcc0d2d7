"""A grid: one work sheet, table or text file as rows of text, whatever the format was."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from itertools import islice

Line = tuple[int, list[str | None]]
# (first row, first column, last row, last column), zero-based and inclusive.
Merges = tuple[tuple[int, int, int, int], ...]


@dataclass(frozen=True)
class Grid:
    """A named grid whose lines can be read again and again; `labels` are set when the format carries them.

    `is_separated`: every line of the text is meant to hold all cells.
    """

    file: str
    sheet: str
    reader: Callable[[], Iterator[Line]]
    labels: tuple[str, ...] = ()
    merges: Merges = ()
    lookups: tuple[Lookup, ...] = field(default=())
    is_separated: bool = False

    def lines(self) -> Iterator[Line]:
        return self.reader()

    def head(self, count: int) -> list[Line]:
        return list(islice(self.reader(), count))


@dataclass(frozen=True)
class Lookup:
    """A small code table that came with the data: local code to name."""

    table: str
    code_column: str
    names: dict[str, str]


def cell_text(value: object) -> str | None:
    """A cell as text: whole numbers without a point, dates as ISO, nothing as None."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime | date | time):
        return _moment_text(value)
    if isinstance(value, float | Decimal):
        return _number_text(value)
    return bytes(value).hex() if isinstance(value, bytes | memoryview) else str(value)


def _moment_text(value: datetime | date | time) -> str:
    if isinstance(value, datetime):
        midnight = value.time() == time(0)
        return value.date().isoformat() if midnight else value.isoformat(" ", "seconds")
    return value.isoformat()


def _number_text(value: float | Decimal) -> str:
    whole = value == value and abs(value) != float("inf") and value == int(value)
    return str(int(value)) if whole else str(value)


def numbered(rows: Iterable[Iterable[object]], *, start: int = 1) -> Iterator[Line]:
    """Rows of raw cells as numbered lines of text."""
    for number, row in enumerate(rows, start):
        yield number, [cell_text(cell) for cell in row]
