"""Comparing a written SQLite table with what is there takes work in proportion to its rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pytest

from yanta.hub.exchange.connectors.base import Address
from yanta.hub.exchange.connectors.sqlite import SqliteConnector

STEPS = 1000


def spent(connector: SqliteConnector, rows: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """Thousands of steps of SQLite's machine for refreshing a table that already holds the same."""
    batch = pa.record_batch({"id": list(range(rows)), "name": [f"学生{n}" for n in range(rows)]})
    connector.write(f"people{rows}", [batch], key=["id"], mode="replace")
    counted = [0]
    native = SqliteConnector.native

    @contextmanager
    def counting(self: SqliteConnector, *, mode: str = "ro") -> Iterator[sqlite3.Connection]:
        with native(self, mode=mode) as line:
            line.set_progress_handler(lambda: counted.__setitem__(0, counted[0] + 1), STEPS)
            yield line

    with monkeypatch.context() as patched:
        patched.setattr(SqliteConnector, "native", counting)
        written = connector.write(f"people{rows}", [batch], key=["id"], mode="replace")
    assert (written.unchanged, written.new, written.changed, written.removed) == (rows, 0, 0, 0)
    return counted[0]


def test_ten_times_the_rows_cost_about_ten_times(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connector = SqliteConnector(Address("sqlite", {"path": str(tmp_path / "base.db")}))
    sqlite3.connect(tmp_path / "base.db").close()

    few, many = (spent(connector, rows, monkeypatch) for rows in (1_000, 10_000))

    assert 0 < many < 20 * few
