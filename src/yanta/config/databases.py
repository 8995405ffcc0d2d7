"""From a database address to Django's way of writing it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from yanta.config import cluster, environment

_NAMES = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}


def address() -> str:
    """Where the data are: the database the environment names, else the private cluster's."""
    return environment.text("DATABASE_URL") or cluster.address()


def settings_for(libpq: str) -> dict[str, Any]:
    """One entry of `DATABASES` for a libpq address (URL or key=value)."""
    parts = conninfo_to_dict(libpq)
    named = {_NAMES[key]: str(value) for key, value in parts.items() if key in _NAMES}
    options = {key: value for key, value in parts.items() if key not in _NAMES}
    return {
        "ENGINE": "yanta.kernel.base.postgresql",
        "CONN_MAX_AGE": environment.number("DATABASE_KEEP_SECONDS", 60),
        "CONN_HEALTH_CHECKS": True,
        # Only what `kernel.base.fixed` asks is prepared; with none at all the driver would refuse to prepare.
        "OPTIONS": {"prepare_threshold": 5, **options},
        **named,
    }


def address_of(entry: dict[str, Any]) -> str:
    """The way back: the libpq address of an entry of `DATABASES`, for tools that are not Django."""
    named = {key: entry[name] for key, name in _NAMES.items() if entry.get(name)}
    options = {key: value for key, value in entry.get("OPTIONS", {}).items() if isinstance(value, str)}
    return make_conninfo(**named, **options)


@contextmanager
def scratch_database(name: str, *, template: str = "template0") -> Iterator[str]:
    """The address of a database on the same server, empty or a copy of one that nobody uses; dropped afterwards."""
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    with psycopg.connect(make_conninfo(address(), dbname="postgres"), autocommit=True) as connection:
        connection.execute(drop)
        made = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
            sql.Identifier(name), sql.Identifier(template)
        )
        connection.execute(made)
        try:
            yield make_conninfo(address(), dbname=name)
        finally:
            connection.execute(drop)
