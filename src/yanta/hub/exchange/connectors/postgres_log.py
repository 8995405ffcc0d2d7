"""Changes of one table of PostgreSQL by logical decoding, through plain SQL functions and a slot of its own."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import psycopg
import pyarrow as pa
from psycopg import sql

from yanta.hub.exchange.connectors import engine, shapes
from yanta.hub.exchange.connectors.base import BATCH, ChangeBatch, NoCapture, SnapshotNeeded
from yanta.hub.exchange.connectors.capture import Change, Gatherer, Position, Row, snapshot_batches
from yanta.hub.exchange.connectors.pgoutput import (
    KEPT,
    Begin,
    Cells,
    Commit,
    Reader,
    RowMessage,
    Truncate,
    lsn_number,
)

if TYPE_CHECKING:
    from yanta.hub.exchange.connectors.postgres import PostgresConnector

SLOT_WAIT = 20
_LOST = "；其间的变更已无法补取。建议对这张表重新取一次快照（全量），再从新的位置继续捕获"


def changes(connector: PostgresConnector, table: str, *, position: str | None) -> Iterator[ChangeBatch]:
    """The snapshot, then what was committed since. Only what the caller has stored is let go of by the slot."""
    with connector.speaking():
        log = _Log(connector, table)
        begun = Position.of(position) if position else log.begin()
        if begun.snapshot or not position:
            begun = yield from log.snapshot(begun, is_repeated=bool(position))
        yield from log.follow(begun)


def release(connector: PostgresConnector, table: str) -> None:
    """Give up the slot and publication of a table: a slot that nobody reads keeps the server's log for ever."""
    log = _Log(connector, table, check=False)
    with connector.speaking(), connector.native(autocommit=True) as line:
        line.execute(
            "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = %s",
            [log.slot],
        )
        line.execute(sql.SQL("DROP PUBLICATION IF EXISTS {}").format(sql.Identifier(log.slot)))


class _Log:
    def __init__(self, connector: PostgresConnector, table: str, *, check: bool = True) -> None:
        self.connector, self.shape = connector, connector.shape(table)
        mark = hashlib.sha256(f"{connector.address.get('slot')}:{table}".encode()).hexdigest()[:16]
        self.slot = f"yanta_{mark}"
        if check:
            self._require()
        self.schema = connector.arrow_schema(table)

    # --- may it be done at all -----------------------------------------------------------------

    def _require(self) -> None:
        with self.connector.native(autocommit=True) as line:
            level = line.execute("SHOW wal_level").fetchone()
            if level is None or level[0] != "logical":
                raise NoCapture(
                    "这台 PostgreSQL 未开启逻辑日志：请管理员设 wal_level = logical 并重启；此前可用全量或按水位增量"
                )
            identity = line.execute(
                "SELECT c.relkind, c.relreplident FROM pg_class c WHERE c.oid = %s::regclass",
                [self.connector.place(self.shape.name)],
            ).fetchone()
        if identity is None or identity[0] not in ("r", "p"):
            raise NoCapture(f"“{self.shape.name}”是视图，没有变更日志")
        if identity[1] == "n" or (identity[1] == "d" and not self.shape.key):
            # Publishing such a table would make every update of the owner's fail.
            raise NoCapture(
                f"表“{self.shape.name}”没有主键，捕获会使源系统的更新报错；请先加主键，或按水位增量读取"
            )

    def begin(self) -> Position:
        """A publication, then a slot: from the slot's place on nothing is missed. An abandoned one begins anew."""
        release(self.connector, self.shape.name)
        with self.connector.native(autocommit=True) as line:
            line.execute(f"SET statement_timeout = '{SLOT_WAIT}s'")
            line.execute(f"CREATE PUBLICATION {self.slot} FOR TABLE {self.connector.place(self.shape.name)}")
            made = line.execute(
                "SELECT lsn::text FROM pg_create_logical_replication_slot(%s, 'pgoutput')", [self.slot]
            ).fetchone()
        if made is None:
            raise NoCapture("数据库没有给出复制槽")
        return Position(made[0], snapshot="begun")

    # --- the snapshot --------------------------------------------------------------------------

    def snapshot(self, begun: Position, *, is_repeated: bool) -> Any:
        """The rows of one moment, with the transactions that this moment had seen."""
        opened = self.connector.opened()
        opened.execute("BEGIN")
        try:
            ((seen,),) = opened.execute(
                self.connector.remote("SELECT pg_current_snapshot()::text")
            ).fetchall()
            statement = self.connector.select(self.shape, None, after=None, by=None)
            _, rows = engine.streamed(opened, self.connector.remote(statement))
            done = replace(begun, snapshot="", seen="" if is_repeated else seen)
            yield from snapshot_batches(rows, begun, done)
        finally:
            opened.execute("ROLLBACK")
        return done

    # --- the log -------------------------------------------------------------------------------

    def follow(self, begun: Position) -> Iterator[ChangeBatch]:
        with self.connector.native(autocommit=True) as line:
            line.execute("SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; SET bytea_output = 'hex'")
            self._release_until(line, begun)
            row = line.execute("SELECT pg_current_wal_lsn()::text").fetchone()
            end = row[0] if row else begun.place
            gatherer = Gatherer(self.schema, begun)
            yield from self._decoded(line, end, gatherer, Seen.of(begun.seen))
            yield from gatherer.rest(Position(_later(end, gatherer.position.place)))

    def _release_until(self, line: psycopg.Connection[Any], begun: Position) -> None:
        """What the caller has stored may be forgotten over there; nothing else."""
        slot = line.execute(
            "SELECT confirmed_flush_lsn::text, wal_status FROM pg_replication_slots WHERE slot_name = %s",
            [self.slot],
        ).fetchone()
        if slot is None:
            raise SnapshotNeeded(f"复制槽 {self.slot} 已不存在{_LOST}")
        if slot[1] == "lost" or slot[0] is None:
            raise SnapshotNeeded(f"复制槽 {self.slot} 所需的日志已被源库清理{_LOST}")
        if lsn_number(slot[0]) > lsn_number(begun.place):
            raise SnapshotNeeded(
                f"复制槽 {self.slot} 已走到 {slot[0]}，越过了我们保存的位置 {begun.place}{_LOST}"
            )
        if lsn_number(slot[0]) < lsn_number(begun.place):
            line.execute("SELECT pg_replication_slot_advance(%s, %s)", [self.slot, begun.place])

    def _decoded(
        self, line: psycopg.Connection[Any], end: str, gatherer: Gatherer, seen: Seen
    ) -> Iterator[ChangeBatch]:
        reader, is_known = Reader(), False
        for (data,) in self._messages(line, end):
            message = reader.read(data)
            if isinstance(message, Begin):
                is_known = seen.holds(message.xid)
            elif isinstance(message, Commit):
                gatherer.commit(message.end)
            elif isinstance(message, Truncate) and not is_known:
                yield from gatherer.rest(gatherer.position)
                raise SnapshotNeeded(f"源表“{self.shape.name}”被整表清空（TRUNCATE），目标未随之清空{_LOST}")
            elif isinstance(message, RowMessage) and not is_known:
                for change in self._changes(message):
                    yield from gatherer.add(change)

    def _messages(self, line: psycopg.Connection[Any], end: str) -> Iterator[tuple[bytes]]:
        # Peeking leaves the slot where it is: what is not stored comes again.
        with line.transaction(), line.cursor("peek", withhold=False) as cursor:
            cursor.itersize = BATCH
            cursor.execute(
                "SELECT data FROM pg_logical_slot_peek_binary_changes(%s, %s, NULL, 'proto_version', '1',"
                " 'publication_names', %s)",
                [self.slot, end, self.slot],
                binary=True,
            )
            yield from cursor

    def _changes(self, message: RowMessage) -> Iterator[Change]:
        if message.operation == "d":
            yield Change("d", self._row(message.old or {}))
            return
        new = self._whole(message.new or {})
        if message.operation == "u" and message.old and self._key(message.old) != self._key(new):
            yield Change("d", self._row({name: message.old.get(name) for name in self.shape.key}))
            yield Change("i", self._row(new))
            return
        yield Change("i" if message.operation == "i" else "u", self._row(new))

    def _key(self, cells: Cells) -> tuple[object, ...]:
        return tuple(cells.get(name) for name in self.shape.key)

    def _whole(self, cells: Cells) -> Cells:
        """With the large values that the log leaves out, as they stand now: what changed since comes later anyway."""
        missing = [name for name in self.schema.names if cells.get(name, KEPT) is KEPT]
        if not missing:
            return cells
        columns = ", ".join(f"{self.connector.quote(name)}::text" for name in missing)
        match = " AND ".join(f"{self.connector.quote(name)}::text = %s" for name in self.shape.key)
        with self.connector.native(autocommit=True) as line:
            found = line.execute(
                f"SELECT {columns} FROM {self.connector.place(self.shape.name)} WHERE {match}",
                list(self._key(cells)),
            ).fetchone()
        return {**cells, **dict(zip(missing, found or [None] * len(missing), strict=True))}

    def _row(self, cells: Cells) -> Row:
        return {
            field.name: value_of(cells.get(field.name), field.type)
            for field in self.schema
            if field.name in cells
        }


@dataclass(frozen=True, slots=True)
class Seen:
    """The transactions that a snapshot held: `xmin:xmax:in progress`."""

    lowest: int = 0
    next: int = 0
    running: frozenset[int] = frozenset()

    @classmethod
    def of(cls, text: str) -> Seen:
        if not text:
            return cls()
        lowest, following, running = text.split(":")
        return cls(int(lowest), int(following), frozenset(map(int, filter(None, running.split(",")))))

    def holds(self, xid: int) -> bool:
        if not self.next:
            return False
        # The log counts in 32 bits, the snapshot in 64.
        full = (self.next & ~0xFFFFFFFF) | xid
        if full > self.next + (1 << 31):
            full -= 1 << 32
        elif full < self.next - (1 << 31):
            full += 1 << 32
        return full < self.next and full not in self.running


def _later(one: str, other: str) -> str:
    return max(one, other, key=lsn_number)


_READ: dict[str, Any] = {
    "integer": int,
    "decimal": Decimal,
    "number": float,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "flag": lambda text: text in ("t", "true"),
    "binary": lambda text: bytes.fromhex(text[2:]),
}


def value_of(text: object, arrow: pa.DataType) -> Any:
    """A value as the log writes it."""
    if not isinstance(text, str):
        return None
    kind = shapes.kind_of(arrow)
    if kind == "instant":
        read = datetime.fromisoformat(text + ":00" if text[-3:-2] in "+-" else text)
        return read if arrow.tz else read.replace(tzinfo=None)
    return _READ[kind](text) if kind in _READ else text
