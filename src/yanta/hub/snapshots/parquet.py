"""Subjects as Parquet files, written as a stream and read back lazily."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
from django.conf import settings

from yanta.hub import subjects
from yanta.hub.snapshots.models import Part
from yanta.hub.subjects import Subject
from yanta.kernel.files.storing import is_whole, open_file, storage

COMPRESSION = "zstd"


@dataclass(frozen=True, slots=True)
class Written:
    """One subject in a file that waits to be stored."""

    subject: Subject
    path: Path
    rows: int
    gaps: str = ""


def write(subject: Subject, folder: Path, *, gaps: str = "") -> Written:
    """The subject's rows as the database shows them now; sealed values go in as digests only."""
    path = folder / f"{subject.name}.parquet"
    return Written(subject, path, write_batches(path, *_stream(subject)), gaps)


def _stream(subject: Subject) -> tuple[pa.Schema, Iterable[pa.RecordBatch]]:
    reader = subjects.read(subject)
    return reader.schema, reader


def write_batches(path: Path, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> int:
    """Answers how many rows went in."""
    rows = 0
    with pq.ParquetWriter(path, schema, compression=COMPRESSION) as writer:
        for batch in batches:
            writer.write_batch(batch)
            rows += batch.num_rows
    return rows


def fields_of(subject: Subject) -> list[dict[str, Any]]:
    """The fields as they were called when the snapshot was taken."""
    return [
        {"name": one.name, "title": one.title, "kind": one.kind, "element": one.element, "sealed": one.is_sealed}
        for one in subject.fields
    ]  # fmt: skip


def table(part: Part, names: Sequence[str] | None = None) -> ibis.Table:
    """The part as an expression that reads only the columns it needs, on any engine."""
    found = ds.dataset(local_path(part), format="parquet")
    if names is not None:
        found = ds.dataset(found.to_table(columns=["id", "unit_path", *names]))
    return ibis.memtable(found)


def local_path(part: Part) -> Path:
    """Where the file can be read in place; what lies in a remote store is fetched once."""
    assert part.file is not None  # noqa: S101  # asked for before
    try:
        return Path(storage().path(part.file.key))
    except NotImplementedError:
        return _fetched(part)


def _fetched(part: Part) -> Path:
    assert part.file is not None  # noqa: S101  # asked for before
    kept = Path(settings.HOME) / "snapshots" / f"{part.digest}.parquet"
    if not kept.is_file():
        kept.parent.mkdir(parents=True, exist_ok=True)
        draft = kept.with_suffix(".draft")
        with open_file(part.file) as source, draft.open("wb") as target:
            shutil.copyfileobj(source, target)
        draft.replace(kept)
    return kept


def faults(part: Part) -> Iterator[str]:
    """What is wrong with a stored part, in words."""
    if part.file is None:
        yield f"{part.title}：文件已销毁"
    elif part.file.digest != part.digest or not is_whole(part.file):
        yield f"{part.title}：文件内容与凭证上的摘要不符"
    elif pq.read_metadata(local_path(part)).num_rows != part.rows:
        yield f"{part.title}：行数与凭证不符"


@contextmanager
def engine() -> Iterator[Any]:
    """A DuckDB of the caller's own: two requests never share one."""
    made = ibis.duckdb.connect()
    try:
        yield made
    finally:
        made.disconnect()
