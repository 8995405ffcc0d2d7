"""What the target holds of the mapped fields, as text, through the run's own database connection."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from django.db import connection
from pyarrow import csv

from yanta.hub.pipelines.documents import Document
from yanta.hub.pipelines.targets import Target, TargetField
from yanta.kernel.base import ciphers

BLOCK = 4 * 1024 * 1024


def fields_of(document: Document, target: Target) -> list[TargetField]:
    """Every field that a run may write, links by match included."""
    names = [pair.field for pair in document.confirmed] + [match.field for match in document.matches]
    return [target.field(name) for name in dict.fromkeys(names)]


def write_held(document: Document, target: Target, path: Path) -> int:
    """The target's rows as Parquet, with their mark of leaving; answers how many."""
    fields = fields_of(document, target)
    if document.mark_field and document.mark_field not in [one.name for one in fields]:
        fields.append(target.field(document.mark_field))
    links = [field for field in fields if field.refers is not None]
    names = ["id", *(f"o_{field.name}" for field in fields), *(f"p_{field.name}" for field in links)]
    schema = pa.schema([(name, pa.int64() if name == "id" else pa.string()) for name in names])
    rows = 0
    with pq.ParquetWriter(path, schema, compression="snappy") as writer:
        for batch in _batches(_query(target, fields), schema):
            writer.write_batch(_signed(batch, fields))
            rows += len(batch)
    return rows


def _query(target: Target, fields: Sequence[TargetField]) -> str:
    joins, columns = [], ["t.id"]
    for turn, field in enumerate(fields):
        if field.refers is not None:
            other = connection.ops.quote_name(field.refers._meta.db_table)
            joins.append(f"LEFT JOIN {other} j{turn} ON j{turn}.id = t.{_quoted(field.column)}")
            columns.append(f"nullif(j{turn}.{_quoted(field.refers_key)}::text, '')")
        else:
            columns.append(_column(field))
    columns += [f"t.{_quoted(field.column)}::text" for field in fields if field.refers is not None]
    return f"SELECT {', '.join(columns)} FROM {_quoted(target.table)} t {' '.join(joins)}"


def _quoted(name: str) -> str:
    return str(connection.ops.quote_name(name))


def _column(field: TargetField) -> str:
    column = f"t.{_quoted(field.column)}"
    if field.is_sealed:
        return (
            f"encode(t.{_quoted(field.index)}, 'hex')"
            if field.index
            else f"nullif(encode({column}, 'hex'), '')"
        )
    if field.kind == "flag":
        return f"CASE WHEN {column} THEN 't' WHEN NOT {column} THEN 'f' END"
    return f"nullif({column}::text, '')"


def _signed(batch: pa.RecordBatch, fields: Sequence[TargetField]) -> pa.RecordBatch:
    """Sealed values without an index of their own are compared by the digest they would have."""
    for field in fields:
        if field.is_sealed and not field.index:
            place = batch.schema.get_field_index(f"o_{field.name}")
            texts = [
                None if cell is None else ciphers.unseal(bytes.fromhex(cell))
                for cell in batch.column(place).to_pylist()
            ]
            batch = batch.set_column(place, f"o_{field.name}", digests(pa.array(texts, pa.string())))
    return batch


def digests(values: pa.Array) -> pa.Array:
    """The keyed digest of each text, as the index column would hold it."""
    texts = values.to_pylist()
    found = iter(ciphers.blind_index_many([text for text in texts if text]))
    return pa.array([next(found).hex() if text else None for text in texts], pa.string())


class _Blocks(io.RawIOBase):
    """An iterator of bytes as a file."""

    def __init__(self, blocks: Iterator[Any]) -> None:
        self._blocks, self._left = blocks, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._left:
            block = next(self._blocks, None)
            if block is None:
                return 0
            self._left = bytes(block)
        size = min(len(buffer), len(self._left))
        buffer[:size], self._left = self._left[:size], self._left[size:]
        return size


def _batches(query: str, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    with connection.cursor() as cursor, cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT csv)") as copy:
        stream = io.BufferedReader(_Blocks(iter(copy)), BLOCK)
        if not stream.peek(1):
            return
        yield from csv.open_csv(
            stream,
            read_options=csv.ReadOptions(column_names=schema.names, block_size=BLOCK, use_threads=False),
            parse_options=csv.ParseOptions(newlines_in_values=True),
            convert_options=csv.ConvertOptions(
                column_types=schema,
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )
