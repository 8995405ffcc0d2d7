"""What all SQL databases have in common: list, read in full or from a watermark on, write everything or nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from yanta.hub.exchange.connectors import engine, shapes
from yanta.hub.exchange.connectors.base import (
    Address,
    ChangeBatch,
    ColumnShape,
    Mode,
    NoCapture,
    Reading,
    TableShape,
    Written,
)
from yanta.kernel.base import Refused

TIME_LIMIT = 10
ALIAS = "source"


class SqlConnector:
    """One database. Subclasses say how to reach it and how it writes its SQL."""

    title: ClassVar[str]
    scanner: ClassVar[str]

    def __init__(self, address: Address) -> None:
        self.address = address
        self._engine: duckdb.DuckDBPyConnection | None = None
        self._shapes: dict[str, TableShape] | None = None

    # --- what a dialect brings -------------------------------------------------------------------

    def attach(self, opened: duckdb.DuckDBPyConnection, *, read_only: bool) -> None:
        """Attach the database as `ALIAS`."""
        raise Refused(f"{self.title}不能这样打开")

    def native(self) -> AbstractContextManager[Any]:
        """A connection of the database's own driver, for catalogue and commands; within the time limit."""
        raise Refused(f"{self.title}没有自己的驱动")

    def catalogue(self) -> list[TableShape]:
        raise Refused(f"{self.title}不能列出数据表")

    def quote(self, name: str) -> str:
        """One identifier."""
        return engine.quoted_one(name)

    def place(self, table: str) -> str:
        """A table, with its schema where there are any."""
        return self.quote(table)

    def attached(self, table: str) -> str:
        """The table as our engine calls it."""
        return f"{ALIAS}.{engine.quoted_one(table)}"

    def text_literal(self, text: str) -> str:
        return engine.literal(text)

    def expression(self, table: str, column: ColumnShape) -> str:
        """The column as it is asked for; casts what the scanner would spoil."""
        return self.quote(column.name)

    def remote(self, statement: str) -> str:
        """The statement, to be run over there, as a table of ours."""
        raise Refused(f"{self.title}不能这样读取")

    # --- the connector ---------------------------------------------------------------------------

    def tables(self) -> list[TableShape]:
        if self._shapes is None:
            with self.speaking():
                self._shapes = {shape.name: shape for shape in self.catalogue()}
        return list(self._shapes.values())

    def find(self, table: str) -> TableShape | None:
        return next((shape for shape in self.tables() if shape.name == table), None)

    def shape(self, table: str) -> TableShape:
        found = self.find(table)
        if found is None:
            raise Refused(f"{self.title}里没有表“{table}”，或账号无权读取")
        return found

    def forget(self) -> None:
        """The next look at the tables is a fresh one."""
        self._shapes = None

    def read(
        self,
        table: str,
        *,
        columns: Sequence[str] | None = None,
        after: str | None = None,
        by: str | None = None,
    ) -> Reading:
        shape = self.shape(table)
        statement = self.select(shape, columns, after=after, by=by)
        with self.speaking():
            schema, batches = self.streamed(table, statement)
        mark = Watermark(shape.column(by) if by else None, after)
        return watched(schema, self._spoken(batches), mark)

    def select(
        self, shape: TableShape, columns: Sequence[str] | None, *, after: str | None, by: str | None
    ) -> str:
        """The SQL of a read in this database's dialect."""
        wanted = [_known(shape, name) for name in (columns or shape.names)]
        if by and all(column.name != by for column in wanted):
            wanted.append(_known(shape, by))
        listed = ", ".join(f"{self.expression(shape.name, c)} AS {self.quote(c.name)}" for c in wanted)
        statement = f"SELECT {listed} FROM {self.place(shape.name)}"
        if by and after:
            column = _known(shape, by)
            # Ties and rows without a value come again; leaving them out is how rows get lost.
            statement += (
                f" WHERE {self.quote(by)} >= {self.literal(column, after)} OR {self.quote(by)} IS NULL"
            )
        return statement

    def literal(self, column: ColumnShape, text: str) -> str:
        """A watermark as a literal of the column's kind; what is none is refused before it reaches any SQL."""
        try:
            if column.kind in ("integer", "flag"):
                return str(int(text))
            if column.kind in ("decimal", "number"):
                return str(Decimal(text))
        except (ValueError, InvalidOperation) as wrong:
            raise Refused(
                f"水位“{text}”与列“{column.name}”（{shapes.KIND_WORDS[column.kind]}）不符"
            ) from wrong
        return self.text_literal(text)

    def arrow_schema(self, table: str) -> pa.Schema:
        """What a full read delivers."""
        with self.speaking():
            statement = self.select(self.shape(table), None, after=None, by=None)
            return self.streamed(table, f"{statement} LIMIT 0")[0]

    def changes(self, table: str, *, position: str | None) -> Iterator[ChangeBatch]:
        raise NoCapture(f"{self.title}没有变更日志，请用全量或按水位增量读取")

    def write(
        self, table: str, batches: Iterable[pa.RecordBatch], *, key: Sequence[str] = (), mode: Mode = "upsert"
    ) -> Written:
        raise Refused(f"{self.title}只能读取，不能写入")

    def close(self) -> None:
        if self._engine is not None:
            self._engine.close()
            self._engine = None

    def streamed(self, table: str, statement: str) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
        """A statement about one table, run over there, its result as it comes."""
        return engine.streamed(self.opened(), self.remote(statement))

    def opened(self) -> duckdb.DuckDBPyConnection:
        """The engine with the database attached for reading; a cursor, so that readings may overlap."""
        if self._engine is None:
            opened = engine.engine(self.scanner)
            self.attach(opened, read_only=True)
            self._engine = opened
        return self._engine.cursor()

    def speaking(self) -> Speaking:
        """Faults of drivers become sentences."""
        return Speaking(self.title, *self.address.secrets.values())

    def _spoken(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        with self.speaking():
            yield from batches


class Speaking:
    """Turns whatever a driver raises into a Refused sentence without secrets."""

    def __init__(self, title: str, *secrets: str) -> None:
        self.title, self.secrets = title, secrets

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, fault: BaseException | None, trace: Any) -> None:
        if not isinstance(fault, Exception) or not _is_of_driver(fault):
            return
        words = engine.words_of(fault, *self.secrets)
        raise Refused(f"{self.title}：{meaning_of(words)}（{words}）") from fault


_DRIVERS = (
    "duckdb",
    "_duckdb",
    "psycopg",
    "pymysql",
    "pymysqlreplication",
    "sqlite3",
    "pyarrow",
    "adbc_driver_manager",
)


def _is_of_driver(fault: Exception) -> bool:
    """A bug of ours is none of theirs and goes on as it is."""
    return isinstance(fault, OSError) or type(fault).__module__.partition(".")[0] in _DRIVERS


_MEANINGS = (
    (r"password authentication failed|Access denied|Login failed", "账号或口令不对，或未授权从本机登录"),
    (r"refused|Can't connect|could not connect|No route", "连不上，请检查地址、端口和防火墙"),
    (r"timed? ?out|timeout", "在时限内没有应答"),
    (r"does not exist|Unknown database|doesn't exist|no such table", "没有这个库或表"),
    (r"permission denied|denied for|command denied", "账号没有所需的权限"),
    (r"file is not a database|unable to open", "文件打不开，或不是数据库文件"),
    (r"Lost connection|gone away|terminating|closed the connection|connection.*closed", "连接中断"),
)


def meaning_of(words: str) -> str:
    """What a driver's words mean to whoever has to act."""
    return next(
        (said for pattern, said in _MEANINGS if re.search(pattern, words, re.IGNORECASE)), "数据库报错"
    )


def _known(shape: TableShape, name: str) -> ColumnShape:
    column = shape.column(name)
    if column is None:
        raise Refused(f"表“{shape.name}”没有列“{name}”")
    return column


class Watermark:
    """The greatest value of a column that a reading has seen."""

    def __init__(self, column: ColumnShape | None, before: str | None) -> None:
        self.column, self.before = column, before
        self.highest: Any = None

    def see(self, batch: pa.RecordBatch) -> None:
        if self.column is None or batch.num_rows == 0:
            return
        highest = pc.max(batch.column(self.column.name)).as_py()
        if highest is not None and (self.highest is None or highest > self.highest):
            self.highest = highest

    @property
    def text(self) -> str | None:
        """Never lower than before: a read that finds nothing new keeps the old one."""
        return self.before if self.highest is None else text_of(self.highest)


def text_of(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat(" ")
    return value.isoformat() if isinstance(value, date | time) else str(value)


def earlier(watermark: str, kind: str, overlap: int) -> str:
    """The watermark less the overlap: seconds for instants, days for dates, units for numbers."""
    if not overlap:
        return watermark
    if kind == "instant":
        return (datetime.fromisoformat(watermark) - timedelta(seconds=overlap)).isoformat(" ")
    if kind == "date":
        return (date.fromisoformat(watermark) - timedelta(days=overlap)).isoformat()
    return str(int(watermark) - overlap) if kind == "integer" else watermark


def later_of(one: str, other: str | None, kind: str) -> str:
    """The greater of two watermarks: looking back never sets one back."""
    if other is None:
        return one
    if kind in ("integer", "decimal", "number"):
        return max(one, other, key=Decimal)
    return max(one, other)


def watched(schema: pa.Schema, batches: Iterable[pa.RecordBatch], mark: Watermark) -> Reading:
    """A reading that counts and takes the watermark as it passes."""
    made = Reading(schema, iter(()), watermark=mark.before)
    made.batches = watching(made, batches, mark)
    return made


def watching(made: Reading, batches: Iterable[pa.RecordBatch], mark: Watermark) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        mark.see(batch)
        made.rows += batch.num_rows
        yield batch
    made.watermark = mark.text
