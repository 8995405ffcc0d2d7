"""A million dirty person rows into a keyed table, against bare COPY of the very same final rows."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg

from yanta.hub.loading import Counts, Landing, generated, land

BLOCK = 1 << 18
SHAPE = """
    CREATE TABLE {name} (
        key varchar(60) PRIMARY KEY, digest bigint NOT NULL, run integer NOT NULL, name varchar(60) NOT NULL,
        sex varchar(1), birth_on date, id_type varchar(2), id_index bytea, ethnic varchar(2),
        political varchar(2), nationality varchar(3), native_place varchar(6), org_code varchar(20),
        entry_on date, email varchar(80), sealed bytea
    )
"""
REJECTS = "CREATE TABLE {name} (run integer, line bigint, reasons varchar(400), original bytea)"


def measure(step: Callable[[int, int, str], None]) -> dict[str, Any]:
    """What `yanta bench import` prints."""
    from yanta.hub.services import rosters

    step(0, 1, "一百万行底册")
    figures = run(address=rosters.address())
    step(1, 1, "完成")
    return figures


def run(rows: int = 1_000_000, *, address: str, repeats: int = 2) -> dict[str, Any]:
    """Seconds of the first import, of an identical one, of one with 5 % changed; and of COPY."""
    with TemporaryDirectory() as folder, psycopg.connect(address, autocommit=True) as connection:
        first, second = Path(folder, "first.csv"), Path(folder, "changed.csv")
        generated.write(first, rows=rows)
        generated.write(second, rows=rows, changed=0.05)
        into = Landing(address, table="bench_roster", rejects="bench_rejects")
        _fresh(connection)
        imports = [_first_import(connection, first, into) for _ in range(repeats)]
        counts = imports[-1][1]
        copies = _copies(connection, Path(folder), repeats)
        same, same_counts = _timed(lambda: land(first, into, run=2))
        changed, changed_counts = _timed(lambda: land(second, into, run=3))
        _drop(connection)
    seconds, copy_seconds = min(one[0] for one in imports), min(copies.values())
    return {
        "rows": rows,
        "import_seconds": round(seconds, 2),
        "copy_seconds": round(copy_seconds, 2),
        "ratio": round(seconds / copy_seconds, 2),
        "rows_per_second": round(rows / seconds),
        "copy_rows_per_second": round(counts.new / copy_seconds),
        "copy_by_format": {form: round(value, 2) for form, value in copies.items()},
        "unchanged_seconds": round(same, 2),
        "changed_seconds": round(changed, 2),
        "first": counts.as_dict(),
        "identical": same_counts.as_dict(),
        "changed": changed_counts.as_dict(),
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _fresh(connection: psycopg.Connection[Any]) -> None:
    _drop(connection)
    connection.execute(SHAPE.format(name="bench_roster"))
    connection.execute(SHAPE.format(name="bench_copy"))
    connection.execute(REJECTS.format(name="bench_rejects"))


def _drop(connection: psycopg.Connection[Any]) -> None:
    connection.execute("DROP TABLE IF EXISTS bench_roster, bench_copy, bench_rejects")


def _timed(work: Callable[[], Counts]) -> tuple[float, Counts]:
    started = time.perf_counter()
    counts = work()
    if not counts.adds_up:
        raise AssertionError(f"the receipt does not add up: {counts}")
    return time.perf_counter() - started, counts


def _first_import(connection: psycopg.Connection[Any], file: Path, into: Landing) -> tuple[float, Counts]:
    connection.execute("TRUNCATE bench_roster, bench_rejects")
    connection.execute("CHECKPOINT")
    return _timed(lambda: land(file, into, run=1))


def _copies(connection: psycopg.Connection[Any], folder: Path, repeats: int) -> dict[str, float]:
    """The quickest COPY of the same rows in each format; the quickest format is what the import is held to."""
    return {
        form: min(_copy(connection, folder, form) for _ in range(repeats))
        for form in ("text", "csv", "binary")
    }


def _copy(connection: psycopg.Connection[Any], folder: Path, form: str) -> float:
    file = folder / f"rows.{form}"
    cursor = connection.cursor()
    with cursor.copy(f"COPY bench_roster TO STDOUT (FORMAT {form})") as out, file.open("wb") as written:
        for block in out:
            written.write(block)
    connection.execute("TRUNCATE bench_copy")
    connection.execute("CHECKPOINT")
    started = time.perf_counter()
    with cursor.copy(f"COPY bench_copy FROM STDIN (FORMAT {form})") as into, file.open("rb") as read:
        while block := read.read(BLOCK):
            into.write(block)
    return time.perf_counter() - started
