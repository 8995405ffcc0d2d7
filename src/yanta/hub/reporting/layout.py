"""The official face of a table: header cells with their spans, for the screen and for Excel alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from yanta.hub.reporting.definitions import LIST, Table


@dataclass(frozen=True, slots=True)
class Head:
    """One header cell; rows and columns are counted from 0."""

    text: str
    row: int
    column: int
    rows: int = 1
    columns: int = 1
    is_stub: bool = False


def stubs_of(table: Table) -> list[str]:
    """The titles of the stub columns."""
    if table.kind == LIST:
        return ["序号"]
    return [table.stub, *(one.title for one in table.stubs if one.title != table.stub)]


def depth_of(table: Table) -> int:
    return max((len(column.path) for column in table.columns), default=1)


def heads(table: Table) -> list[Head]:
    """Every header cell, merged as the paths of the columns say."""
    depth, stubs = depth_of(table), stubs_of(table)
    found = [Head(text, 0, at, depth, 1, True) for at, text in enumerate(stubs)]
    found += _merged([column.path for column in table.columns], 0, len(stubs), depth)
    return found


def _merged(paths: Sequence[tuple[str, ...]], level: int, at: int, depth: int) -> Iterator[Head]:
    place = 0
    while place < len(paths):
        end = place + 1
        leaf = len(paths[place]) == level + 1
        while end < len(paths) and not leaf and paths[end][: level + 1] == paths[place][: level + 1]:
            end += 1
        text = paths[place][level]
        yield Head(text, level, at + place, depth - level if leaf else 1, end - place)
        if not leaf:
            yield from _merged(paths[place:end], level + 1, at + place, depth)
        place = end


def head_rows(table: Table) -> list[list[Head]]:
    """The header row by row, as HTML wants it."""
    found = sorted(heads(table), key=lambda head: (head.row, head.column))
    return [[head for head in found if head.row == level] for level in range(depth_of(table))]
