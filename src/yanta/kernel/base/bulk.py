"""Loading many rows at once: COPY, with the same sealing and stamps as saving one by one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models
from django.utils import timezone

from yanta.kernel.base import ciphers
from yanta.kernel.base.fields import SealedField

ROWS_AT_ONCE = 10_000


def new_ids(model: type[models.Model], count: int) -> list[int]:
    """So many fresh keys, for rows that refer to each other before they are loaded."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        return [key for (key,) in cursor.fetchall()]


def _sealed(
    model: type[models.Model], names: Sequence[str], rows: list[list[Any]]
) -> tuple[list[str], list[list[Any]]]:
    """Sealed columns encrypted, their blind indexes added."""
    columns = list(names)
    for position, name in enumerate(names):
        field = model._meta.get_field(name)
        if not isinstance(field, SealedField):
            continue
        texts = [row[position] for row in rows]
        sealed = iter(ciphers.seal_many([text for text in texts if text]))
        digests = iter(ciphers.blind_index_many([text for text in texts if text]))
        for row, text in zip(rows, texts, strict=True):
            row[position] = next(sealed) if text else None
            if field.indexed:
                row.append(next(digests) if text else None)
        columns += [field.index_name] if field.indexed else []
    return columns, rows


def copy_in(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Load rows given as sequences in the order of `names` (attribute names); answers how many.

    Triggers run, so history is kept; signals do not, so search entries are made by a reindex afterwards.
    """
    written, batch = 0, []
    for row in rows:
        batch.append(list(row))
        if len(batch) == ROWS_AT_ONCE:
            written += _copy(model, names, batch)
            batch = []
    return written + (_copy(model, names, batch) if batch else 0)


def _copy(model: type[models.Model], names: Sequence[str], rows: list[list[Any]]) -> int:
    attributes, rows = _sealed(model, names, rows)
    by_attribute = {field.attname: field for field in model._meta.concrete_fields}
    stamps = [
        name for name in ("created_at", "updated_at") if name in by_attribute and name not in attributes
    ]
    columns = [connection.ops.quote_name(str(by_attribute[name].column)) for name in [*attributes, *stamps]]
    table, now = connection.ops.quote_name(model._meta.db_table), timezone.now()
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row([*row, *(now for _ in stamps)])
    return len(rows)
