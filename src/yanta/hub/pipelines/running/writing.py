"""What was found into the target: in the caller's transaction, set at a time.

New rows go in by COPY. Rows are altered only while they still hold what they were compared with. A row that the
table's own constraints refuse is found by halving and held back; the others go in.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.compute as pc
from django.db import DatabaseError, DataError, IntegrityError, connection, transaction
from pyarrow import csv

from yanta.hub.pipelines import engines
from yanta.hub.pipelines.documents import Document
from yanta.hub.pipelines.running import holding
from yanta.hub.pipelines.targets import Target, TargetField
from yanta.kernel.base import Refused, ciphers

MOST_REFUSED = 500
_OPTIONS = csv.WriteOptions(include_header=False)


class TargetMoved(Exception):  # noqa: N818 - says what happened
    """Somebody wrote rows of the target since they were compared; compare again."""


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that the database would not take."""

    place: int
    part: str
    fate: str
    reason: str


@dataclass(slots=True)
class Written:
    new: int = 0
    changed: int = 0
    removed: int = 0
    refused: list[RefusedRow] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Column:
    """One column of the target as it is staged: its name, its type, how it is compared with what it was."""

    name: str
    kind: str
    setter: str
    guard: str = ""


def write(result: Path, document: Document, target: Target, *, at: datetime) -> Written:
    """Insert, update, mark; `TargetMoved` undoes all of it."""
    fields = holding.fields_of(document, target)
    written = Written()
    _insert(result, fields, target, at, written)
    _update(result, fields, document, target, at, written)
    if document.absent == "mark":
        written.removed = _mark(result, document, target, at)
    return written


def _q(name: str) -> str:
    return str(connection.ops.quote_name(name))


def _fate(result: Path, fate: str) -> Iterator[pa.RecordBatch]:
    return (batch for batch in engines.batches(result, keep=pc.field("fate") == fate) if len(batch))


# New rows.


def _insert(
    result: Path, fields: Sequence[TargetField], target: Target, at: datetime, written: Written
) -> None:
    columns = _insert_columns(fields, target)
    names = ", ".join(map(_q, columns))
    try:
        with transaction.atomic():
            sql = f"COPY {_q(target.table)} ({names}) FROM STDIN (FORMAT csv)"
            written.new = _copy(
                sql, (_insertable(batch, fields, target, at) for batch in _fate(result, "new"))
            )
    except (IntegrityError, DataError):
        _insert_what_can_be(result, fields, target, at, written)


def _insert_columns(fields: Sequence[TargetField], target: Target) -> list[str]:
    found = [
        name for field in fields for name in ([field.column, field.index] if field.index else [field.column])
    ]
    return [*found, *_defaults(fields, target), *_stamps(target)]


def _defaults(fields: Sequence[TargetField], target: Target) -> dict[str, str]:
    """Columns that nothing is mapped to and that may not be null."""
    mapped = {field.column for field in fields}
    found: dict[str, str] = {}
    for column in target.model._meta.concrete_fields:
        if (
            column.column in mapped
            or column.primary_key
            or column.null
            or column.name in ("created_at", "updated_at")
        ):
            continue
        value = column.get_default()
        found[str(column.column)] = (
            "" if value is None else "t" if value is True else "f" if value is False else str(value)
        )
    return found


def _stamps(target: Target) -> list[str]:
    there = {column.column for column in target.model._meta.concrete_fields}
    return [name for name in ("created_at", "updated_at") if name in there]


def _insertable(
    batch: pa.RecordBatch, fields: Sequence[TargetField], target: Target, at: datetime
) -> pa.RecordBatch:
    arrays = [array for field in fields for array in _cells(batch, field)]
    fixed = [*_defaults(fields, target).values(), *(at.isoformat() for _ in _stamps(target))]
    arrays += [pa.repeat(pa.scalar(value, pa.string()), len(batch)) for value in fixed]
    return pa.RecordBatch.from_arrays(arrays, [f"c{turn}" for turn in range(len(arrays))])


def _cells(batch: pa.RecordBatch, field: TargetField) -> list[pa.Array]:
    """The column, or the two columns, of a field as COPY takes them."""
    if field.refers is not None:
        return [batch[f"r_{field.name}"].cast(pa.string())]
    values = batch[f"f_{field.name}"]
    if field.is_sealed:
        sealed = _sealed(values, field)
        return [sealed, _hex(batch[f"d_{field.name}"])] if field.index else [sealed]
    if not field.is_nullable:
        values = values.fill_null(field.default if field.default is not None else "")
    return [values]


def _sealed(values: pa.Array, field: TargetField) -> pa.Array:
    texts = values.to_pylist()
    blobs = iter(ciphers.seal_many([text for text in texts if text]))
    empty = None if field.is_nullable else "\\x"
    return pa.array(["\\x" + next(blobs).hex() if text else empty for text in texts], pa.string())


def _hex(digests: pa.Array) -> pa.Array:
    return pc.binary_join_element_wise(pa.scalar("\\x"), digests, "")


def _copy(sql: str, batches: Iterable[pa.RecordBatch]) -> int:
    rows = 0
    # Django translates the errors of statements, not those of COPY.
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(sql) as copy:
        for batch in batches:
            copy.write(_as_csv(batch))
            rows += len(batch)
    return rows


def _as_csv(batch: pa.RecordBatch) -> bytes:
    block = io.BytesIO()
    csv.write_csv(batch, block, _OPTIONS)
    return block.getvalue()


def _insert_what_can_be(
    result: Path, fields: Sequence[TargetField], target: Target, at: datetime, written: Written
) -> None:
    """Into a temporary table of the same shape, from there in halves."""
    columns = _insert_columns(fields, target)
    names = ", ".join(map(_q, columns))
    _execute("DROP TABLE IF EXISTS run_new")
    _execute(
        f"CREATE TEMP TABLE run_new ON COMMIT DROP AS SELECT NULL::bigint AS run_place, NULL::text AS run_part, {names} "
        f"FROM {_q(target.table)} WITH NO DATA"
    )
    _copy(
        f"COPY run_new (run_place, run_part, {names}) FROM STDIN (FORMAT csv)",
        (_placed(batch, _insertable(batch, fields, target, at)) for batch in _fate(result, "new")),
    )
    sql = f"INSERT INTO {_q(target.table)} ({names}) SELECT {names} FROM run_new WHERE run_place BETWEEN %s AND %s"
    written.new = _in_halves("run_new", sql, target, "new", written.refused)


def _placed(batch: pa.RecordBatch, cells: pa.RecordBatch) -> pa.RecordBatch:
    arrays = [batch["place"].cast(pa.string()), batch["part"], *cells.columns]
    return pa.RecordBatch.from_arrays(arrays, [f"c{turn}" for turn in range(len(arrays))])


def _in_halves(staged: str, sql: str, target: Target, fate: str, refused: list[RefusedRow]) -> int:
    """Carry a statement out over ranges of places, halving where it fails, until single rows are left."""
    first, last = _fetch(f"SELECT min(run_place), max(run_place) FROM {staged}")[0]
    pending = [(first, last)] if first is not None else []
    written = 0
    while pending:
        low, high = pending.pop()
        try:
            with transaction.atomic():
                written += _execute(sql, [low, high])
        except (IntegrityError, DataError) as error:
            if low == high:
                part = _fetch(f"SELECT run_part FROM {staged} WHERE run_place = %s", [low])[0][0]
                refused.append(RefusedRow(low, part, fate, words_for(error, target)))
                if len(refused) > MOST_REFUSED:
                    raise Refused(
                        f"数据库拒绝了超过 {MOST_REFUSED} 行，最后一行的原因：{refused[-1].reason}"
                    ) from error
                continue
            middle = (low + high) // 2
            pending += [(middle + 1, high), (low, middle)]
    return written


def words_for(error: DatabaseError, target: Target) -> str:
    """What the database objects to, in words."""
    cause = error.__cause__
    diagnosis = cause.diag if isinstance(cause, psycopg.Error) else None
    name = (diagnosis.constraint_name if diagnosis else "") or ""
    titles = {one.column: one.title for one in target.fields}
    for constraint in target.model._meta.constraints:
        if constraint.name == name:
            about = "、".join(titles[one] for one in getattr(constraint, "fields", ()) if one in titles)
            return f"与库中其他行重复：{about}" if about else f"违反数据规则：{name}"
    if isinstance(cause, psycopg.errors.UniqueViolation):
        detail = (diagnosis.message_detail if diagnosis else "") or ""
        told = [title for column, title in titles.items() if f"({column})" in detail]
        return f"与库中其他行重复：{'、'.join(told) or name}"
    if isinstance(cause, psycopg.errors.NotNullViolation):
        return f"缺少“{titles.get(diagnosis.column_name or '', '必填项')}”"  # type: ignore[union-attr]  # the cause is one of psycopg
    return f"数据库不接受：{(diagnosis.message_primary if diagnosis else '') or name}"


# Changed rows.


def _update(
    result: Path,
    fields: Sequence[TargetField],
    document: Document,
    target: Target,
    at: datetime,
    written: Written,
) -> None:
    altered = [one for one in fields if one.name != target.key and _is_written(document, one)]
    columns = [column for one in altered for column in _staged(one, target)]
    if not columns:
        return
    shape = ", ".join(f"{_q(column.name)} {column.kind}" for column in columns)
    guards = [one for one in altered if _guard(one)]
    shape += "".join(f", {_q('was_' + one.name)} text" for one in guards)
    _execute("DROP TABLE IF EXISTS run_changed")
    _execute(
        f"CREATE TEMP TABLE run_changed (run_place bigint, run_part text, id bigint, {shape}) ON COMMIT DROP"
    )
    staged = _copy(
        "COPY run_changed FROM STDIN (FORMAT csv)",
        (_changed(batch, altered, guards) for batch in _fate(result, "changed")),
    )
    if not staged:
        return
    _execute("CREATE UNIQUE INDEX ON run_changed (run_place)")
    _execute("ANALYZE run_changed")
    sets = ", ".join(f"{_q(column.name)} = {column.setter}" for column in columns)
    sets += "".join(f", {_q(name)} = '{at.isoformat()}'" for name in _stamps(target) if name == "updated_at")
    tests = "".join(f" AND {_guard(one)}" for one in guards)
    sql = (
        f"UPDATE {_q(target.table)} t SET {sets} FROM run_changed c WHERE t.id = c.id"
        f" AND c.run_place BETWEEN %s AND %s{tests}"
    )
    refused_before = len(written.refused)
    written.changed = _in_halves("run_changed", sql, target, "changed", written.refused)
    if written.changed + len(written.refused) - refused_before != staged:
        raise TargetMoved


def _is_written(document: Document, one: TargetField) -> bool:
    pair = document.pair(one.name)
    return pair is None or pair.mode != "check"


def _staged(one: TargetField, target: Target) -> list[_Column]:
    model_field = next(f for f in target.model._meta.concrete_fields if f.column == one.column)
    kind = str(model_field.cast_db_type(connection) or model_field.db_type(connection))
    if one.is_sealed:
        # Null is "as it was", for what cannot be read back cannot be written again.
        found = [_Column(one.column, "bytea", f"coalesce(c.{_q(one.column)}, t.{_q(one.column)})")]
        if one.index:
            found.append(_Column(one.index, "bytea", f"coalesce(c.{_q(one.index)}, t.{_q(one.index)})"))
        return found
    return [_Column(one.column, kind, f"c.{_q(one.column)}")]


def _guard(one: TargetField) -> str:
    """The row still holds what it was compared with."""
    was, column = f"c.{_q('was_' + one.name)}", f"t.{_q(one.column)}"
    if one.is_sealed:
        return f"encode(t.{_q(one.index)}, 'hex') IS NOT DISTINCT FROM {was}" if one.index else ""
    if one.refers is not None:
        return f"{column}::text IS NOT DISTINCT FROM {was}"
    if one.kind == "flag":
        return f"CASE WHEN {column} THEN 't' WHEN NOT {column} THEN 'f' END IS NOT DISTINCT FROM {was}"
    return f"nullif({column}::text, '') IS NOT DISTINCT FROM {was}"


def _changed(
    batch: pa.RecordBatch, altered: Sequence[TargetField], guards: Sequence[TargetField]
) -> pa.RecordBatch:
    arrays = [batch["place"].cast(pa.string()), batch["part"], batch["id"].cast(pa.string())]
    for one in altered:
        if one.refers is not None:
            kept = batch[f"p_{one.name}"]
            same = pc.fill_null(pc.equal(batch[f"f_{one.name}"], batch[f"o_{one.name}"]), False)
            fresh = (
                batch[f"r_{one.name}"].cast(pa.string()) if f"r_{one.name}" in batch.schema.names else kept
            )
            blank = pc.is_null(batch[f"f_{one.name}"])
            arrays.append(pc.if_else(blank, pa.scalar(None, pa.string()), pc.if_else(same, kept, fresh)))
        elif one.is_sealed:
            sealed = pa.array(
                [
                    None if text is None else "\\x" + ciphers.seal(text).hex()
                    for text in batch[f"f_{one.name}"].to_pylist()
                ],
                pa.string(),
            )
            arrays.append(sealed)
            if one.index:
                shown = pc.if_else(
                    pc.is_valid(batch[f"f_{one.name}"]), batch[f"d_{one.name}"], pa.scalar(None, pa.string())
                )
                arrays.append(_hex(shown))
        else:
            arrays += _cells(batch, one)
    arrays += [batch[f"{'p' if one.refers else 'o'}_{one.name}"] for one in guards]
    return pa.RecordBatch.from_arrays(arrays, [f"c{turn}" for turn in range(len(arrays))])


# Rows that left.


def _mark(result: Path, document: Document, target: Target, at: datetime) -> int:
    """Rows that the source deleted, told as having left; a deletion is never one here."""
    one = target.field(document.mark_field)
    value: str | date = at.date().isoformat() if document.mark_value == "today" else document.mark_value
    ids = [pk for batch in _fate(result, "removed") for pk in batch["id"].to_pylist()]
    marked = 0
    for start in range(0, len(ids), 10_000):
        marked += _execute(
            f"UPDATE {_q(target.table)} SET {_q(one.column)} = %s, updated_at = %s WHERE id = ANY(%s)",
            [value, at, ids[start : start + 10_000]],
        )
    return marked


def _execute(sql: str, parameters: Sequence[Any] | None = None) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return int(cursor.rowcount)


def _fetch(sql: str, parameters: Sequence[Any] | None = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
