"""Subjects as columns: read through the caller's own connection, so that a run sees what it has written."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import Any

import ibis
import psycopg
import pyarrow as pa
from django.db import connections, models
from pyarrow import csv

from yanta.hub.subjects.shapes import Field, Subject
from yanta.kernel.base import ciphers
from yanta.kernel.base.fields import SealedField

BLOCK = 4 * 1024 * 1024
ID, UNIT = "id", "unit_path"
TYPES = {
    "text": pa.string(),
    "integer": pa.int64(),
    "decimal": pa.decimal128(18, 4),
    "date": pa.date32(),
    "instant": pa.timestamp("us", tz="UTC"),
    "flag": pa.bool_(),
}


def read(
    subject: Subject, names: Sequence[str] | None = None, rows: models.QuerySet[Any] | None = None, *, clear: bool = False
) -> pa.RecordBatchReader:  # fmt: skip
    """The fields as a stream of batches, `id` and `unit_path` (the owning unit's place in the tree) before them.

    A sealed field reads as the hex digest that equal values share; with `clear`, as the value itself. Until the stream
    is read out, the connection serves nothing else.
    """
    fields = [subject.field(name) for name in names] if names is not None else list(subject.fields)
    paths = [_column(subject, field, clear=clear) for field in fields]
    found = subject.rows() if rows is None else rows
    chosen = found.annotate(**{UNIT: _unit(subject)}).values_list("pk", UNIT, *paths)
    schema = pa.schema([(ID, pa.int64()), (UNIT, pa.string()), *((f.name, TYPES[f.kind]) for f in fields)])
    stream = _parsed(_copied(chosen), schema)
    if clear:
        stream = _unsealed(stream, [field.name for field in fields if field.is_sealed])
    return pa.RecordBatchReader.from_batches(schema, stream)


def relation(
    subject: Subject, names: Sequence[str] | None = None, rows: models.QuerySet[Any] | None = None
) -> ibis.Table:
    """The fields as an expression that any engine takes; held in memory."""
    return ibis.memtable(read(subject, names, rows).read_all())


def _unit(subject: Subject) -> models.F | models.Value:
    path = subject.model.org_path
    if path is None:
        return models.Value(None, models.CharField())
    return models.F("path" if path == "self" else f"{path}__path")


def _column(subject: Subject, field: Field, *, clear: bool) -> str:
    """A sealed value is compared by its index; without one, its presence is all that shows."""
    if not field.is_sealed or clear:
        return field.path
    model: Any = subject.model
    for step in field.via.split("__") if field.via else []:
        model = model._meta.get_field(step).remote_field.model
    sealed: SealedField = model._meta.get_field(field.path.rpartition("__")[2])
    return f"{field.path}_index" if sealed.indexed else field.path


def _copied(rows: models.QuerySet[Any]) -> Iterator[bytes]:
    connection = connections[rows.db]
    connection.ensure_connection()
    sql, parameters = rows.query.sql_with_params()
    with (
        psycopg.ClientCursor(connection.connection) as cursor,
        cursor.copy(f"COPY ({sql}) TO STDOUT (FORMAT csv)", parameters) as copy,
    ):
        yield from (bytes(block) for block in copy)


class _Blocks(io.RawIOBase):
    """An iterator of bytes as a file."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._left:
            block = next(self._blocks, None)
            if block is None:
                return 0
            self._left = block
        size = min(len(buffer), len(self._left))
        buffer[:size], self._left = self._left[:size], self._left[size:]
        return size


def _parsed(blocks: Iterator[bytes], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    buffered = io.BufferedReader(_Blocks(blocks), BLOCK)
    if not buffered.peek(1):
        return
    yield from csv.open_csv(
        buffered,
        read_options=csv.ReadOptions(column_names=schema.names, block_size=BLOCK, use_threads=False),
        parse_options=csv.ParseOptions(newlines_in_values=True),
        convert_options=csv.ConvertOptions(
            column_types=schema,
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            true_values=["t"],
            false_values=["f"],
        ),
    )


def _unsealed(batches: Iterator[pa.RecordBatch], names: Sequence[str]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        for name in names:
            clear = pa.array([_value(text) for text in batch[name].to_pylist()], pa.string())
            batch = batch.set_column(batch.schema.get_field_index(name), name, clear)
        yield batch


def _value(written: str | None) -> str | None:
    return ciphers.unseal(bytes.fromhex(written[2:])) if written and len(written) > 2 else written and ""
