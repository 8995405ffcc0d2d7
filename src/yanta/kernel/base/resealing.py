"""Sealing stored values anew under the present generation of the data key, batch by batch.

Each batch is one transaction, and a value says itself under which generation it stands: whoever is killed goes on
where it stopped by starting again. Nothing becomes unreadable in between, for old generations are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pgtrigger
from django.apps import apps
from django.db import connection, models, transaction

from yanta.kernel.base import ciphers, datakeys
from yanta.kernel.base.fields import BlindIndexField

BATCH = 5000
Report = Callable[[int, int, str], None]
Place = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Column:
    """A column that may hold sealed values: a sealed field, or bytes that a package sealed by itself."""

    table: str
    name: str

    def __str__(self) -> str:
        return f"{self.table}.{self.name}"


@dataclass(frozen=True, slots=True)
class Counted:
    """How many values now stand under the present generation, and how many could not be read."""

    resealed: int
    unreadable: int


def columns() -> Iterator[Column]:
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and not model._meta.proxy:
            yield from (
                Column(model._meta.db_table, str(field.column))
                for field in model._meta.local_concrete_fields
                if isinstance(field, models.BinaryField) and not isinstance(field, BlindIndexField)
            )


def _silent(done: int, total: int, text: str) -> None:
    """Nobody watches."""


def reseal(progress: Report = _silent) -> Counted:
    """Every value of an earlier generation; histories too, and without writing history."""
    resealed = unreadable = 0
    found = list(columns())
    for done, column in enumerate(found, start=1):
        one = _reseal_column(column)
        resealed, unreadable = resealed + one.resealed, unreadable + one.unreadable
        progress(done, len(found), str(column))
    return Counted(resealed, unreadable)


def waiting() -> int:
    """How many values still stand under an earlier generation."""
    total = 0
    for column in columns():
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT count(*) FROM "{column.table}" WHERE {_earlier(column)}', _limits())
            total += cursor.fetchone()[0]
    return total


def _earlier(column: Column) -> str:
    """Looks like a seal of another generation; whether it is one, the seal's own tag tells when it is opened."""
    head = f'get_byte("{column.name}", 0)'
    return (
        f'length("{column.name}") >= {ciphers.SHORTEST_SEAL} AND {head} < %s AND {head} >= {datakeys.FIRST}'
        f' AND get_byte("{column.name}", 1) IN ({ciphers.AES}, {ciphers.SM4})'
    )


def _limits() -> list[int]:
    return [datakeys.current()]


def _reseal_column(column: Column) -> Counted:
    resealed = unreadable = 0
    after: Place = (0, "(0,0)")
    while True:
        with transaction.atomic(), pgtrigger.ignore():
            rows = _next(column, after)
            fresh = [(place, seal) for place, seal in ((place, _anew(old)) for place, old in rows) if seal]
            _store(column, fresh)
        resealed, unreadable = resealed + len(fresh), unreadable + len(rows) - len(fresh)
        if len(rows) < BATCH:
            return Counted(resealed, unreadable)
        after = rows[-1][0]


def _next(column: Column, after: Place) -> list[tuple[Place, bytes]]:
    """Rows by where they lie, for not every table has a key of one column; they are locked, so they stay there.

    What is read gets names of its own: an ORDER BY prefers an output column, and as text (0,10) comes before (0,9).
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT tableoid::int8 AS of_table, ctid::text AS place, "{column.name}" FROM "{column.table}"'
            f" WHERE {_earlier(column)} AND (tableoid, ctid) > (%s::oid, %s::tid)"
            f" ORDER BY tableoid, ctid LIMIT {BATCH} FOR NO KEY UPDATE",
            [*_limits(), *after],
        )
        return [((table, place), bytes(value)) for table, place, value in cursor.fetchall()]


def _anew(old: bytes) -> bytes | None:
    """Bytes that happen to begin like a seal are no seal: their tag does not fit."""
    try:
        return ciphers.seal(ciphers.unseal(old))
    except ciphers.UnreadableError:
        return None


def _store(column: Column, fresh: list[tuple[Place, bytes]]) -> None:
    if not fresh:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            f'UPDATE "{column.table}" AS kept SET "{column.name}" = fresh.seal'
            " FROM unnest(%s::oid[], %s::text[]::tid[], %s::bytea[]) AS fresh(of_table, place, seal)"
            " WHERE kept.tableoid = fresh.of_table AND kept.ctid = fresh.place",
            [
                [table for (table, _), _ in fresh],
                [place for (_, place), _ in fresh],
                [seal for _, seal in fresh],
            ],
        )
