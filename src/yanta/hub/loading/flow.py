"""The stream of classified rows: new ones flow on sealed, the others are set aside on disk."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from yanta.hub.loading import checks, coding, roster, sealing
from yanta.hub.loading.receipts import Counts

BATCH = 32_768
AHEAD = 4  # batches that may wait for the database: bounds the memory, keeps both cores busy
ORIGINALS = pa.schema(
    [("run", pa.int32()), ("line", pa.int64()), ("reasons", pa.string()), ("original", pa.binary())]
)


@dataclass(frozen=True)
class Part:
    """A block of the file and the place of its first row."""

    first: int
    rows: pa.RecordBatch

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1

    def cleaned(self, spellings: coding.Spellings) -> pa.Table:
        """The rows with their places, and with the columns of few values clean."""
        places = pa.array(np.arange(self.first, self.first + len(self.rows)))
        rows = coding.tidied(coding.coded(self.rows, spellings), "org_code")
        return pa.Table.from_batches([rows]).append_column("place", places)

    def originals(self, lines: pa.Array) -> pa.Array:
        """The cells of these lines as they were delivered, in one text each."""
        taken = self.rows.take(pc.subtract(lines, self.first + 2))
        return pc.binary_join_element_wise(*taken.columns, "\x1f")


def parts_of(reader: Iterable[pa.RecordBatch]) -> Iterator[Part]:
    """The blocks of a file with their places."""
    place = 0
    for rows in reader:
        yield Part(place, rows)
        place += len(rows)


def _checked(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The batch with the reasons completed by the checks that SQL is slow at."""
    wrong = pc.and_(pa.array(checks.wrong_identity(batch["id_no"])), batch["is_card"])
    told = pc.binary_join_element_wise(batch["reasons"], roster.WRONG_CHECK, "；", null_handling="skip")
    reasons = pc.if_else(wrong, told, batch["reasons"])
    return batch.set_column(batch.schema.get_field_index("reasons"), "reasons", reasons)


class Aside:
    """Batches kept in a file until the main stream has ended."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer: pa.ipc.RecordBatchFileWriter | None = None

    def add(self, batch: pa.RecordBatch) -> None:
        if not len(batch):
            return
        if self._writer is None:
            self._writer = pa.ipc.new_stream(self._path, batch.schema)
        self._writer.write_batch(batch)

    def reader(self) -> pa.RecordBatchReader | None:
        """What was set aside, or None if nothing was."""
        if self._writer is None:
            return None
        self._writer.close()
        return pa.ipc.open_stream(self._path)


class Flow:
    """Counts every row once and sends it where it belongs."""

    def __init__(self, folder: Path, *, run: int) -> None:
        self.counts = Counts()
        self.changed = Aside(folder / "changed.arrow")
        self.rejected = Aside(folder / "rejected.arrow")
        self._run = run
        self._ready: queue.Queue[pa.RecordBatch | BaseException | None] = queue.Queue(AHEAD)
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._working = 0

    @contextmanager
    def reading(
        self, parts: Iterator[Part], classified: Callable[[Part], pa.Table], threads: int
    ) -> Iterator[pa.RecordBatchReader | None]:
        """The new rows, sealed, as a reader that other threads fill; None if there are none."""
        self._working = threads
        workers = [
            threading.Thread(
                target=self._work, args=(parts, classified), name=f"landing-{place}", daemon=True
            )
            for place in range(threads)
        ]
        for worker in workers:
            worker.start()
        try:
            first = self._next()
            yield (
                None
                if first is None
                else pa.RecordBatchReader.from_batches(first.schema, self._batches(first))
            )
        finally:
            self._stopped.set()
            for worker in workers:
                worker.join()

    def _held(self, part: Part, rejected: pa.RecordBatch) -> pa.RecordBatch:
        """Held-back rows with their original cells sealed."""
        run = pa.array(np.full(len(rejected), self._run, dtype=np.int32))
        sealed = sealing.sealed_texts(part.originals(rejected["line"]))
        return pa.RecordBatch.from_arrays(
            [run, rejected["line"], rejected["reasons"], sealed], schema=ORIGINALS
        )

    def _work(self, pending: Iterator[Part], classified: Callable[[Part], pa.Table]) -> None:
        try:
            while (part := self._taken(pending)) is not None:
                for batch in classified(part).to_batches(max_chunksize=BATCH):
                    self._hand_on(self._sorted_out(part, batch))
            self._hand_on(None)
        except BaseException as error:
            self._hand_on(error)

    def _taken(self, pending: Iterator[Part]) -> Part | None:
        with self._lock:
            return None if self._stopped.is_set() else next(pending, None)

    def _hand_on(self, item: pa.RecordBatch | BaseException | None) -> None:
        while not self._stopped.is_set():
            try:
                self._ready.put(item, timeout=0.2)
            except queue.Full:
                continue
            return

    def _sorted_out(self, part: Part, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Count a batch, set aside what is not new, give back what is."""
        batch = _checked(batch)
        good, known, same = pc.is_null(batch["reasons"]), batch["is_known"], batch["is_same"]
        new = batch.filter(pc.and_(good, pc.invert(known)))
        changed = batch.filter(pc.and_(good, pc.and_(known, pc.invert(same))))
        rejected = self._held(part, batch.filter(pc.invert(good)))
        outdated = sealing.sealed(changed, run=self._run)
        with self._lock:
            self._count(len(batch), len(new), len(changed), rejected)
            self.changed.add(outdated)
            self.rejected.add(rejected)
        return sealing.sealed(new, run=self._run)

    def _count(self, read: int, new: int, changed: int, rejected: pa.RecordBatch) -> None:
        self.counts.read += read
        self.counts.new += new
        self.counts.changed += changed
        self.counts.quarantined += len(rejected)
        self.counts.unchanged += read - new - changed - len(rejected)
        for reasons in rejected["reasons"].to_pylist():
            for reason in reasons.split("；"):
                self.counts.reasons[reason] = self.counts.reasons.get(reason, 0) + 1

    def _next(self) -> pa.RecordBatch | None:
        """The next batch that holds a row."""
        while True:
            item = self._ready.get()
            if isinstance(item, BaseException):
                raise item
            if item is not None and len(item):
                return item
            self._working -= item is None
            if not self._working:
                return None

    def _batches(self, first: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        batch: pa.RecordBatch | None = first
        while batch is not None:
            yield batch
            batch = self._next()
