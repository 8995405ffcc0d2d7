"""After a test that commits: the database as it was before all tests, in milliseconds.

Django's own way, TRUNCATE of every table, makes new files for thousands of tables and indexes, and loses what the
migrations wrote. Here rows are deleted where there can be any, with triggers and foreign keys at rest: the tests' role
is a superuser, as the private cluster's is.
"""

from __future__ import annotations

from functools import cache

from django.db import connection, transaction

# A table without a page holds no row.
_TABLES = """
    SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND n.nspname = 'public' AND pg_relation_size(c.oid) > 0"""


@cache
def remembered() -> dict[str, bytes]:
    """What the migrations wrote, by table; to be asked for before the first test commits."""
    with transaction.atomic():
        return {table: rows for table in _tables() if (rows := _rows(table))}


def put_back() -> None:
    """Every table as it is remembered."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        kept = {table: rows for table, rows in remembered().items() if _rows(table) == rows}
        changed = set(_tables()) - kept.keys()
        cursor.execute(";".join(f"DELETE FROM {table}" for table in changed))
        for table in changed & remembered().keys():
            with cursor.copy(f"COPY {table} FROM STDIN") as copy:
                copy.write(remembered()[table])


def _tables() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
        return [name for (name,) in cursor.fetchall()]


def _rows(table: str) -> bytes:
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} TO STDOUT") as copy:
        return b"".join(copy)
