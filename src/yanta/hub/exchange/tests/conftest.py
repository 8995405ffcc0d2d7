"""Connectors to the databases at hand, each with a place of its own that is cleared away."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings

from yanta.hub.exchange.connectors.base import Address
from yanta.hub.exchange.connectors.databases import SqlConnector
from yanta.hub.exchange.connectors.mysql import MySqlConnector
from yanta.hub.exchange.connectors.postgres import PostgresConnector
from yanta.hub.exchange.connectors.sqlite import SqliteConnector
from yanta.hub.exchange.tests import servers

PLACE = f"yanta_exchange_{os.getpid()}"


def _postgres_parameters() -> dict[str, str]:
    given = settings.DATABASES["default"]
    host = given["HOST"] or "127.0.0.1"
    return {"host": host, "port": str(given["PORT"] or 5432), "user": given["USER"], "database": PLACE}


@pytest.fixture(scope="session")
def postgres_address() -> Iterator[Address]:
    """A database of its own on the server that the tests use anyway."""
    reach, password = _postgres_parameters(), settings.DATABASES["default"]["PASSWORD"] or ""
    where = {**reach, "password": password, "dbname": "postgres"}
    del where["database"]
    with psycopg.connect(**where, autocommit=True) as line:
        line.execute(f"DROP DATABASE IF EXISTS {PLACE}")
        line.execute(f"CREATE DATABASE {PLACE}")
    yield Address("postgresql", reach, {"password": password})
    with psycopg.connect(**where, autocommit=True) as line:
        line.execute(f"DROP DATABASE {PLACE} WITH (FORCE)")


@pytest.fixture(scope="session")
def maria_server() -> Iterator[servers.MariaServer]:
    if not servers.has_maria():
        pytest.skip("mariadbd and mariadb-install-db are not installed")
    with servers.maria() as server:
        yield server


@pytest.fixture(scope="session")
def logging_postgres() -> Iterator[servers.PostgresServer]:
    if servers.postgres_binaries() is None:
        pytest.skip("no PostgreSQL server binaries under /usr/lib/postgresql")
    with servers.postgres() as server:
        yield server


@pytest.fixture(params=["postgresql", "mysql", "sqlite"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlConnector]:
    """Each of the three databases in turn, empty."""
    made: SqlConnector
    if request.param == "postgresql":
        made = PostgresConnector(request.getfixturevalue("postgres_address"))
        run(made, "DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
    elif request.param == "mysql":
        server = request.getfixturevalue("maria_server")
        server.run("DROP DATABASE legacy", "CREATE DATABASE legacy CHARACTER SET utf8mb4")
        made = MySqlConnector(server.address)
    else:
        sqlite3.connect(tmp_path / "legacy.db").close()
        made = SqliteConnector(Address("sqlite", {"path": str(tmp_path / "legacy.db")}))
    yield made
    made.close()


def run(connector: SqlConnector, *statements: str) -> None:
    """Commands, each committed."""
    if isinstance(connector, SqliteConnector):
        with closing(sqlite3.connect(connector.path)) as line:
            for statement in statements:
                line.execute(statement)
            line.commit()
        return
    with connector.native() as line:
        line.autocommit = True if isinstance(line, psycopg.Connection) else line.autocommit
        cursor: Any = line.cursor()
        for statement in statements:
            cursor.execute(statement)


def rows_of(connector: SqlConnector, statement: str) -> list[tuple[Any, ...]]:
    if isinstance(connector, SqliteConnector):
        with closing(sqlite3.connect(connector.path)) as line:
            return line.execute(statement).fetchall()
    with connector.native() as line:
        cursor: Any = line.cursor()
        cursor.execute(statement)
        return [tuple(row) for row in cursor.fetchall()]
