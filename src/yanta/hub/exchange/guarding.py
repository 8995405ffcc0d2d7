"""A connector whose registered tables are watched: shape before a read, count and pace after it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence

import pyarrow as pa
from django.utils import timezone

from yanta.hub.exchange import drift, middling, opening, rules
from yanta.hub.exchange.connectors.base import (
    ChangeBatch,
    Connector,
    DriftStop,
    Mode,
    Reading,
    SnapshotNeeded,
    TableShape,
    Written,
)
from yanta.hub.exchange.connectors.databases import earlier, later_of
from yanta.hub.exchange.models import Connection, Table, TableRead
from yanta.kernel.base import Refused

Way = TableRead.Way


class GuardedConnector:
    """What `public.connector` gives out."""

    def __init__(self, row: Connection, inner: Connector) -> None:
        self.row, self.inner = row, inner

    def tables(self) -> list[TableShape]:
        return self.inner.tables()

    def shape(self, table: str) -> TableShape:
        return self.inner.shape(table)

    def read(
        self,
        table: str,
        *,
        columns: Sequence[str] | None = None,
        after: str | None = None,
        by: str | None = None,
    ) -> Reading:
        kept, began = self._kept(table), Began()
        if kept is None:
            return self.inner.read(table, columns=columns, after=after, by=by)
        if kept.middle:
            reading = middling.taking(kept, self.inner, columns=columns, after=after)
            return self._recorded(kept, Way.MIDDLE, reading, began)
        way = Way.SINCE if after and by else Way.FULL
        wanted = self._wanted(kept, columns, by)
        there = [kept.aliases.get(name, name) for name in wanted]
        since = earlier(after, _kind(kept, by), kept.overlap) if after and by else after
        try:
            reading = self.inner.read(
                table, columns=there or None, after=since, by=kept.aliases.get(by or "", by)
            )
        except Refused as refusal:
            self._note(kept, way, began, failure=refusal.message)
            raise
        return self._recorded(kept, way, _named(reading, kept), began, after=after, by=by)

    def changes(self, table: str, *, position: str | None) -> Iterator[ChangeBatch]:
        kept = self._kept(table)
        if kept is None:
            yield from self.inner.changes(table, position=position)
            return
        if kept.proposals.filter(change="snapshot", state="open").exists():
            raise SnapshotNeeded(f"“{kept}”需要重新取快照，请先在“结构变化”里处理")
        self._wanted(kept, None, None)
        began, rows = Began(), 0
        try:
            for batch in self.inner.changes(table, position=position):
                rows += batch.rows.num_rows
                yield batch
        except Refused as refusal:
            if isinstance(refusal, SnapshotNeeded):
                drift.needs_snapshot(kept, refusal.message)
            self._note(kept, Way.CAPTURE, began, rows=rows, failure=refusal.message)
            raise
        self._note(kept, Way.CAPTURE, began, rows=rows)

    def write(
        self, table: str, batches: Iterable[pa.RecordBatch], *, key: Sequence[str] = (), mode: Mode = "upsert"
    ) -> Written:
        kept, began = self._kept(table), Began()
        try:
            written = self.inner.write(table, batches, key=key, mode=mode)
        except Refused as refusal:
            self._note(kept, Way.WRITE, began, failure=refusal.message)
            raise
        said = f"新增 {written.new}，变更 {written.changed}，未变 {written.unchanged}，移除 {written.removed}"
        self._note(kept, Way.WRITE, began, rows=written.read, message=said)
        return written

    def close(self) -> None:
        self.inner.close()

    # --- -----------------------------------------------------------------------------------------

    def _kept(self, table: str) -> Table | None:
        return Table.objects.select_related("connection").filter(connection=self.row, name=table).first()

    def _wanted(self, kept: Table, columns: Sequence[str] | None, by: str | None) -> list[str]:
        """The columns of this read; DriftStop when one of them is no longer what was accepted."""
        try:
            found = self.inner.shape(kept.name)
        except Refused as refusal:
            self._note(kept, Way.FULL, Began(), failure=refusal.message)
            raise DriftStop(f"读不到“{kept.name}”：{refusal.message}；目标里的数据不动") from refusal
        drifts = drift.noticed(kept, found)
        wanted = list(columns or kept.accepted.names)
        stop = rules.stop_sentence(drifts, {*wanted, *([by] if by else [])})
        if stop:
            self._note(kept, Way.FULL, Began(), failure=stop)
            raise DriftStop(stop)
        return wanted

    def _recorded(
        self, kept: Table, way: str, reading: Reading, began: Began, *, after: str | None = None, by: str | None = None
    ) -> Reading:  # fmt: skip
        """Counts, times and notes the read when it ends, whichever way it ends."""
        inner = reading.batches

        def passing() -> Iterator[pa.RecordBatch]:
            failure = said = ""
            try:
                yield from inner
            except GeneratorExit:
                said = "读取方只取了一部分"
                raise
            except Exception as fault:
                failure = fault.message if isinstance(fault, Refused) else "程序出错，读取中断"
                raise
            finally:
                counts = {"rows": reading.rows, "rejected": reading.rejected}
                self._note(kept, way, began, **counts, failure=failure, message=said)
            drift.appeared(kept, reading.surplus)
            if after and by:
                reading.watermark = later_of(after, reading.watermark, _kind(kept, by))

        reading.batches = passing()
        return reading

    @staticmethod
    def _note(
        kept: Table | None, way: str, began: Began, *, rows: int = 0, rejected: int = 0, failure: str = "", message: str = "",
    ) -> None:  # fmt: skip
        if kept is not None:
            outcome = TableRead.Outcome.FAILED if failure else TableRead.Outcome.DONE
            TableRead.objects.create(
                table=kept, way=way, started_at=began.at, seconds=began.seconds, rows=rows, rejected=rejected, outcome=outcome,
                message=(failure or message)[:400],
            )  # fmt: skip


class Began:
    """When something began, and how long it has taken since."""

    def __init__(self) -> None:
        self.at, self._clock = timezone.now(), time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._clock


def _kind(kept: Table, by: str | None) -> str:
    column = kept.accepted.column(by) if by else None
    return column.kind if column else "text"


def _named(reading: Reading, kept: Table) -> Reading:
    """Renamed columns go on under the name that was accepted."""
    names = {there: here for here, there in kept.aliases.items()}
    if not names:
        return reading
    inner = reading.batches
    schema = pa.schema([field.with_name(names.get(field.name, field.name)) for field in reading.schema])
    reading.schema = schema
    reading.batches = (pa.record_batch(batch.columns, schema=schema) for batch in inner)
    return reading


def guarded(row: Connection) -> GuardedConnector:
    return GuardedConnector(row, opening.opened(row))
