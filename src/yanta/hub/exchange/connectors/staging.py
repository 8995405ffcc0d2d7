"""Writing everything or nothing: load beside, count, compare, then change the target in one transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from typing import TYPE_CHECKING, Any, ClassVar

import pyarrow as pa

from yanta.hub.exchange.connectors import engine, shapes
from yanta.hub.exchange.connectors.base import OPERATION, Mode, Written
from yanta.kernel.base import Refused

if TYPE_CHECKING:
    from yanta.hub.exchange.connectors.databases import SqlConnector

PREFIX = "_yanta_stage_"


class Line:
    """A cursor that runs commands one by one, outside any transaction that was not begun."""

    def __init__(self, cursor: Any) -> None:
        self.cursor = cursor

    def run(self, statement: str) -> int:
        """Rows that the command touched."""
        self.cursor.execute(statement)
        return max(int(self.cursor.rowcount), 0)

    def one(self, statement: str) -> Any:
        self.cursor.execute(statement)
        return self.cursor.fetchone()[0]


class Target:
    """The commands in which the databases differ."""

    begin: ClassVar[tuple[str, ...]] = ("BEGIN",)
    types: ClassVar[dict[str, str]] = {}
    connector: SqlConnector

    def line(self) -> AbstractContextManager[Line]:
        raise Refused("这种目标不能写入")

    def quote(self, name: str) -> str:
        return self.connector.quote(name)

    def place(self, table: str) -> str:
        return self.connector.place(table)

    def stage(self, table: str, stage: str, columns: Sequence[str]) -> str:
        """An empty table with these columns of the target."""
        listed = ", ".join(map(self.quote, columns))
        return f"CREATE TABLE {stage} AS SELECT {listed} FROM {self.place(table)} WHERE 1 = 0"

    def index(self, stage: str, key: Sequence[str]) -> str:
        """What a database needs that cannot compare two tables without one."""
        return ""

    def lock(self, table: str) -> str:
        return ""

    def check(self, line: Line, table: str) -> None:
        """Refuse a table that cannot be changed all at once."""

    def differs(self, table: str, column: str) -> str:
        raise Refused("这种目标不能比较")

    def update(self, table: str, stage: str, sets: str, match: str, differs: str) -> str:
        raise Refused("这种目标不能更新")

    def setting(self, column: str) -> str:
        return f"{self.quote(column)} = s.{self.quote(column)}"

    def delete(self, table: str, condition: str) -> str:
        return f"DELETE FROM {table} AS t WHERE {condition}"


def write(
    connector: SqlConnector,
    target: Target,
    table: str,
    batches: Iterable[pa.RecordBatch],
    *,
    key: Sequence[str],
    mode: Mode,
) -> Written:
    """Nothing of the target changes before all rows lie beside it and are counted."""
    if mode == "upsert" and not key:
        raise Refused("按主键更新须说明主键列")
    coming = Coming(batches)
    if mode != "upsert" and OPERATION in coming.schema.names:
        raise Refused("带删除标记的数据只能按主键更新")
    try:
        with connector.speaking(), target.line() as line:
            return _written(connector, target, line, table, coming, key=key, mode=mode)
    except Refused:
        if coming.fault is not None:
            raise coming.fault from None
        raise


def _written(
    connector: SqlConnector,
    target: Target,
    line: Line,
    table: str,
    coming: Coming,
    *,
    key: Sequence[str],
    mode: Mode,
) -> Written:
    columns = _prepare(connector, target, line, table, coming, key)
    stage = stage_of(table)
    try:
        _load(connector, stage, coming)
        _check(target, line, stage, coming, key)
        changes = OPERATION in coming.schema.names
        return _apply(target, line, table, stage, columns, coming.rows, key=key, mode=mode, changes=changes)
    finally:
        with suppress(Exception):
            line.run(f"DROP TABLE IF EXISTS {target.place(stage)}")
        connector.forget()


class Coming:
    """The batches on their way, counted; what the source raises is raised again in its own words."""

    def __init__(self, batches: Iterable[pa.RecordBatch]) -> None:
        self._batches = iter(batches)
        self._first = next(self._batches, None)
        self.rows = 0
        self.fault: Exception | None = None

    @property
    def schema(self) -> pa.Schema:
        return self._first.schema if self._first is not None else pa.schema([])

    def reader(self) -> pa.RecordBatchReader:
        return pa.RecordBatchReader.from_batches(self.schema, self._passing())

    def _passing(self) -> Iterator[pa.RecordBatch]:
        try:
            batch = self._first
            while batch is not None:
                self.rows += batch.num_rows
                yield batch
                batch = next(self._batches, None)
        except Exception as fault:
            self.fault = fault
            raise


def stage_of(table: str) -> str:
    """Beside the target, in its schema; one per table, so that what a killed run left behind is found again."""
    schema, dot, name = table.rpartition(".")
    return f"{schema}{dot}{PREFIX}{hashlib.sha256(name.encode()).hexdigest()[:12]}"


def _prepare(
    connector: SqlConnector, target: Target, line: Line, table: str, coming: Coming, key: Sequence[str]
) -> list[str]:
    """The staging table, and the target if it is not there yet; answers the columns to be written."""
    connector.forget()
    shape = connector.find(table)
    columns = [name for name in coming.schema.names if name != OPERATION] or list(
        shape.names if shape else ()
    )
    for name in key:
        if name not in columns:
            raise Refused(f"主键列“{name}”不在送来的数据里")
    if shape is None:
        _create(target, line, table, pa.schema([one for one in coming.schema if one.name != OPERATION]), key)
    else:
        unknown = [name for name in columns if shape.column(name) is None]
        if unknown:
            raise Refused(f"目标表“{table}”没有这些列：{'、'.join(unknown)}")
    target.check(line, table)
    stage = target.place(stage_of(table))
    line.run(f"DROP TABLE IF EXISTS {stage}")
    line.run(target.stage(table, stage, columns))
    if OPERATION in coming.schema.names:
        line.run(f"ALTER TABLE {stage} ADD COLUMN {target.quote(OPERATION)} varchar(1)")
    return columns


def _create(target: Target, line: Line, table: str, schema: pa.Schema, key: Sequence[str]) -> None:
    if not schema.names:
        raise Refused(f"目标表“{table}”不存在，也没有数据可以据以建表")
    columns = [f"{target.quote(field.name)} {_type(target, field, key)}" for field in schema]
    if key:
        columns.append(f"PRIMARY KEY ({', '.join(map(target.quote, key))})")
    line.run(f"CREATE TABLE {target.place(table)} ({', '.join(columns)})")


def _type(target: Target, field: pa.Field, key: Sequence[str]) -> str:
    kind = shapes.kind_of(field.type)
    if kind == "decimal":
        return f"{target.types['decimal'].partition('(')[0]}({field.type.precision},{field.type.scale})"
    return (
        target.types.get("key", target.types["text"])
        if kind == "text" and field.name in key
        else target.types[kind]
    )


def _load(connector: SqlConnector, stage: str, coming: Coming) -> None:
    if not coming.schema.names:
        return
    opened = engine.engine(connector.scanner)
    try:
        connector.attach(opened, read_only=False)
        opened.register("coming", coming.reader())
        listed = ", ".join(engine.quoted_one(name) for name in coming.schema.names)
        opened.execute(f"INSERT INTO {connector.attached(stage)} ({listed}) SELECT {listed} FROM coming")
    finally:
        opened.close()


def _check(target: Target, line: Line, stage: str, coming: Coming, key: Sequence[str]) -> None:
    """Complete, and every row named by one key."""
    name = target.place(stage)
    landed = int(line.one(f"SELECT count(*) FROM {name}"))
    if landed != coming.rows:
        raise Refused(f"读到 {coming.rows} 行，落地 {landed} 行，不相符；目标数据未动")
    if not key:
        return
    listed = ", ".join(map(target.quote, key))
    empty = " OR ".join(f"{target.quote(k)} IS NULL" for k in key)
    if without := int(line.one(f"SELECT count(*) FROM {name} WHERE {empty}")):
        raise Refused(f"有 {without} 行没有主键（{'、'.join(key)}）；目标数据未动")
    twice = f"SELECT 1 AS n FROM {name} GROUP BY {listed} HAVING count(*) > 1"
    if repeated := int(line.one(f"SELECT count(*) FROM ({twice}) AS d")):
        raise Refused(f"有 {repeated} 个主键（{'、'.join(key)}）重复；目标数据未动")
    if index := target.index(name, key):
        line.run(index)


def _apply(
    target: Target,
    line: Line,
    table: str,
    stage: str,
    columns: Sequence[str],
    read: int,
    *,
    key: Sequence[str],
    mode: Mode,
    changes: bool,
) -> Written:
    for statement in target.begin:
        line.run(statement)
    try:
        if lock := target.lock(table):
            line.run(lock)
        if mode == "append" or not key:
            written = _plain(target, line, table, stage, columns, read, replace=mode == "replace")
        else:
            written = _compared(
                target, line, table, stage, columns, read, key=key, replace=mode == "replace", changes=changes
            )
        line.run("COMMIT")
    except Exception:
        with suppress(Exception):
            line.run("ROLLBACK")
        raise
    return written


def _plain(
    target: Target, line: Line, table: str, stage: str, columns: Sequence[str], read: int, *, replace: bool
) -> Written:
    name, listed = target.place(table), ", ".join(map(target.quote, columns))
    removed = line.run(f"DELETE FROM {name}") if replace else 0
    line.run(f"INSERT INTO {name} ({listed}) SELECT {listed} FROM {target.place(stage)}")
    return Written(read, new=read, removed=removed)


def _compared(
    target: Target,
    line: Line,
    table: str,
    stage: str,
    columns: Sequence[str],
    read: int,
    *,
    key: Sequence[str],
    replace: bool,
    changes: bool,
) -> Written:
    """Only what differs is touched: grants, views and triggers of the target stay as they are."""
    name, beside = target.place(table), target.place(stage)
    match = " AND ".join(f"t.{target.quote(k)} = s.{target.quote(k)}" for k in key)
    removed = gone = 0
    if replace:
        removed = line.run(target.delete(name, f"NOT EXISTS (SELECT 1 FROM {beside} AS s WHERE {match})"))
    if changes:
        is_gone = f"{target.quote(OPERATION)} = 'd'"
        removed = line.run(
            target.delete(name, f"EXISTS (SELECT 1 FROM {beside} AS s WHERE {match} AND s.{is_gone})")
        )
        gone = line.run(f"DELETE FROM {beside} WHERE {is_gone}")
    others, changed = [c for c in columns if c not in key], 0
    if others:
        sets = ", ".join(target.setting(c) for c in others)
        differs = " OR ".join(target.differs(table, c) for c in others)
        changed = line.run(target.update(name, beside, sets, match, differs))
    listed = ", ".join(map(target.quote, columns))
    fresh = ", ".join(f"s.{target.quote(c)}" for c in columns)
    new = line.run(
        f"INSERT INTO {name} ({listed}) SELECT {fresh} FROM {beside} AS s"
        f" WHERE NOT EXISTS (SELECT 1 FROM {name} AS t WHERE {match})"
    )
    return Written(
        read, new=new, changed=changed, unchanged=read - gone - new - changed, removed=removed, deletions=gone
    )
