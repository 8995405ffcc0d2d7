"""What both logs have in common: positions, batches of changes, the rows of the moment for what a log leaves out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import pyarrow as pa

from yanta.hub.exchange.connectors.base import BATCH, OPERATION, ChangeBatch
from yanta.kernel.base import Refused

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """One changed row of one transaction; a changed key is a deletion and an insertion."""

    operation: Literal["i", "u", "d"]
    row: Row


@dataclass(frozen=True, slots=True)
class Position:
    """After which commit, and how many of the changes that follow it were handed on already.

    `seen` names what the snapshot held, so that the hand-over doubles nothing; a snapshot that was broken off is
    taken again, and then everything since its beginning is repeated: by key that comes to the same.
    """

    place: str
    skip: int = 0
    seen: str = ""
    snapshot: Literal["", "begun"] = ""

    def to_text(self) -> str:
        kept = {"place": self.place, "skip": self.skip, "seen": self.seen, "snapshot": self.snapshot}
        return json.dumps({name: value for name, value in kept.items() if value})

    @classmethod
    def of(cls, text: str) -> Position:
        try:
            return cls(**json.loads(text))
        except (ValueError, TypeError) as wrong:
            raise Refused("日志位置无法辨认，请重新取快照") from wrong


def schema_with_operation(schema: pa.Schema) -> pa.Schema:
    return pa.schema([(OPERATION, pa.string()), *schema])


def batch_of(changes: Sequence[Change], schema: pa.Schema) -> pa.RecordBatch:
    """Changes as Arrow, in order."""
    columns = [pa.array([c.operation for c in changes], pa.string())]
    for field in schema:
        columns.append(column_of([c.row.get(field.name) for c in changes], field))
    return pa.record_batch(columns, schema=schema_with_operation(schema))


def column_of(values: list[Any], field: pa.Field) -> pa.Array:
    try:
        return pa.array(values, field.type)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError) as wrong:
        raise Refused(f"列“{field.name}”的变更值与表结构不符：{str(wrong)[:120]}") from wrong


def snapshot_batches(
    rows: Iterable[pa.RecordBatch], begun: Position, done: Position
) -> Iterator[ChangeBatch]:
    """Rows of a snapshot; only with the last of them is it one that need not be taken again."""
    held: pa.RecordBatch | None = None
    for batch in rows:
        if held is not None:
            yield ChangeBatch(_inserted(held), begun.to_text(), "snapshot")
        held = batch
    if held is not None:
        yield ChangeBatch(_inserted(held), done.to_text(), "snapshot")


def _inserted(batch: pa.RecordBatch) -> pa.RecordBatch:
    marks = pa.array(["i"] * batch.num_rows, pa.string())
    return pa.record_batch([marks, *batch.columns], schema=schema_with_operation(batch.schema))


class Gatherer:
    """Collects changes into batches and knows the position behind the last one handed out."""

    def __init__(self, schema: pa.Schema, position: Position, *, size: int = BATCH) -> None:
        self.schema, self.position, self.size = schema, position, size
        self._changes: list[Change] = []
        self._told: Position | None = None
        self._to_skip = position.skip
        self._in_transaction = 0

    def add(self, change: Change) -> Iterator[ChangeBatch]:
        self._in_transaction += 1
        if self._to_skip:
            self._to_skip -= 1
            return
        self._changes.append(change)
        if len(self._changes) >= self.size:
            self.position = replace(self.position, skip=self._in_transaction)
            yield self._handed()

    def commit(self, place: str) -> None:
        """The transaction is complete: from here on it need not be read again."""
        self.position = replace(self.position, place=place, skip=0)
        self._in_transaction = self._to_skip = 0

    def rest(self, end: Position) -> Iterator[ChangeBatch]:
        """What is left, and how far the log was read even where it held nothing of this table."""
        self.position = end
        if self._changes or end != self._told:
            yield self._handed()

    def _handed(self) -> ChangeBatch:
        made = ChangeBatch(batch_of(self._changes, self.schema), self.position.to_text())
        self._changes, self._told = [], self.position
        return made
