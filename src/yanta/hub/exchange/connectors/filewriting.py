"""Files as targets: written beside under another name, counted, then put in place at once."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pyarrow as pa
import xlsxwriter

from yanta.hub.exchange.connectors import engine
from yanta.hub.exchange.connectors.base import BATCH, Mode, Reading, Written
from yanta.hub.exchange.connectors.sheets import FileOptions, batches_of, schema_of, sheets_of
from yanta.hub.intake.grids import cell_text
from yanta.kernel.base import Refused

SHEET_ROWS = 1_048_575
_AS_IT_IS = FileOptions(header="first")


def write(path: Path, batches: Iterable[pa.RecordBatch], *, key: Sequence[str], mode: Mode) -> Written:
    """A .csv or .xlsx of text. The old file stays until the new one is complete and counted."""
    if path.suffix.lower() not in (".csv", ".xlsx"):
        raise Refused("只能写 .csv 或 .xlsx 文件")
    if mode == "upsert" and not key:
        raise Refused("按主键更新须说明主键列")
    draft = path.with_name(f".{path.name}.part")
    with TemporaryDirectory(prefix="exchange-") as folder:
        base = engine.engine(folder=Path(folder))
        try:
            read = _load(base, "coming", batches)
            _load(base, "present", _present(path))
            names = _merge(base, key=key, mode=mode)
            count = _only(base, "SELECT count(*) FROM merged")
            _draft(base, draft, names)
            if (landed := _lines(draft)) != count:
                raise Refused(f"应写 {count} 行，文件里是 {landed} 行，不相符；原文件未动")
            os.replace(draft, path)
            return _counts(base, read, key=key, mode=mode)
        finally:
            base.close()
            draft.unlink(missing_ok=True)


def _present(path: Path) -> Iterator[pa.RecordBatch]:
    if not path.exists():
        return
    sheet = sheets_of(path, _AS_IT_IS)[0]
    yield pa.RecordBatch.from_pylist([], schema=schema_of(sheet.labels))
    yield from batches_of(sheet, sheet.labels, Reading(schema_of(sheet.labels), iter(())))


def _load(base: duckdb.DuckDBPyConnection, name: str, batches: Iterable[pa.RecordBatch]) -> int:
    """All cells as the text that the file will hold."""
    found = iter(batches)
    first = next(found, None)
    if first is None:
        base.execute(f"CREATE TABLE {name} (nothing VARCHAR)")
        return 0
    base.execute(
        f"CREATE TABLE {name} ({', '.join(f'{engine.quoted_one(n)} VARCHAR' for n in first.schema.names)})"
    )
    batch: pa.RecordBatch | None = first
    while batch is not None:
        texts = pa.record_batch(
            [
                pa.array([cell_text(value) for value in column.to_pylist()], pa.string())
                for column in batch.columns
            ],
            names=batch.schema.names,
        )
        base.register("batch", texts)
        base.execute(f"INSERT INTO {name} BY NAME SELECT * FROM batch")
        batch = next(found, None)
    return int(_only(base, f"SELECT count(*) FROM {name}"))


def _only(base: duckdb.DuckDBPyConnection, statement: str) -> int:
    row = base.execute(statement).fetchone()
    return int(row[0]) if row else 0


def _columns(base: duckdb.DuckDBPyConnection, name: str) -> list[str]:
    found = [str(row[0]) for row in base.execute(f"SELECT column_name FROM (DESCRIBE {name})").fetchall()]
    return [column for column in found if column != "nothing"]


def _merge(base: duckdb.DuckDBPyConnection, *, key: Sequence[str], mode: Mode) -> list[str]:
    """What the file is to hold, and in which columns."""
    coming, present = _columns(base, "coming"), _columns(base, "present")
    _check_key(base, coming, key)
    if mode == "replace" or not present:
        base.execute("CREATE VIEW merged AS SELECT * FROM coming")
        return coming or present
    if coming and set(coming) != set(present):
        raise Refused(f"文件的列（{'、'.join(present)}）与送来的列（{'、'.join(coming)}）不同，不能合并写入")
    match = " AND ".join(f"p.{engine.quoted_one(k)} = c.{engine.quoted_one(k)}" for k in key)
    kept = (
        f"WHERE NOT EXISTS (SELECT 1 FROM coming AS c WHERE {match})" if mode == "upsert" and coming else ""
    )
    joined = "UNION ALL BY NAME SELECT * FROM coming" if coming else ""
    base.execute(f"CREATE VIEW merged AS SELECT * FROM present AS p {kept} {joined}")
    return present


def _check_key(base: duckdb.DuckDBPyConnection, coming: Sequence[str], key: Sequence[str]) -> None:
    if not key or not coming:
        return
    if missing := [name for name in key if name not in coming]:
        raise Refused(f"主键列“{'、'.join(missing)}”不在送来的数据里")
    listed = ", ".join(map(engine.quoted_one, key))
    if _only(base, f"SELECT count(*) FROM (SELECT 1 FROM coming GROUP BY {listed} HAVING count(*) > 1)"):
        raise Refused(f"主键（{'、'.join(key)}）有重复；原文件未动")


def _draft(base: duckdb.DuckDBPyConnection, draft: Path, names: Sequence[str]) -> None:
    listed = ", ".join(map(engine.quoted_one, names)) or "NULL"
    if draft.name.endswith(".csv.part"):
        # A mark at the start tells spreadsheets that this is UTF-8.
        body = draft.with_suffix(".body")
        base.execute(
            f"COPY (SELECT {listed} FROM merged) TO {engine.literal(str(body))} (FORMAT csv, HEADER, FORCE_QUOTE *)"
        )
        with draft.open("wb") as out, body.open("rb") as made:
            out.write(b"\xef\xbb\xbf")
            while block := made.read(1 << 20):
                out.write(block)
            out.flush()
            os.fsync(out.fileno())
        body.unlink()
        return
    _workbook(base, draft, names, listed)


def _workbook(base: duckdb.DuckDBPyConnection, draft: Path, names: Sequence[str], listed: str) -> None:
    if _only(base, "SELECT count(*) FROM merged") > SHEET_ROWS:
        raise Refused(f"一张工作表最多 {SHEET_ROWS} 行，请改写 CSV")
    book = xlsxwriter.Workbook(
        str(draft), {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet("数据")
    sheet.write_row(0, 0, names)
    rows = base.execute(f"SELECT {listed} FROM merged")
    number = 1
    while chunk := rows.fetchmany(BATCH):
        for row in chunk:
            for place, cell in enumerate(row):
                if cell is not None:
                    sheet.write_string(number, place, cell)
            number += 1
    book.close()


def _lines(draft: Path) -> int:
    sheet = sheets_of(draft, _AS_IT_IS)[0]
    return sum(1 for number, _ in sheet.grid.lines() if number > sheet.first)


def _counts(base: duckdb.DuckDBPyConnection, read: int, *, key: Sequence[str], mode: Mode) -> Written:
    before = _only(base, "SELECT count(*) FROM present")
    if mode == "append" or not key or not read:
        return Written(read, new=read, removed=before if mode == "replace" else 0)
    present = _columns(base, "present")
    if not present or set(present) != set(_columns(base, "coming")):
        return Written(read, new=read, removed=before if mode == "replace" else 0)
    match = " AND ".join(f"p.{engine.quoted_one(k)} = c.{engine.quoted_one(k)}" for k in key)
    same = " AND ".join(
        f"p.{engine.quoted_one(n)} IS NOT DISTINCT FROM c.{engine.quoted_one(n)}" for n in present
    )
    known = _only(base, f"SELECT count(*) FROM coming c SEMI JOIN present p ON {match}")
    unchanged = _only(base, f"SELECT count(*) FROM coming c SEMI JOIN present p ON {match} AND {same}")
    gone = (
        _only(base, f"SELECT count(*) FROM present p ANTI JOIN coming c ON {match}")
        if mode == "replace"
        else 0
    )
    return Written(read, new=read - known, changed=known - unchanged, unchanged=unchanged, removed=gone)
