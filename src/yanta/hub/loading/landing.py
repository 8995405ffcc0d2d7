"""One landing: read, clean, hold back, compare, write; everything or nothing, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import adbc_driver_postgresql.dbapi as adbc
import duckdb
import pyarrow as pa
from pyarrow import csv

from yanta.hub.loading import roster
from yanta.hub.loading.flow import Flow, Part, parts_of
from yanta.hub.loading.receipts import Counts, Landing
from yanta.kernel.base import ciphers

BLOCK = 4 * 1024 * 1024  # the reader runs 32 blocks ahead: memory, not speed, sets the size
Finish = Callable[[Any, Counts], None]


def land(file: Path, into: Landing, *, run: int, finish: Finish | None = None) -> Counts:
    """Bring a delivered file into the table; `finish` writes the receipt in the same transaction."""
    with TemporaryDirectory(prefix="landing-") as folder, adbc.connect(into.address) as target:
        engine = _engine(Path(folder), into)
        _look_ahead(engine, file, target, into)
        flow = Flow(Path(folder), run=run)
        _insert(flow, engine, file, target, into)
        with target.cursor() as cursor:
            _update(flow, cursor, into)
            _hold_back(flow, cursor, into)
            if finish is not None:
                finish(cursor, flow.counts)
        target.commit()
        engine.close()
    return flow.counts


# The engine's own threads serve one query badly when it streams; parts of the file in threads of ours do better.
def _engine(folder: Path, into: Landing) -> duckdb.DuckDBPyConnection:
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": into.memory,
        "threads": into.threads,
        "temp_directory": str(folder),
    }
    engine = duckdb.connect(config=config)
    roster.prepare(engine)
    return engine


def _opened(file: Path, columns: Sequence[str]) -> csv.CSVStreamingReader:
    """The file in blocks, every cell as the text that was delivered."""
    return csv.open_csv(
        file,
        read_options=csv.ReadOptions(block_size=BLOCK),
        parse_options=csv.ParseOptions(newlines_in_values=True),
        convert_options=csv.ConvertOptions(
            include_columns=list(columns),
            column_types=dict.fromkeys(columns, pa.string()),
            strings_can_be_null=False,
        ),
    )


def _look_ahead(
    engine: duckdb.DuckDBPyConnection, file: Path, target: adbc.Connection, into: Landing
) -> None:
    """Which keys the table holds already, which stand twice in the file: known before the first row is written."""
    keys = _opened(file, ["key"])
    engine.register("keys", pa.RecordBatchReader.from_batches(keys.schema, keys))
    engine.execute("CREATE TABLE keyed AS SELECT row_number() OVER () - 1 AS place, key FROM keys")
    engine.execute("CREATE TABLE known (key VARCHAR, digest BIGINT)")
    with target.cursor() as cursor:
        cursor.execute(f"SELECT key, digest FROM {into.table}")
        engine.register("held", cursor.fetch_record_batch())
        engine.execute("INSERT INTO known SELECT * FROM held")
    engine.execute("SET preserve_insertion_order = false")
    engine.execute(f"CREATE TABLE repeated AS {roster.repeated_query('keyed')}")
    engine.execute(f"CREATE TABLE standing AS {roster.standing_query('keyed')}")
    engine.execute("DROP TABLE keyed; DROP TABLE known; DROP TABLE repeated; SET threads = 1")


def _insert(
    flow: Flow, engine: duckdb.DuckDBPyConnection, file: Path, target: adbc.Connection, into: Landing
) -> None:  # fmt: skip
    """Reading, cleaning, sealing and COPY run at the same time, a few batches apart."""
    query = roster.classified_query("part", secret=ciphers.blind_index("roster digest").hex())

    spellings = roster.spellings()

    def classified(part: Part) -> pa.Table:
        with engine.cursor() as cursor:
            cursor.register("part", part.cleaned(spellings))
            return cursor.execute(query, {"first": part.first, "last": part.last}).to_arrow_table()

    parts = parts_of(_opened(file, roster.DELIVERED))
    with target.cursor() as cursor, flow.reading(parts, classified, into.threads) as new:
        if new is not None:
            cursor.adbc_ingest(into.table, new, mode="append")


def _update(flow: Flow, cursor: adbc.Cursor, into: Landing) -> None:
    changed = flow.changed.reader()
    if changed is None:
        return
    cursor.adbc_ingest("landing_changed", changed, mode="create", temporary=True)
    assignments = ", ".join(f"{name} = c.{name}" for name in roster.KEPT if name != "key")
    cursor.execute(f"UPDATE {into.table} t SET {assignments} FROM landing_changed c WHERE t.key = c.key")
    cursor.execute("DROP TABLE landing_changed")


def _hold_back(flow: Flow, cursor: adbc.Cursor, into: Landing) -> None:
    rejected = flow.rejected.reader()
    if rejected is not None:
        cursor.adbc_ingest(into.rejects, rejected, mode="append")
