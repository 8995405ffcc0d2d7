"""SQLite files: read through DuckDB's scanner, written in one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from yanta.hub.exchange.connectors import engine, shapes, staging
from yanta.hub.exchange.connectors.base import Address, ColumnShape, Mode, TableShape, Written
from yanta.hub.exchange.connectors.databases import ALIAS, TIME_LIMIT, SqlConnector
from yanta.kernel.base import Refused

# SQLite keeps what it is given; a column is of its declared kind only where every value of it is.
_FITS = {
    "integer": "typeof({c}) = 'integer'",
    "flag": "{c} IN (0, 1)",
    "number": "typeof({c}) IN ('integer', 'real')",
    "date": "length({c}) = 10 AND date({c}) = {c}",
    "instant": "length({c}) >= 19 AND datetime({c}) = replace(substr({c}, 1, 19), 'T', ' ')",
    "binary": "typeof({c}) = 'blob'",
}
_ENGINE_TYPES = {
    "integer": "BIGINT", "flag": "BOOLEAN", "number": "DOUBLE", "date": "DATE", "instant": "TIMESTAMP", "text": "VARCHAR",
}  # fmt: skip


class SqliteConnector(SqlConnector):
    title = "SQLite"
    scanner = "sqlite_scanner"

    def __init__(self, address: Address) -> None:
        super().__init__(address)
        self._mixed: dict[str, list[str]] = {}
        self._known: dict[str, TableShape] = {}

    @property
    def path(self) -> str:
        return self.address.get("path")

    def attach(self, opened: duckdb.DuckDBPyConnection, *, read_only: bool) -> None:
        option = ", READ_ONLY" if read_only else ""
        opened.execute(f"ATTACH {engine.literal(self.path)} AS {ALIAS} (TYPE sqlite{option})")

    @contextmanager
    def native(self, *, mode: str = "ro") -> Iterator[sqlite3.Connection]:
        line = sqlite3.connect(
            f"{Path(self.path).as_uri()}?mode={mode}", uri=True, timeout=TIME_LIMIT, isolation_level=None
        )
        with closing(line):
            yield line

    def catalogue(self) -> list[TableShape]:
        with self.native() as line:
            return [self._shape(line, name) for name in self._names(line)]

    @staticmethod
    def _names(line: sqlite3.Connection) -> list[str]:
        found = line.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY 1")
        return [name for (name,) in found if not name.startswith(("sqlite_", staging.PREFIX))]

    def _shape(self, line: sqlite3.Connection, table: str) -> TableShape:
        info = line.execute(f"PRAGMA table_info({self.quote(table)})").fetchall()
        kinds = {row[1]: declared_kind(row[2]) for row in info}
        tests = [f"sum({self.quote(name)} IS NOT NULL AND NOT ({_test(self.quote(name), kind)}))"
                 for name, kind in kinds.items()]  # fmt: skip
        count, *misfits = line.execute(
            f"SELECT count(*), {', '.join(tests)} FROM {self.quote(table)}"
        ).fetchone()
        self._mixed[table] = [row[1] for row, misfit in zip(info, misfits, strict=True) if misfit]
        columns = tuple(
            ColumnShape(row[1], "text" if misfit else kinds[row[1]], not row[3])
            for row, misfit in zip(info, misfits, strict=True)
        )
        key = tuple(row[1] for row in sorted(info, key=lambda row: row[5]) if row[5])
        return TableShape(table, columns, count, key)

    def expression(self, table: str, column: ColumnShape) -> str:
        if column.kind == "binary":
            return self.quote(column.name)
        return f"CAST({self.quote(column.name)} AS {_ENGINE_TYPES[column.kind]})"

    def place(self, table: str) -> str:
        return self.attached(table)

    def streamed(self, table: str, statement: str) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
        """Where a column holds what it does not declare, all cells come as text and are cast by what they are."""
        mixed, cursor = self._mixed.get(table, []), self.opened()
        if mixed and any(column.kind == "binary" for column in self.shape(table).columns):
            raise Refused(
                f"列“{mixed[0]}”的值与声明的类型不符，表里又有二进制列，不能一并读取；请先在源头改正"
            )
        cursor.execute(f"SET sqlite_all_varchar = {'true' if mixed else 'false'}")
        return engine.streamed(cursor, self.remote(statement))

    def find(self, table: str) -> TableShape | None:
        """This table alone: telling kinds looks at every row."""
        if table not in self._known:
            with self.speaking(), self.native() as line:
                if table not in self._names(line):
                    return None
                self._known[table] = self._shape(line, table)
        return self._known[table]

    def forget(self) -> None:
        super().forget()
        self._known = {}

    def remote(self, statement: str) -> str:
        return statement

    def write(
        self, table: str, batches: Iterable[pa.RecordBatch], *, key: Sequence[str] = (), mode: Mode = "upsert"
    ) -> Written:
        return staging.write(self, SqliteTarget(self), table, batches, key=key, mode=mode)


def declared_kind(word: str) -> Any:
    """Decimals of SQLite are floating numbers, and what is not declared may be anything."""
    kind = shapes.kind_declared(word) if word else "text"
    return {"decimal": "number", "time": "text"}.get(kind, kind)


def _test(column: str, kind: str) -> str:
    return _FITS[kind].format(c=column) if kind in _FITS else "1"


class SqliteTarget(staging.Target):
    """How SQLite changes many rows at once."""

    begin = ("BEGIN IMMEDIATE",)
    types = {
        "text": "TEXT", "integer": "INTEGER", "decimal": "DECIMAL(38,10)", "number": "REAL", "date": "DATE",
        "instant": "DATETIME", "time": "TEXT", "flag": "BOOLEAN", "binary": "BLOB",
    }  # fmt: skip

    connector: SqliteConnector

    def __init__(self, connector: SqliteConnector) -> None:
        self.connector = connector

    @contextmanager
    def line(self) -> Iterator[staging.Line]:
        with self.connector.native(mode="rwc") as line:
            yield staging.Line(line.cursor())

    def place(self, table: str) -> str:
        return self.quote(table)

    def stage(self, table: str, stage: str, columns: Sequence[str]) -> str:
        # CREATE TABLE AS would forget the declared types, by which dates are told from text.
        with self.connector.native() as line:
            info = line.execute(f"PRAGMA table_info({self.quote(table)})").fetchall()
        declared = {row[1]: row[2] for row in info}
        return f"CREATE TABLE {stage} ({', '.join(f'{self.quote(c)} {declared[c]}' for c in columns)})"

    def index(self, stage: str, key: Sequence[str]) -> str:
        # For a correlated NOT EXISTS it reads the whole other table for each row: the square of the rows.
        named = stage.removesuffix('"') + '_key"'
        return f"CREATE UNIQUE INDEX {named} ON {stage} ({', '.join(map(self.quote, key))})"

    def differs(self, table: str, column: str) -> str:
        return f"t.{self.quote(column)} IS NOT s.{self.quote(column)}"

    def update(self, table: str, stage: str, sets: str, match: str, differs: str) -> str:
        return f"UPDATE {table} AS t SET {sets} FROM {stage} AS s WHERE {match} AND ({differs})"
