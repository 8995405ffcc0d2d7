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
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": environment.number("DATABASE_KEEP_SECONDS", 60),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
        **named,
    }


def address_of(entry: dict[str, Any]) -> str:
    """The way back: the libpq address of an entry of `DATABASES`, for tools that are not Django."""
    named = {key: entry[name] for key, name in _NAMES.items() if entry.get(name)}
    options = {key: value for key, value in entry.get("OPTIONS", {}).items() if isinstance(value, str)}
    return make_conninfo(**named, **options)


@contextmanager
def scratch_database(name: str) -> Iterator[str]:
    """The address of an empty database on the same server, dropped afterwards."""
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    with psycopg.connect(make_conninfo(address(), dbname="postgres"), autocommit=True) as connection:
        connection.execute(drop)
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        try:
            yield make_conninfo(address(), dbname=name)
        finally:
            connection.execute(drop)
