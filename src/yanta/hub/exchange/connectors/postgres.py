"""PostgreSQL: read through DuckDB's scanner, written through a staging table, captured by logical decoding."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import duckdb
import psycopg
import pyarrow as pa

from yanta.hub.exchange.connectors import engine, shapes, staging
from yanta.hub.exchange.connectors.base import ChangeBatch, ColumnShape, Mode, TableShape, Written
from yanta.hub.exchange.connectors.databases import ALIAS, TIME_LIMIT, SqlConnector

_CATALOGUE = """
SELECT n.nspname, c.relname, greatest(c.reltuples, 0)::bigint, a.attname, format_type(a.atttypid, a.atttypmod),
       NOT a.attnotnull, coalesce(array_position(k.conkey, a.attnum), 0), n.nspname = current_schema()
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'p'
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT LIKE 'pg\\_%%'
  AND n.nspname <> 'information_schema' AND c.relname NOT LIKE %s
  AND has_table_privilege(c.oid, 'SELECT') ORDER BY 1, 2, a.attnum"""
# What the scanner brings unspoiled; all others (json, arrays, network addresses, numerics without a scale …) come as text.
_FAITHFUL = frozenset(
    ("boolean", "smallint", "integer", "bigint", "real", "double precision", "text", "date", "bytea",
     "timestamp without time zone", "timestamp with time zone", "time without time zone")
)  # fmt: skip


class PostgresConnector(SqlConnector):
    title = "PostgreSQL"
    scanner = "postgres_scanner"

    def __init__(self, address: Any) -> None:
        super().__init__(address)
        self.declared: dict[tuple[str, str], str] = {}

    @property
    def parameters(self) -> dict[str, Any]:
        """As libpq wants them."""
        at = self.address
        return {
            "host": at.get("host"), "port": at.number("port", 5432), "dbname": at.get("database"),
            "user": at.get("user"), "password": at.secret("password"), "sslmode": at.get("sslmode", "prefer"),
            "connect_timeout": TIME_LIMIT, "application_name": "yanta-exchange",
        }  # fmt: skip

    def attach(self, opened: duckdb.DuckDBPyConnection, *, read_only: bool) -> None:
        text = psycopg.conninfo.make_conninfo(**self.parameters)
        option = ", READ_ONLY" if read_only else ""
        opened.execute(f"ATTACH {engine.literal(text)} AS {ALIAS} (TYPE postgres{option})")

    def place(self, table: str) -> str:
        return engine.quoted(table)

    def attached(self, table: str) -> str:
        return f"{ALIAS}.{engine.quoted(table)}"

    @contextmanager
    def native(self, *, autocommit: bool = False) -> Iterator[psycopg.Connection[Any]]:
        with psycopg.connect(**self.parameters, autocommit=autocommit) as line:
            yield line

    def catalogue(self) -> list[TableShape]:
        with self.native() as line:
            line.execute(f"SET statement_timeout = '{TIME_LIMIT}s'")
            rows = line.execute(_CATALOGUE, [staging.PREFIX.replace("_", "\\_") + "%"]).fetchall()
        found: dict[str, list[tuple[Any, ...]]] = {}
        for schema, table, *rest, is_current in rows:
            found.setdefault(table if is_current else f"{schema}.{table}", []).append(tuple(rest))
        return [self._shape(name, columns) for name, columns in found.items()]

    def _shape(self, name: str, columns: list[tuple[Any, ...]]) -> TableShape:
        made = []
        for _, column, word, nullable, _ in columns:
            self.declared[name, column] = word
            kind = shapes.kind_declared(word) if is_faithful(word) else "text"
            made.append(ColumnShape(column, kind, nullable))
        key = tuple(c[1] for c in sorted(columns, key=lambda c: c[4]) if c[4])
        return TableShape(name, tuple(made), int(columns[0][0]), key)

    def expression(self, table: str, column: ColumnShape) -> str:
        word = self.declared.get((table, column.name), "")
        return self.quote(column.name) + ("" if is_faithful(word) else "::text")

    def remote(self, statement: str) -> str:
        return f"SELECT * FROM postgres_query('{ALIAS}', {engine.literal(statement)})"

    def changes(self, table: str, *, position: str | None) -> Iterator[ChangeBatch]:
        from yanta.hub.exchange.connectors import postgres_log

        return postgres_log.changes(self, table, position=position)

    def release(self, table: str) -> None:
        """Give up capturing a table: a slot that nobody reads keeps the server's log for ever."""
        from yanta.hub.exchange.connectors import postgres_log

        postgres_log.release(self, table)

    def write(
        self, table: str, batches: Iterable[pa.RecordBatch], *, key: Sequence[str] = (), mode: Mode = "upsert"
    ) -> Written:
        return staging.write(self, PostgresTarget(self), table, batches, key=key, mode=mode)


def is_faithful(word: str) -> bool:
    """Whether the scanner brings a column of this type without loss."""
    plain = word.partition("(")[0]
    if plain == "numeric":
        return "(" in word and int(word[8:].partition(",")[0].rstrip(")")) <= 38
    bare = word.replace("(" + word.partition("(")[2].partition(")")[0] + ")", "") if "(" in word else word
    return bare in _FAITHFUL or plain in ("character varying", "character")


class PostgresTarget(staging.Target):
    """How PostgreSQL changes many rows at once."""

    begin = ("BEGIN",)
    types = {
        "text": "text", "integer": "bigint", "decimal": "numeric(38,10)", "number": "double precision", "date": "date",
        "instant": "timestamp", "time": "time", "flag": "boolean", "binary": "bytea",
    }  # fmt: skip

    connector: PostgresConnector

    def __init__(self, connector: PostgresConnector) -> None:
        self.connector = connector

    @contextmanager
    def line(self) -> Iterator[staging.Line]:
        with self.connector.native(autocommit=True) as line:
            yield staging.Line(line.cursor())

    def lock(self, table: str) -> str:
        return f"LOCK TABLE {self.connector.place(table)} IN SHARE ROW EXCLUSIVE MODE"

    def differs(self, table: str, column: str) -> str:
        name, word = self.quote(column), self.connector.declared.get((table, column), "")
        cast = (
            "::text" if word in ("json", "xml", "point", "box", "path", "polygon", "circle", "line") else ""
        )
        return f"t.{name}{cast} IS DISTINCT FROM s.{name}{cast}"

    def update(self, table: str, stage: str, sets: str, match: str, differs: str) -> str:
        return f"UPDATE {table} AS t SET {sets} FROM {stage} AS s WHERE {match} AND ({differs})"
