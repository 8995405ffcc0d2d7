"""SQLite databases and dBase tables."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from dbfread import DBF

from yanta.hub.intake.grids import Grid, Line, Lookup, cell_text
from yanta.hub.intake.texts import best_encoding

# A code table has few columns: code, name and perhaps a parent and a remark.
_LOOKUP_COLUMNS = 4
_LOOKUP_ROWS = 5000


def sqlite_grids(path: Path) -> list[Grid]:
    """The tables that hold people; code tables beside them become their look-ups."""
    with closing(_open(path)) as base:
        names = [
            name
            for (name,) in base.execute("select name from sqlite_master where type = 'table'")
            if not name.startswith("sqlite_")
        ]
        columns = {name: _columns(base, name) for name in names}
        lookups = tuple(found for name in names if (found := _lookup(base, name, columns[name])))
    return [_table_grid(path, name, columns[name], lookups) for name in names]


def _quoted(name: str) -> str:
    """An identifier as SQL text; names come from the file and may hold anything."""
    return '"' + name.replace('"', '""') + '"'


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)


def _columns(base: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in base.execute(f"pragma table_info({_quoted(table)})")]


def _lookup(base: sqlite3.Connection, table: str, columns: list[str]) -> Lookup | None:
    if not 2 <= len(columns) <= _LOOKUP_COLUMNS:
        return None
    wanted = ", ".join(map(_quoted, columns[:2]))
    rows = base.execute(f"select {wanted} from {_quoted(table)} limit {_LOOKUP_ROWS}").fetchall()
    names = {cell_text(code) or "": (cell_text(name) or "").strip() for code, name in rows}
    return Lookup(table, columns[0], names) if len(names) == len(rows) else None


def _table_grid(path: Path, table: str, columns: list[str], lookups: tuple[Lookup, ...]) -> Grid:
    def read() -> Iterator[Line]:
        with closing(_open(path)) as base:
            for number, *cells in base.execute(f"select rowid, * from {_quoted(table)}"):
                yield int(number), [cell_text(cell) for cell in cells]

    others = tuple(lookup for lookup in lookups if lookup.table != table)
    return Grid(path.name, table, read, labels=tuple(columns), lookups=others)


def dbf_grids(path: Path) -> list[Grid]:
    """One dBase table; records count from 1, deleted ones included and read as empty."""
    fields = DBF(str(path), raw=True, ignore_missing_memofile=True).field_names
    sample = b"\n".join(_text_fields(path, limit=500))
    encoding = best_encoding(sample)

    def read() -> Iterator[Line]:
        for number, record in _records(path, encoding):
            yield number, [cell_text(record.get(name)) for name in fields]

    return [Grid(path.name, "", read, labels=tuple(fields))]


def _text_fields(path: Path, *, limit: int) -> Iterator[bytes]:
    table = DBF(str(path), raw=True, ignore_missing_memofile=True)
    for count, record in enumerate(table):
        if count >= limit:
            return
        yield b" ".join(value for value in record.values() if isinstance(value, bytes))


def _records(path: Path, encoding: str) -> Iterator[tuple[int, dict[str, object]]]:
    table = DBF(str(path), encoding=encoding, char_decode_errors="replace", ignore_missing_memofile=True)
    if not len(table.deleted):
        yield from enumerate(table, 1)
        return
    flags = _deleted_flags(path, header=table.header.headerlen, size=table.header.recordlen)
    living = iter(table)
    for number, deleted in enumerate(flags, 1):
        yield number, {} if deleted else next(living, {})


def _deleted_flags(path: Path, *, header: int, size: int) -> Iterator[bool]:
    with path.open("rb") as stream:
        stream.seek(header)
        while len(record := stream.read(size)) == size:
            yield record[:1] == b"*"
