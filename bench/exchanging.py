"""Half a million rows out of PostgreSQL, MariaDB, SQLite and CSV, as Arrow, beside the databases' own drivers."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from yanta.hub.exchange.connectors import engine
from yanta.hub.exchange.connectors.base import Address, Connector
from yanta.hub.exchange.connectors.files import FileConnector
from yanta.hub.exchange.connectors.mysql import MySqlConnector
from yanta.hub.exchange.connectors.postgres import PostgresConnector
from yanta.hub.exchange.connectors.sqlite import SqliteConnector
from yanta.hub.exchange.tests import servers

ROWS = 500_000
MADE = """
    SELECT i AS id, '2023' || lpad(i::varchar, 8, '0') AS number, '学生' || i AS name,
           DATE '2000-01-01' + (i % 3000)::int AS born, (i * 0.37)::decimal(12, 2) AS score,
           TIMESTAMP '2026-01-01' + to_seconds(i) AS changed_at, i % 4 AS level
    FROM range({rows}) t(i)
"""
KINDS: dict[str, Callable[[Address], Any]] = {
    "postgresql": PostgresConnector, "mysql": MySqlConnector, "sqlite": SqliteConnector, "file": FileConnector,
}  # fmt: skip


def run(rows: int = ROWS, *, address: str) -> dict[str, Any]:
    """Rows a second and the peak memory of the reading process, each source in a process of its own."""
    with TemporaryDirectory() as folder, ExitStack() as stack:
        places = _places(Path(folder), address, stack)
        figures: dict[str, Any] = {"rows": rows}
        for name, place in places.items():
            table = _fill(place, rows, Path(folder))
            figures[name] = {
                "read": _measured(place, table, "connector"),
                "write": place_written(place, rows),
            }
            if name != "csv":
                figures[name]["driver"] = _measured(place, table, "driver")
        with psycopg.connect(address, autocommit=True) as line:
            line.execute("DROP TABLE IF EXISTS bench_people, bench_copy")
    return figures


def _places(folder: Path, address: str, stack: ExitStack) -> dict[str, Address]:
    given = {k: str(v) for k, v in conninfo_to_dict(address).items() if v is not None}
    reach = {"host": given.get("host", ""), "port": given.get("port", ""), "user": given.get("user", "")}
    places = {
        "postgresql": Address(
            "postgresql", {**reach, "database": given["dbname"]}, {"password": given.get("password", "")}
        ),
        "sqlite": Address("sqlite", {"path": str(folder / "bench.db")}),
        "csv": Address("file", {"path": str(folder)}),
    }
    sqlite3.connect(folder / "bench.db").close()
    if servers.has_maria():
        places["mariadb"] = stack.enter_context(servers.maria()).address
    return places


def _batches(rows: int) -> Iterator[Any]:
    base = engine.engine()
    yield from base.execute(MADE.format(rows=rows)).to_arrow_reader(20_000)


def _fill(place: Address, rows: int, folder: Path) -> str:
    if place.kind == "file":
        engine.engine().execute(
            f"COPY ({MADE.format(rows=rows)}) TO '{folder / 'bench_people.csv'}' (HEADER)"
        )
        return "bench_people.csv"
    KINDS[place.kind](place).write("bench_people", _batches(rows), key=["id"], mode="replace")
    return "bench_people"


def place_written(place: Address, rows: int) -> int:
    """Rows a second of a full refresh into a table that holds the same already: loaded beside, compared, swapped in."""
    table = "bench_copy.csv" if place.kind == "file" else "bench_copy"
    connector: Connector = KINDS[place.kind](place)
    some = rows // 5
    connector.write(table, _batches(some), key=["id"], mode="replace")
    start = time.perf_counter()
    connector.write(table, _batches(some), key=["id"], mode="replace")
    return round(some / (time.perf_counter() - start))


def _measured(place: Address, table: str, how: str) -> dict[str, int]:
    told = json.dumps([place.kind, place.parameters, place.secrets, table, how])
    words = [sys.executable, __file__, told]
    best = max(
        (
            json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)
            for _ in range(2)
        ),
        key=lambda found: found["rows_per_second"],
    )
    return dict(best)


def _read(
    kind: str, parameters: dict[str, str], secrets: dict[str, str], table: str, how: str
) -> dict[str, int]:
    connector = KINDS[kind](Address(kind, parameters, secrets))
    start = time.perf_counter()
    count = (
        sum(b.num_rows for b in connector.read(table).batches)
        if how == "connector"
        else _by_driver(connector, table)
    )
    seconds = time.perf_counter() - start
    return {"rows_per_second": round(count / seconds), "peak_mb": _peak_mb()}


def _peak_mb() -> int:
    """Of this program alone: ru_maxrss would begin with what its parent held."""
    told = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(told["VmHWM"].split()[0]) // 1024


def _by_driver(connector: Any, table: str) -> int:
    """As a program without Arrow would: a cursor on the server's side, ten thousand rows at a time."""
    from pymysql.cursors import SSCursor

    count = 0
    with connector.native() as line:
        cursor = {
            "PostgresConnector": lambda: line.cursor("bench"),
            "MySqlConnector": lambda: line.cursor(SSCursor),
            "SqliteConnector": line.cursor,
        }[type(connector).__name__]()
        cursor.execute(f"SELECT * FROM {table}")
        while rows := cursor.fetchmany(10_000):
            count += len(rows)
    return count


if __name__ == "__main__":
    print(json.dumps(_read(*json.loads(sys.argv[1]))))
