"""What an export consists of: each table with its lines and values, whatever the format."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pyarrow as pa

from yanta.hub.reporting import queries
from yanta.hub.reporting.calculation import Line
from yanta.hub.reporting.definitions import LIST, Package, Table
from yanta.hub.reporting.models import Filing, FilingCell


@dataclass(frozen=True, slots=True)
class Filled:
    """One table, filled."""

    table: Table
    lines: tuple[Line, ...]
    values: dict[str, Decimal | None]
    words: dict[str, str]
    reasons: dict[str, str] = field(default_factory=dict)
    rows: pa.Table | None = None

    def at(self, line: Line, column: str) -> Decimal | str | None:
        place = f"{line.code}.{column}"
        return self.words.get(place) or self.values.get(place)


def of_filing(filing: Filing, *, with_lists: bool = True) -> tuple[Package, list[Filled]]:
    """Every table of a filing as it stands."""
    assert filing.calculation is not None  # noqa: S101  # calculated when opened
    package, values = queries.package_of(filing), queries.values_of(filing)
    lines = queries.lines_of(filing.calculation.lines)
    words, reasons = _said(filing)
    found = []
    for one in filing.tables.select_related("listed"):
        table = package.table(one.code)
        rows = queries.list_of(one) if table.kind == LIST and with_lists else None
        found.append(
            Filled(
                table, tuple(lines.get(one.code, ())), values.get(one.code, {}), words.get(one.code, {}),
                reasons.get(one.code, {}), rows,
            )
        )  # fmt: skip
    return package, found


def _said(filing: Filing) -> tuple[dict[str, dict[str, str]], dict[str, dict[str, str]]]:
    words: dict[str, dict[str, str]] = {}
    reasons: dict[str, dict[str, str]] = {}
    cells = FilingCell.objects.filter(filing=filing).exclude(words="", reason="")
    for table, row, column, said, reason in cells.values_list(
        "table__code", "row", "column", "words", "reason"
    ):
        words.setdefault(table, {})[f"{row}.{column}"] = said
        reasons.setdefault(table, {})[f"{row}.{column}"] = reason
    return words, reasons


def list_rows(filled: Filled) -> Iterator[list[Any]]:
    """A list's lines with their number."""
    assert filled.rows is not None  # noqa: S101  # only asked of lists
    names = [column.code for column in filled.table.columns]
    for number, row in enumerate(filled.rows.select(names).to_pylist(), start=1):
        yield [number, *row.values()]
