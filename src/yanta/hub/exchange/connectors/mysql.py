"""MySQL and MariaDB: read through DuckDB's scanner, written through a staging table, captured from the binlog."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import duckdb
import pyarrow as pa
import pymysql

from yanta.hub.exchange.connectors import engine, shapes, staging
from yanta.hub.exchange.connectors.base import ChangeBatch, ColumnShape, Mode, TableShape, Written
from yanta.hub.exchange.connectors.databases import ALIAS, TIME_LIMIT, SqlConnector
from yanta.kernel.base import Refused

_CATALOGUE = """
SELECT t.table_name, coalesce(t.table_rows, 0), c.column_name, concat(c.column_type, ' ', coalesce(c.collation_name, '')),
       c.is_nullable = 'YES',
       coalesce(k.seq_in_index, 0)
FROM information_schema.tables t
JOIN information_schema.columns c ON c.table_schema = t.table_schema AND c.table_name = t.table_name
LEFT JOIN information_schema.statistics k ON k.table_schema = c.table_schema AND k.table_name = c.table_name
  AND k.column_name = c.column_name AND k.index_name = 'PRIMARY'
WHERE t.table_schema = database() AND t.table_name NOT LIKE %s ORDER BY t.table_name, c.ordinal_position"""


class MySqlConnector(SqlConnector):
    title = "MySQL / MariaDB"
    scanner = "mysql_scanner"

    def __init__(self, address: Any) -> None:
        super().__init__(address)
        self.declared: dict[tuple[str, str], str] = {}

    @property
    def parameters(self) -> dict[str, Any]:
        """As the driver wants them."""
        at = self.address
        host = at.get("host")
        reach: dict[str, Any] = (
            {"unix_socket": host} if host.startswith("/") else {"host": host, "port": at.number("port", 3306)}
        )
        return {
            **reach, "user": at.get("user"), "password": at.secret("password"), "database": at.get("database"),
            "charset": "utf8mb4", "connect_timeout": TIME_LIMIT,
        }  # fmt: skip

    def attach(self, opened: duckdb.DuckDBPyConnection, *, read_only: bool) -> None:
        # Small whole numbers are no yes or no: 2 would become "yes".
        opened.execute(
            "SET GLOBAL mysql_tinyint1_as_boolean = false; SET GLOBAL mysql_query_timeout_enabled = false"
        )
        named = {
            "host": self.parameters.get("host", "localhost"), "port": self.parameters.get("port", 0),
            "socket": self.parameters.get("unix_socket", ""), "database": self.parameters["database"],
            "user": self.parameters["user"], "password": self.parameters["password"],
        }  # fmt: skip
        listed = ", ".join(f"{k} {engine.literal(str(v))}" for k, v in named.items() if v)
        opened.execute(f"CREATE SECRET reach (TYPE mysql, {listed})")
        option = ", READ_ONLY" if read_only else ""
        opened.execute(f"ATTACH '' AS {ALIAS} (TYPE mysql, SECRET reach{option})")

    @contextmanager
    def native(self, *, cursor: Any = None, read_timeout: int | None = None) -> Iterator[Any]:
        line = pymysql.connect(
            **self.parameters,
            cursorclass=cursor or pymysql.cursors.Cursor,
            read_timeout=read_timeout,
            autocommit=True,
        )
        try:
            yield line
        finally:
            line.close()

    def catalogue(self) -> list[TableShape]:
        with self.native(read_timeout=TIME_LIMIT) as line, line.cursor() as cursor:
            cursor.execute(_CATALOGUE, [staging.PREFIX.replace("_", "\\_") + "%"])
            rows = cursor.fetchall()
        found: dict[str, list[tuple[Any, ...]]] = {}
        for table, *rest in rows:
            found.setdefault(table, []).append(tuple(rest))
        return [self._shape(name, columns) for name, columns in found.items()]

    def _shape(self, name: str, columns: list[tuple[Any, ...]]) -> TableShape:
        made = []
        for _, column, word, nullable, _ in columns:
            self.declared[name, column] = word.strip()
            made.append(ColumnShape(column, kind_of(word.strip()), bool(nullable)))
        key = tuple(c[1] for c in sorted(columns, key=lambda c: c[4]) if c[4])
        return TableShape(name, tuple(made), int(columns[0][0]), key)

    def quote(self, name: str) -> str:
        return "`" + name.replace("`", "``") + "`"

    def text_literal(self, text: str) -> str:
        # Backslashes mean something or nothing by a mode of the server; hexadecimal always means the text.
        return f"CONVERT(0x{text.encode().hex()} USING utf8mb4)" if text else "''"

    def expression(self, table: str, column: ColumnShape) -> str:
        name, word = self.quote(column.name), self.declared.get((table, column.name), "")
        if column.kind == "text" and word.startswith(("time", "decimal")):
            return f"CAST({name} AS CHAR)"
        # Text with a binary collation (and JSON) would come as bytes.
        return f"CONVERT({name} USING utf8mb4) COLLATE utf8mb4_general_ci" if word.endswith("_bin") else name

    def remote(self, statement: str) -> str:
        return f"SELECT * FROM mysql_query('{ALIAS}', {engine.literal(statement)})"

    def changes(self, table: str, *, position: str | None) -> Iterator[ChangeBatch]:
        from yanta.hub.exchange.connectors import mysql_log

        return mysql_log.changes(self, table, position=position)

    def write(
        self, table: str, batches: Iterable[pa.RecordBatch], *, key: Sequence[str] = (), mode: Mode = "upsert"
    ) -> Written:
        return staging.write(self, MySqlTarget(self), table, batches, key=key, mode=mode)


def kind_of(word: str) -> Any:
    """Times of MySQL are spans of up to 838 hours, and some decimals are wider than any of ours: both come as text."""
    if word.startswith("tinyint"):
        return "integer"
    if word.startswith("time") and not word.startswith("timestamp"):
        return "text"
    if word.startswith("decimal") and int(word[8:].partition(",")[0].partition(")")[0]) > 38:
        return "text"
    return shapes.kind_declared(word)


class MySqlTarget(staging.Target):
    """How MySQL changes many rows at once."""

    begin = ("START TRANSACTION",)
    types = {
        "text": "longtext", "key": "varchar(190)", "integer": "bigint", "decimal": "decimal(38,10)",
        "number": "double", "date": "date", "instant": "datetime(6)", "time": "time(6)", "flag": "tinyint(1)",
        "binary": "longblob",
    }  # fmt: skip

    def __init__(self, connector: MySqlConnector) -> None:
        self.connector = connector

    @contextmanager
    def line(self) -> Iterator[staging.Line]:
        with self.connector.native() as line, line.cursor() as cursor:
            # Strict: a value too long for its column stops the write instead of being cut.
            cursor.execute(
                "SET SESSION sql_mode = 'STRICT_ALL_TABLES', SESSION innodb_lock_wait_timeout = 60"
            )
            yield staging.Line(cursor)

    def check(self, line: staging.Line, table: str) -> None:
        name = self.connector.text_literal(table)
        engine_name = line.one(
            "SELECT coalesce(max(engine), 'InnoDB') FROM information_schema.tables"
            f" WHERE table_schema = database() AND table_name = {name}"
        )
        if engine_name != "InnoDB":
            raise Refused(
                f"目标表“{table}”的存储引擎 {engine_name} 没有事务，写到一半会留下残缺数据；请改为 InnoDB"
            )

    def differs(self, table: str, column: str) -> str:
        # Collations call 甲 and 甲␠, a and A equal; the copy must not.
        return f"NOT (BINARY t.{self.quote(column)} <=> BINARY s.{self.quote(column)})"

    def setting(self, column: str) -> str:
        return f"t.{self.quote(column)} = s.{self.quote(column)}"

    def update(self, table: str, stage: str, sets: str, match: str, differs: str) -> str:
        return f"UPDATE {table} AS t JOIN {stage} AS s ON {match} SET {sets} WHERE {differs}"

    def delete(self, table: str, condition: str) -> str:
        return f"DELETE t FROM {table} AS t WHERE {condition}"

    def stage(self, table: str, stage: str, columns: Sequence[str]) -> str:
        # Beside an outer join every column may be empty: a deletion tells its key alone.
        listed = ", ".join(f"t.{self.quote(name)}" for name in columns)
        return (
            f"CREATE TABLE {stage} AS SELECT {listed} FROM (SELECT 1 AS one) AS o"
            f" LEFT JOIN {self.place(table)} AS t ON 1 = 0 WHERE 1 = 0"
        )
