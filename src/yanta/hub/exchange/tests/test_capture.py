"""Capture from both logs: hand-over, order, restart, loss told."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from yanta.hub.exchange.connectors.base import Address, ChangeBatch, NoCapture, SnapshotNeeded
from yanta.hub.exchange.connectors.capture import Change, Gatherer, Position
from yanta.hub.exchange.connectors.databases import SqlConnector
from yanta.hub.exchange.connectors.mysql import MySqlConnector
from yanta.hub.exchange.connectors.postgres import PostgresConnector
from yanta.hub.exchange.connectors.postgres_log import Seen, release
from yanta.hub.exchange.tests import servers
from yanta.hub.exchange.tests.conftest import rows_of

Copy = dict[int, str]


@pytest.fixture(params=["postgresql", "mysql"])
def source(request: pytest.FixtureRequest) -> Any:
    """A server with a log, and its table `people`."""
    server = request.getfixturevalue("logging_postgres" if request.param == "postgresql" else "maria_server")
    if request.param == "postgresql":
        release_all(server)
        server.run("DROP TABLE IF EXISTS people", "CREATE TABLE people (id int PRIMARY KEY, name text)")
    else:
        server.run("DROP DATABASE legacy", "CREATE DATABASE legacy CHARACTER SET utf8mb4")
        run(server, "CREATE TABLE people (id int PRIMARY KEY, name varchar(40))")
    return server


def release_all(server: servers.PostgresServer) -> None:
    server.run(
        "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots",
        "DO $$ DECLARE p text; BEGIN FOR p IN SELECT pubname FROM pg_publication LOOP"
        " EXECUTE 'DROP PUBLICATION ' || p; END LOOP; END $$",
    )


def run(server: Any, *statements: str) -> None:
    if isinstance(server, servers.MariaServer):
        server.run(*statements, database="legacy")
    else:
        server.run(*statements)


def connector(server: Any) -> SqlConnector:
    return (
        MySqlConnector(server.address)
        if isinstance(server, servers.MariaServer)
        else PostgresConnector(server.address)
    )


def apply(copy: Copy, batches: Iterator[ChangeBatch], *, strict: bool = False) -> str:
    """Into a copy by key; strictly, every insertion must be new and every deletion known."""
    position = ""
    for batch in batches:
        for row in batch.rows.to_pylist():
            if row["_op"] == "d":
                gone = copy.pop(row["id"], None)
                assert gone is not None or not strict
            else:
                assert not (strict and row["_op"] == "i" and row["id"] in copy), f"{row} came twice"
                copy[row["id"]] = row["name"]
        position = batch.position
    return position


class TestHandOver:
    def test_the_snapshot_then_every_change_in_order(self, source: Any) -> None:
        run(source, "INSERT INTO people VALUES (1, '甲'), (2, '乙')")
        copy: Copy = {}
        position = apply(copy, connector(source).changes("people", position=None), strict=True)
        run(
            source,
            "INSERT INTO people VALUES (3, '丙')", "UPDATE people SET name = '甲二' WHERE id = 1",
            "UPDATE people SET id = 20 WHERE id = 2", "DELETE FROM people WHERE id = 3",
            "INSERT INTO people VALUES (3, '丙又来')",
        )  # fmt: skip

        apply(copy, connector(source).changes("people", position=position), strict=True)

        assert copy == {1: "甲二", 20: "乙", 3: "丙又来"}

    def test_nothing_is_lost_or_doubled_while_the_snapshot_is_taken(self, source: Any) -> None:
        run(source, "INSERT INTO people VALUES (1, '甲'), (2, '乙')")
        batches = connector(source).changes("people", position=None)
        first = next(batches)
        # Committed after the snapshot's moment, before the log is read.
        run(source, "INSERT INTO people VALUES (3, '丙')", "DELETE FROM people WHERE id = 1")
        copy: Copy = {}

        apply(copy, iter([first, *batches]), strict=True)

        assert first.phase == "snapshot"
        assert copy == {2: "乙", 3: "丙"}

    def test_an_empty_table_hands_over_too(self, source: Any) -> None:
        copy: Copy = {}
        position = apply(copy, connector(source).changes("people", position=None))
        run(source, "INSERT INTO people VALUES (1, '甲')")

        apply(copy, connector(source).changes("people", position=position), strict=True)

        assert copy == {1: "甲"}

    def test_a_position_not_stored_brings_the_same_again(self, source: Any) -> None:
        position = apply({}, connector(source).changes("people", position=None))
        run(source, "INSERT INTO people VALUES (1, '甲')")
        once, again = ({}, {})  # type: ignore[var-annotated]

        apply(once, connector(source).changes("people", position=position), strict=True)
        apply(again, connector(source).changes("people", position=position), strict=True)

        assert once == again == {1: "甲"}

    def test_other_tables_do_not_show_up_but_move_the_position(self, source: Any) -> None:
        position = apply({}, connector(source).changes("people", position=None))
        run(source, "CREATE TABLE other (id int PRIMARY KEY)", "INSERT INTO other VALUES (1)")

        batches = list(connector(source).changes("people", position=position))

        assert sum(batch.rows.num_rows for batch in batches) == 0
        assert batches[-1].position != position
        run(source, "DROP TABLE other")

    def test_a_large_transaction_is_cut_and_resumed_within(
        self, source: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        position = apply({}, connector(source).changes("people", position=None))
        values = ", ".join(f"({n}, 'n{n}')" for n in range(50))
        run(source, f"INSERT INTO people VALUES {values}")
        monkeypatch.setattr(Gatherer.__init__, "__kwdefaults__", {"size": 20})
        copy: Copy = {}
        first = next(connector(source).changes("people", position=position))
        apply(copy, iter([first]), strict=True)
        assert len(copy) == 20

        apply(copy, connector(source).changes("people", position=first.position), strict=True)

        assert copy == {n: f"n{n}" for n in range(50)}

    def test_a_snapshot_broken_off_is_taken_again_and_converges(
        self, source: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("yanta.hub.exchange.connectors.mysql_log.BATCH", 10)
        monkeypatch.setattr("yanta.hub.exchange.connectors.engine.BATCH", 10)
        values = ", ".join(f"({n}, 'n{n}')" for n in range(5000))
        run(source, f"INSERT INTO people VALUES {values}")
        copy: Copy = {}
        batches = connector(source).changes("people", position=None)
        position = apply(copy, iter([next(batches)]))
        batches.close()
        # What the broken snapshot has copied and the source then deletes must not stay in the copy.
        run(source, "DELETE FROM people WHERE id < 3", "UPDATE people SET name = '新' WHERE id = 4")

        apply(copy, connector(source).changes("people", position=position))

        assert 0 not in copy
        assert copy[4] == "新"
        assert len(copy) == 4997


class TestRestart:
    def test_a_reader_killed_at_random_moments_ends_with_the_same_copy(
        self, source: Any, tmp_path: Path
    ) -> None:
        """Rows and position go into one SQLite file in one transaction; the reader dies ten times."""
        run(
            source,
            "INSERT INTO people SELECT n, 'start' FROM (SELECT 1 AS n UNION SELECT 2 UNION SELECT 3) AS s",
        )
        chance = random.Random(7)
        for step in range(10):
            run(source, f"INSERT INTO people VALUES ({100 + step}, 'n{step}')",
                f"UPDATE people SET name = 'u{step}' WHERE id = {1 + step % 3}")  # fmt: skip
            if step % 4 == 3:
                run(source, f"DELETE FROM people WHERE id = {100 + step - 1}")
            process = follower(source, tmp_path / "copy.db")
            try:
                process.wait(chance.uniform(0.3, 1.6))
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()
        assert follower(source, tmp_path / "copy.db").wait(60) == 0

        ours = kept(tmp_path / "copy.db")

        assert ours == dict(rows_of(connector(source), "SELECT id, name FROM people"))

    def test_the_server_restarts(self, source: Any) -> None:
        copy: Copy = {}
        position = apply(copy, connector(source).changes("people", position=None))
        run(source, "INSERT INTO people VALUES (1, '甲')")
        source.stop("immediate") if isinstance(source, servers.PostgresServer) else source.stop(kill=True)
        source.start()
        run(source, "INSERT INTO people VALUES (2, '乙')")

        apply(copy, connector(source).changes("people", position=position), strict=True)

        assert copy == {1: "甲", 2: "乙"}


def follower(source: Any, base: Path) -> subprocess.Popen[bytes]:
    kind, where = source.address.kind, source.address.parameters
    program = (
        "import sys, json; from yanta.hub.exchange.tests.following import follow;"
        "follow(sys.argv[1], json.loads(sys.argv[2]), sys.argv[3])"
    )
    return subprocess.Popen(
        [sys.executable, "-c", program, kind, json.dumps(where), str(base)],
        env={**os.environ, "PYTHONPATH": "src"},
    )


def kept(base: Path) -> Copy:
    with sqlite3.connect(base) as line:
        return dict(line.execute("SELECT id, name FROM people").fetchall())


class TestLoss:
    def test_a_slot_that_is_gone_asks_for_a_snapshot(self, logging_postgres: servers.PostgresServer) -> None:
        release_all(logging_postgres)
        logging_postgres.run(
            "DROP TABLE IF EXISTS people", "CREATE TABLE people (id int PRIMARY KEY, name text)"
        )
        position = apply({}, connector(logging_postgres).changes("people", position=None))
        release(PostgresConnector(logging_postgres.address), "people")

        with pytest.raises(SnapshotNeeded, match=r"复制槽 .* 已不存在.*重新取一次快照"):
            list(connector(logging_postgres).changes("people", position=position))

    def test_a_binlog_that_was_purged_asks_for_a_snapshot(self, maria_server: servers.MariaServer) -> None:
        maria_server.run("DROP DATABASE legacy", "CREATE DATABASE legacy CHARACTER SET utf8mb4")
        run(maria_server, "CREATE TABLE people (id int PRIMARY KEY, name varchar(40))")
        position = apply({}, connector(maria_server).changes("people", position=None))
        file = Position.of(position).place.rpartition(":")[0]
        maria_server.run("FLUSH BINARY LOGS", "FLUSH BINARY LOGS")
        for _ in range(100):
            # A log that a reader's thread still holds is not purged yet.
            (*_, last) = logs = [row[0] for row in rows_of(connector(maria_server), "SHOW BINARY LOGS")]
            if file not in logs:
                break
            maria_server.run(f"PURGE BINARY LOGS TO '{last}'")
            time.sleep(0.1)

        with pytest.raises(SnapshotNeeded, match=r"已被源库清理.*重新取一次快照"):
            list(connector(maria_server).changes("people", position=position))

    def test_a_truncated_table_is_told(self, source: Any) -> None:
        run(source, "INSERT INTO people VALUES (1, '甲')")
        position = apply({}, connector(source).changes("people", position=None))
        run(source, "TRUNCATE TABLE people")

        with pytest.raises(SnapshotNeeded, match="清空"):
            list(connector(source).changes("people", position=position))

    def test_a_table_without_a_key_is_not_published(self, source: Any) -> None:
        run(source, "CREATE TABLE loose (id int)")

        with pytest.raises(NoCapture, match="没有主键"):
            next(connector(source).changes("loose", position=None))
        run(source, "UPDATE loose SET id = 1", "DROP TABLE loose")

    def test_a_server_without_such_a_log_says_what_to_set(self, postgres_address: Address) -> None:
        made = PostgresConnector(postgres_address)
        with made.native(autocommit=True) as line:
            if line.execute("SHOW wal_level").fetchone() == ("logical",):
                pytest.skip("this server decodes its log")
            line.execute("CREATE TABLE IF NOT EXISTS plain (id int PRIMARY KEY)")

        with pytest.raises(NoCapture, match="wal_level = logical"):
            next(made.changes("plain", position=None))

    def test_large_values_that_the_log_leaves_out_are_looked_up(
        self, logging_postgres: servers.PostgresServer
    ) -> None:
        release_all(logging_postgres)
        logging_postgres.run(
            "DROP TABLE IF EXISTS people", "CREATE TABLE people (id int PRIMARY KEY, name text, essay text)",
            "ALTER TABLE people ALTER essay SET STORAGE EXTERNAL", "INSERT INTO people VALUES (1, '甲', repeat('长', 5000))",
        )  # fmt: skip
        made = connector(logging_postgres)
        position = apply({}, made.changes("people", position=None))
        logging_postgres.run("UPDATE people SET name = '乙'")

        (batch, *_) = made.changes("people", position=position)

        (row,) = batch.rows.to_pylist()
        assert row["name"] == "乙"
        assert row["essay"] == "长" * 5000


class TestParts:
    def test_a_snapshot_knows_which_transactions_it_held(self) -> None:
        seen = Seen.of("100:110:103,105")

        assert [xid for xid in range(98, 113) if seen.holds(xid)] == [
            98,
            99,
            100,
            101,
            102,
            104,
            106,
            107,
            108,
            109,
        ]
        assert not Seen.of("").holds(5)

    def test_transaction_numbers_wrap_around(self) -> None:
        high = 1 << 32

        assert Seen.of(f"{high + 5}:{high + 10}:").holds(0xFFFFFFF0)
        assert not Seen.of(f"{high - 10}:{high - 5}:").holds(3)

    def test_a_position_survives_as_text(self) -> None:
        position = Position("0/1A", skip=3, seen="1:2:")

        assert Position.of(position.to_text()) == position

    def test_changes_handed_on_are_skipped_but_counted(self) -> None:
        gatherer = Gatherer(pa.schema([("id", pa.int64())]), Position("a", skip=2), size=10)
        for n in range(4):
            list(gatherer.add(Change("i", {"id": n})))
        gatherer.commit("b")

        (batch,) = gatherer.rest(gatherer.position)

        assert batch.rows.column("id").to_pylist() == [2, 3]
        assert Position.of(batch.position) == Position("b")
