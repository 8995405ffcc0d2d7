"""From a connector into Parquet: every cell as text, every row with its place; bounded by the size of a batch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from yanta.hub.exchange.public import OPERATION, Connector
from yanta.hub.pipelines.running.unreadable import Lines
from yanta.hub.pipelines.running.workspace import Extract, Order, Workspace
from yanta.kernel.base import Refused

Told = Callable[[int], None]
PER_FILE = 500_000


class Sink:
    """Writes batches as files of the workspace and counts them."""

    def __init__(self, workspace: Workspace, columns: Sequence[str], told: Told, *, captured: bool) -> None:
        self._folder = workspace.fresh("source")
        self._folder.mkdir()
        self._columns, self._told, self._captured = list(columns), told, captured
        names = [("place", pa.int64()), *((f"s{n}", pa.string()) for n in range(len(self._columns)))]
        self._schema = pa.schema([*names, ("op", pa.string())] if captured else names)
        self._writer: pq.ParquetWriter | None = None
        self.rows = self.bytes = 0
        self._in_file = 0

    def add(self, batch: pa.RecordBatch) -> None:
        if not len(batch):
            return
        self.bytes += batch.nbytes
        arrays = [pa.array(range(self.rows, self.rows + len(batch)), pa.int64())]
        arrays += [as_text(batch.column(batch.schema.get_field_index(name))) for name in self._columns]
        if self._captured:
            arrays.append(batch[OPERATION].cast(pa.string()))
        if self._writer is None or self._in_file >= PER_FILE:
            self._next_file()
        assert self._writer is not None  # noqa: S101 - opened just now
        self._writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=self._schema))
        self.rows += len(batch)
        self._in_file += len(batch)
        self._told(self.rows)

    def _next_file(self) -> None:
        if self._writer is not None:
            self._writer.close()
        self._writer = pq.ParquetWriter(
            self._folder / f"{self.rows:012}.parquet", self._schema, compression="snappy"
        )
        self._in_file = 0

    def close(self) -> None:
        if self._writer is None:
            self._next_file()
        assert self._writer is not None  # noqa: S101 - opened just now
        self._writer.close()


def as_text(column: pa.Array) -> pa.Array:
    """The cells as people would read them."""
    if pa.types.is_string(column.type):
        return column
    if pa.types.is_dictionary(column.type):
        return as_text(column.dictionary_decode())
    if pa.types.is_timestamp(column.type):
        whole = pc.equal(pc.floor_temporal(column, unit="day"), column)
        day, instant = (
            pc.strftime(column, "%Y-%m-%d"),
            pc.strftime(pc.floor_temporal(column, unit="second"), "%Y-%m-%d %H:%M:%S"),
        )
        return pc.if_else(whole, day, instant)
    if pa.types.is_floating(column.type):
        return pa.array([_number(value) for value in column.to_pylist()], pa.string())
    if pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type):
        return pa.array([None if value is None else value.hex() for value in column.to_pylist()], pa.string())
    return column.cast(pa.string())


def _number(value: float | None) -> str | None:
    """20230101.0, as spreadsheets have it, is 20230101."""
    if value is None or value != value:
        return None
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def extract(
    connector: Connector, order: Order, columns: Sequence[str], workspace: Workspace, *, by: str, now: datetime, told: Told
) -> Extract:  # fmt: skip
    """Read what is ordered; the note that it is whole is written last."""
    workspace.restart()
    captured = order.mode == "capture"
    wanted = list(dict.fromkeys([*columns, *([by] if by else [])]))
    sink, lines = Sink(workspace, wanted, told, captured=captured), Lines(workspace)
    watermark = position = ""
    is_snapshot = False
    try:
        if captured:
            position, is_snapshot = _capture(connector, order, sink)
        else:
            watermark = _read(connector, order, wanted, sink, lines, by)
    finally:
        sink.close()
        lines.close()
    found = Extract(
        sink.rows, wanted, watermark, position, is_snapshot, sink.bytes, now.isoformat(), lines.rows
    )
    workspace.keep(order, found)
    return found


def _read(
    connector: Connector, order: Order, columns: list[str], sink: Sink, lines: Lines, by: str
) -> str:  # fmt: skip
    after = order.since or order.after or None
    reading = connector.read(order.table, columns=columns, after=after if by else None, by=by or None)
    for batch in reading.batches:
        sink.add(_until(batch, by, order.until))
        lines.take(reading.broken)
    lines.take(reading.broken)
    return reading.watermark or ""


def _until(batch: pa.RecordBatch, by: str, until: str) -> pa.RecordBatch:
    """A back-fill ends with a day; that day is in."""
    if not (by and until):
        return batch
    days = pc.utf8_slice_codeunits(as_text(batch.column(batch.schema.get_field_index(by))), 0, 10)
    return batch.filter(pc.fill_null(pc.less_equal(days, until), False))


def _capture(connector: Connector, order: Order, sink: Sink) -> tuple[str, bool]:
    position, is_snapshot = order.position, False
    for change in connector.changes(order.table, position=order.position or None):
        if change.phase == "changes" and is_snapshot:
            break  # the snapshot is one full delivery, what came after it the next run's
        is_snapshot = is_snapshot or change.phase == "snapshot"
        sink.add(change.rows)
        position = change.position
    return position, is_snapshot


def from_rows(
    rows: Iterable[dict[str, str | None]], columns: Sequence[str], workspace: Workspace, *, now: datetime
) -> Extract:
    """Corrected rows as a delivery of their own."""
    workspace.restart()
    sink = Sink(workspace, columns, lambda _: None, captured=False)
    schema = pa.schema([(name, pa.string()) for name in columns])
    for batch in _batched(list(rows), schema):
        sink.add(batch)
    sink.close()
    return Extract(sink.rows, list(columns), read_at=now.isoformat(), bytes=sink.bytes)


def _batched(rows: list[dict[str, str | None]], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    for start in range(0, len(rows), 10_000):
        yield pa.RecordBatch.from_pylist(rows[start : start + 10_000], schema=schema)


def require(columns: Sequence[str], there: Iterable[str]) -> None:
    missing = [name for name in columns if name not in set(there)]
    if missing:
        raise Refused(f"来源表里不再有这些列：{'、'.join(missing)}。请到“连接”核对结构变化，再修改映射")
