"""Reading out: parts of so many rows each, so that a worker that dies goes on where it stood."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.ipc
from django.conf import settings
from django.db.models import QuerySet

from yanta.hub import subjects
from yanta.hub.subjects import Field, Subject
from yanta.hub.warehouse import cutting

PART_ROWS = 100_000
Step = Callable[[int], None]


def folder_of(number: str) -> Path:
    """Where an export keeps its parts while it is made."""
    return Path(settings.HOME) / "exports" / number


def stage(
    subject: Subject,
    names: Sequence[str],
    rows: QuerySet[Any],
    folder: Path,
    *,
    in_order: bool,
    step: Step = lambda done: None,
) -> int:
    """Read the rows into parts; answers how many lie there. In the order of keys it goes on behind the last whole part."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = ["id", "unit_path", *names]
    done, last = _standing(folder, wanted) if in_order else _afresh(folder)
    if last is not None:
        rows = rows.filter(pk__gt=last)
    number = len(parts_in(folder))
    batches: list[pa.RecordBatch] = []
    waiting = 0
    for batch in subjects.read(subject, list(names), rows):
        batches.append(batch)
        waiting += batch.num_rows
        if waiting >= PART_ROWS:
            done += _write(folder, number, batches)
            number, batches, waiting = number + 1, [], 0
            step(done)
    if batches:
        done += _write(folder, number, batches)
    step(done)
    return done


def _standing(folder: Path, wanted: list[str]) -> tuple[int, int | None]:
    """How many rows are there already, and the key of the last; what was read for other columns is of no use."""
    found = parts_in(folder)
    if not found or read_part(found[-1]).column_names != wanted:
        return _afresh(folder)
    counts = [read_part(path).num_rows for path in found]
    return sum(counts), read_part(found[-1])["id"][-1].as_py()


def _afresh(folder: Path) -> tuple[int, None]:
    for path in parts_in(folder):
        path.unlink()
    return 0, None


def _write(folder: Path, number: int, batches: Sequence[pa.RecordBatch]) -> int:
    """Under another name until it is whole."""
    draft = folder / f"{number:06d}.draft"
    table = pa.Table.from_batches(batches)
    with pa.OSFile(str(draft), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    draft.rename(folder / f"{number:06d}.arrow")
    return int(table.num_rows)


def parts_in(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.arrow"))


def read_part(path: Path) -> pa.Table:
    with pa.memory_map(str(path)) as source:
        return pa.ipc.open_file(source).read_all()


def forget(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


def worded(folder: Path, fields: Sequence[Field]) -> Iterator[pa.Table]:
    """Part by part as people read it: titles for names, names for codes, sealed values hidden."""
    known: dict[str, dict[str, str]] = {}
    for path in parts_in(folder):
        table = read_part(path)
        columns = [_worded(table[field.name].combine_chunks(), field, known) for field in fields]
        yield pa.table(columns, names=titles(fields))


def titles(fields: Sequence[Field]) -> list[str]:
    """Each once, so that no column hides another."""
    seen: dict[str, int] = {}
    found = []
    for field in fields:
        seen[field.title] = seen.get(field.title, 0) + 1
        found.append(field.title if seen[field.title] == 1 else f"{field.title}（{seen[field.title]}）")
    return found


def _worded(column: Any, field: Field, known: dict[str, dict[str, str]]) -> Any:
    if field.is_sealed:
        return pc.if_else(pc.is_valid(column), pa.scalar("＊＊＊＊"), pa.scalar(None, pa.string()))
    if not (field.code_set or field.choices or field.refers) or not pa.types.is_string(column.type):
        return column
    encoded = column.dictionary_encode()
    values = encoded.dictionary.to_pylist()
    labels = known.setdefault(field.name, {})
    fresh = [value for value in values if value and value not in labels]
    labels.update({value: value for value in fresh} | cutting.labels(field, fresh) if fresh else {})
    words = pa.array([labels.get(value, value) if value else None for value in values], pa.string())
    return pa.DictionaryArray.from_arrays(encoded.indices, words).cast(pa.string())
