"""A reader for the test that kills it: rows and position into one file, in one transaction."""

from __future__ import annotations

import sqlite3

from yanta.hub.exchange.connectors.base import Address, ChangeBatch
from yanta.hub.exchange.connectors.mysql import MySqlConnector
from yanta.hub.exchange.connectors.postgres import PostgresConnector


def follow(kind: str, parameters: dict[str, str], base: str) -> None:
    made = {"postgresql": PostgresConnector, "mysql": MySqlConnector}[kind](Address(kind, parameters))
    with sqlite3.connect(base, isolation_level=None) as line:
        line.execute("CREATE TABLE IF NOT EXISTS people (id INTEGER PRIMARY KEY, name TEXT)")
        line.execute("CREATE TABLE IF NOT EXISTS place (position TEXT)")
        row = line.execute("SELECT position FROM place").fetchone()
        for batch in made.changes("people", position=row[0] if row else None):
            _keep(line, batch)


def _keep(line: sqlite3.Connection, batch: ChangeBatch) -> None:
    line.execute("BEGIN IMMEDIATE")
    for row in batch.rows.to_pylist():
        line.execute("DELETE FROM people WHERE id = ?", [row["id"]])
        if row["_op"] != "d":
            line.execute("INSERT INTO people VALUES (?, ?)", [row["id"], row["name"]])
    line.execute("DELETE FROM place")
    line.execute("INSERT INTO place VALUES (?)", [batch.position])
    line.execute("COMMIT")
