"""Changes of one table of MySQL or MariaDB from the binary log, rows as they were written."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pymysql
from pymysql.cursors import SSCursor

from yanta.hub.exchange.connectors import shapes
from yanta.hub.exchange.connectors.base import BATCH, ChangeBatch, NoCapture, SnapshotNeeded
from yanta.hub.exchange.connectors.capture import Change, Gatherer, Position, Row, column_of, snapshot_batches

if TYPE_CHECKING:
    from yanta.hub.exchange.connectors.mysql import MySqlConnector

_LOST = "；其间的变更已无法补取。建议对这张表重新取一次快照（全量），再从新的位置继续捕获"
_PURGED = 1236
_WANTED = {"log_bin": "ON", "binlog_format": "ROW", "binlog_row_image": "FULL", "binlog_row_metadata": "FULL"}


def changes(connector: MySqlConnector, table: str, *, position: str | None) -> Iterator[ChangeBatch]:
    """The snapshot, then what was committed since."""
    with connector.speaking():
        log = _Log(connector, table)
        begun = Position.of(position) if position else log.begin()
        if begun.snapshot or not position:
            begun = yield from log.snapshot(begun, is_repeated=bool(position))
        yield from log.follow(begun)


class _Log:
    def __init__(self, connector: MySqlConnector, table: str) -> None:
        self.connector, self.shape = connector, connector.shape(table)
        self._require()
        self.schema = connector.arrow_schema(table)

    def _require(self) -> None:
        if not self.shape.key:
            raise NoCapture(f"表“{self.shape.name}”没有主键，无法按变更日志对应到行；请按水位增量或全量读取")
        with self.connector.native() as line, line.cursor() as cursor:
            cursor.execute("SHOW VARIABLES WHERE Variable_name IN %s", [tuple(_WANTED)])
            found = dict(cursor.fetchall())
        wrong = [
            f"{name} = {value}" for name, value in _WANTED.items() if found.get(name, "").upper() != value
        ]
        if wrong:
            raise NoCapture(
                f"这台数据库的二进制日志不能用于捕获：请管理员设置 {'，'.join(wrong)}；此前可用全量或按水位增量"
            )

    def begin(self) -> Position:
        return Position(self._end(), snapshot="begun")

    def _end(self) -> str:
        with self.connector.native() as line, line.cursor() as cursor:
            cursor.execute("SHOW MASTER STATUS")
            row = cursor.fetchone()
        if row is None:
            raise NoCapture("账号看不到二进制日志的位置，请授予 REPLICATION CLIENT 与 REPLICATION SLAVE 权限")
        return f"{row[0]}:{row[1]}"

    # --- the snapshot --------------------------------------------------------------------------

    def snapshot(self, begun: Position, *, is_repeated: bool) -> Any:
        """The rows of one moment; MariaDB says at which place of its log that moment lies."""
        with self.connector.native() as line:
            with line.cursor() as cursor:
                cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                cursor.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT")
                cursor.execute("SHOW STATUS LIKE 'binlog_snapshot_%'")
                said = dict(cursor.fetchall())
            place = f"{said.get('Binlog_snapshot_file')}:{said.get('Binlog_snapshot_position')}"
            exact = not is_repeated and said.get("Binlog_snapshot_file")
            done = replace(begun, snapshot="", place=place if exact else begun.place)
            yield from snapshot_batches(self._rows(line), begun, done)
        return done

    def _rows(self, line: Any) -> Iterator[pa.RecordBatch]:
        statement = self.connector.select(self.shape, None, after=None, by=None)
        with line.cursor(SSCursor) as cursor:
            cursor.execute(statement)
            while rows := cursor.fetchmany(BATCH):
                columns = [
                    column_of([value_of(value, field.type) for value in values], field)
                    for values, field in zip(zip(*rows, strict=True), self.schema, strict=True)
                ]
                yield pa.record_batch(columns, schema=self.schema)

    # --- the log -------------------------------------------------------------------------------

    def follow(self, begun: Position) -> Iterator[ChangeBatch]:
        end = self._end()
        self._still_there(begun)
        gatherer = Gatherer(self.schema, begun)
        stream = self._stream(begun)
        try:
            yield from self._decoded(stream, gatherer)
        except pymysql.err.OperationalError as fault:
            if fault.args[0] != _PURGED:
                raise
            raise SnapshotNeeded(f"二进制日志里已没有保存的位置 {begun.place}{_LOST}") from fault
        finally:
            stream.close()
        yield from gatherer.rest(Position(_later(end, gatherer.position.place)))

    def _still_there(self, begun: Position) -> None:
        with self.connector.native() as line, line.cursor() as cursor:
            cursor.execute("SHOW BINARY LOGS")
            sizes = {row[0]: int(row[1]) for row in cursor.fetchall()}
        file, _, place = begun.place.rpartition(":")
        if file not in sizes:
            raise SnapshotNeeded(f"二进制日志 {file} 已被源库清理{_LOST}")
        if int(place) > sizes[file]:
            raise SnapshotNeeded(f"二进制日志 {file} 比保存的位置短，源库可能重建过{_LOST}")

    def _stream(self, begun: Position) -> Any:
        from pymysqlreplication import BinLogStreamReader
        from pymysqlreplication.event import QueryEvent, RotateEvent, XidEvent
        from pymysqlreplication.row_event import DeleteRowsEvent, UpdateRowsEvent, WriteRowsEvent

        file, _, place = begun.place.rpartition(":")
        parameters = {k: v for k, v in self.connector.parameters.items() if k != "database"}
        return BinLogStreamReader(
            connection_settings=parameters,
            server_id=_server_id(self.connector.address.get("slot") or self.shape.name),
            resume_stream=True, log_file=file, log_pos=int(place), blocking=False,
            only_events=[QueryEvent, RotateEvent, XidEvent, DeleteRowsEvent, UpdateRowsEvent, WriteRowsEvent],
            only_schemas=[self.connector.address.get("database")], only_tables=[self.shape.name], enable_logging=False,
        )  # fmt: skip

    def _decoded(self, stream: Any, gatherer: Gatherer) -> Iterator[ChangeBatch]:
        for event in stream:
            kind = type(event).__name__
            if kind == "XidEvent" or (kind == "QueryEvent" and _text(event.query).upper() == "COMMIT"):
                gatherer.commit(f"{stream.log_file}:{stream.log_pos}")
            elif kind == "QueryEvent" and self._empties(event):
                yield from gatherer.rest(gatherer.position)
                raise SnapshotNeeded(f"源表“{self.shape.name}”被整表清空或重建，目标未随之清空{_LOST}")
            elif kind.endswith("RowsEvent"):
                for row in event.rows:
                    for change in self._changes(kind, row):
                        yield from gatherer.add(change)

    def _empties(self, event: Any) -> bool:
        if _text(event.schema) != self.connector.address.get("database"):
            return False
        named = rf"(?:`?\w+`?\.)?`?{re.escape(self.shape.name)}`?(?:\W|$)"
        return bool(
            re.match(
                rf"\s*(TRUNCATE(\s+TABLE)?|DROP\s+TABLE(\s+IF\s+EXISTS)?)\s+{named}", _text(event.query), re.I
            )
        )

    def _changes(self, kind: str, row: dict[str, Any]) -> Iterator[Change]:
        if kind == "DeleteRowsEvent":
            yield Change("d", self._row(row["values"]))
        elif kind == "WriteRowsEvent":
            yield Change("i", self._row(self._whole(row["values"])))
        else:
            old, new = row["before_values"], self._whole(row["after_values"])
            if any(old.get(name) != new.get(name) for name in self.shape.key):
                yield Change("d", self._row({name: old.get(name) for name in self.shape.key}))
                yield Change("i", self._row(new))
            else:
                yield Change("u", self._row(new))

    def _whole(self, values: Row) -> Row:
        """A column that was added later has no value in older entries: as it stands now, like any later change."""
        missing = [name for name in self.schema.names if name not in values]
        if not missing:
            return values
        columns = ", ".join(map(self.connector.quote, missing))
        match = " AND ".join(f"{self.connector.quote(name)} = %s" for name in self.shape.key)
        with self.connector.native() as line, line.cursor() as cursor:
            cursor.execute(
                f"SELECT {columns} FROM {self.connector.place(self.shape.name)} WHERE {match}",
                [values.get(name) for name in self.shape.key],
            )
            found = cursor.fetchone() or [None] * len(missing)
        return {**values, **dict(zip(missing, found, strict=True))}

    def _row(self, values: Row) -> Row:
        return {f.name: value_of(values[f.name], f.type) for f in self.schema if f.name in values}


def _text(value: Any) -> str:
    return (value.decode(errors="replace") if isinstance(value, bytes) else str(value)).strip()


def _server_id(name: str) -> int:
    """A reader's number must be its own; well above what administrators give their servers."""
    return 0x59000000 + zlib.crc32(name.encode()) % 0x00FFFFFF


def _later(one: str, other: str) -> str:
    def order(place: str) -> tuple[str, int]:
        file, _, at = place.rpartition(":")
        return file, int(at)

    return max(one, other, key=order)


def value_of(value: Any, arrow: pa.DataType) -> Any:
    """A value as the driver or the log gives it, as the scanner would."""
    if value is None:
        return None
    kind = shapes.kind_of(arrow)
    if kind == "flag":
        return value not in (b"\x00", "0", 0, False)
    if kind == "decimal":
        return Decimal(str(value))
    if kind in ("integer", "number", "date", "instant"):
        # The log says "0000-00-00" for no date.
        return None if isinstance(value, str) and value.startswith("0000") else value
    if kind == "binary":
        return value.encode() if isinstance(value, str) else value
    return _as_text(value)


def _as_text(value: Any) -> str:
    if isinstance(value, timedelta):
        seconds = int(value.total_seconds())
        sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
        return f"{sign}{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    if isinstance(value, set | frozenset):
        return ",".join(sorted(value))
    return value.decode() if isinstance(value, bytes | bytearray) else str(value)
