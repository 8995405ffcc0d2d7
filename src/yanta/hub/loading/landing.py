"""One landing: read, clean, hold back, compare, write; everything or nothing, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import adbc_driver_postgresql.dbapi as adbc
import duckdb
import pyarrow as pa

from yanta.hub.loading import roster
from yanta.hub.loading.flow import Flow
from yanta.hub.loading.receipts import Counts, Landing
from yanta.kernel.base import ciphers

BATCH = 65_536
PART = 122_880  # one row group of the engine: a part is found without a scan
Finish = Callable[[Any, Counts], None]


def land(file: Path, into: Landing, *, run: int, finish: Finish | None = None) -> Counts:
    """Bring a delivered file into the table; `finish` writes the receipt in the same transaction."""
    with TemporaryDirectory(prefix="landing-") as folder, adbc.connect(into.address) as target:
        engine = _engine(Path(folder), into)
        _read(engine, file, into)
        _fetch_known(engine, target, into)
        flow = Flow(Path(folder), run=run)
        _insert(flow, engine, target, into)
        with target.cursor() as cursor:
            _update(flow, cursor, into)
            _hold_back(flow, engine, cursor, into)
            if finish is not None:
                finish(cursor, flow.counts)
        target.commit()
        engine.close()
    return flow.counts


# The engine's own threads serve one query badly when it streams; parts of the file in threads of ours do better.
def _engine(folder: Path, into: Landing) -> duckdb.DuckDBPyConnection:
    engine = duckdb.connect(folder / "work.duckdb", config={"memory_limit": into.memory, "threads": 1})
    engine.execute(f"SET temp_directory = '{folder}'")
    roster.prepare(engine)
    return engine


def _read(engine: duckdb.DuckDBPyConnection, file: Path, into: Landing) -> None:
    """The file as delivered, in its order, so that a row's place tells its line."""
    header = ", ".join(f"'{column}': 'VARCHAR'" for column in roster.DELIVERED)
    engine.execute(f"SET threads = {into.threads}")
    engine.execute(
        f"CREATE TABLE delivered AS SELECT * FROM read_csv(?, header = true, columns = {{{header}}})", [str(file)]
    )


def _fetch_known(engine: duckdb.DuckDBPyConnection, target: adbc.Connection, into: Landing) -> None:
    """Keys and digests of what the table holds already."""
    engine.execute("CREATE TABLE known (key VARCHAR, digest BIGINT)")
    with target.cursor() as cursor:
        cursor.execute(f"SELECT key, digest FROM {into.table}")
        reader = cursor.fetch_record_batch()  # noqa: F841  DuckDB finds it by its name
        engine.execute("INSERT INTO known SELECT * FROM reader")
    engine.execute(f"CREATE TABLE standing AS {roster.standing_query('delivered')}")
    engine.execute("SET threads = 1")


def _parts(engine: duckdb.DuckDBPyConnection) -> list[tuple[int, int]]:
    (rows,) = engine.execute("SELECT count(*) FROM delivered").fetchall()[0]
    return [(first, min(first + PART, rows) - 1) for first in range(0, rows, PART)]


def _insert(flow: Flow, engine: duckdb.DuckDBPyConnection, target: adbc.Connection, into: Landing) -> None:
    """Cleaning, sealing and COPY run at the same time, a few batches apart."""
    query = roster.classified_query("delivered", secret=ciphers.blind_index("roster digest").hex())

    def classified(part: tuple[int, int]) -> pa.Table:
        with engine.cursor() as cursor:
            return cursor.execute(query, {"first": part[0], "last": part[1]}).to_arrow_table()

    with target.cursor() as cursor, flow.reading(_parts(engine), classified, into.threads) as new:
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


def _hold_back(flow: Flow, engine: duckdb.DuckDBPyConnection, cursor: adbc.Cursor, into: Landing) -> None:
    rejected = flow.rejected.reader()
    if rejected is None:
        return
    engine.execute("CREATE TEMP TABLE rejected AS SELECT * FROM rejected")
    for sentence, number in engine.execute(
        "SELECT reason, count(*) FROM (SELECT unnest(string_split(reasons, '；')) AS reason FROM rejected) GROUP BY 1"
    ).fetchall():
        flow.counts.reasons[sentence] = number
    cells = ", ".join(f"coalesce(d.{column}, '')" for column in roster.DELIVERED)
    originals = engine.execute(
        f"SELECT r.line, r.reasons, concat_ws('\x1f', {cells}) AS secret "
        "FROM rejected r JOIN delivered d ON d.rowid = r.line - 2"
    ).to_arrow_reader(BATCH)
    cursor.adbc_ingest(into.rejects, flow.originals(originals), mode="append")
