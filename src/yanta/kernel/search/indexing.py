"""Filling the index: a row when it is saved, a whole noun at a time after a data run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction

from yanta.kernel.base.scope import path_of_row, person_of_row
from yanta.kernel.search.registry import Searchable, searchable_of, searchables, value_at
from yanta.kernel.search.tokens import sound_of, tokens_of

if TYPE_CHECKING:
    from yanta.kernel.base.models import Record

Line = tuple[Any, ...]
Report = Callable[[int, int, str], None]
CHUNK = 5000
_COLUMNS = "resource, object_id, title, subtitle, url, number, sound, initials, unit_path, person_id, words"
_TOLD = _COLUMNS.split(", ")[2:]
_CHANGES = ", ".join(f"{c} = EXCLUDED.{c}" for c in _TOLD)
# An entry that says the same is left: writing it again would cost its nine indexes as much as a new one.
_WHERE_OTHER = (
    f"WHERE ({', '.join(f'search_searchentry.{c}' for c in _TOLD)})"
    f" IS DISTINCT FROM ({', '.join(f'EXCLUDED.{c}' for c in _TOLD)})"
)
_UPSERT = f"""
INSERT INTO search_searchentry ({_COLUMNS})
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, array_to_tsvector(%s))
ON CONFLICT (resource, object_id) DO UPDATE SET {_CHANGES} {_WHERE_OTHER}"""
_MERGE = f"""
INSERT INTO search_searchentry ({_COLUMNS})
SELECT {_COLUMNS.removesuffix("words")} array_to_tsvector(tokens) FROM search_incoming
ON CONFLICT (resource, object_id) DO UPDATE SET {_CHANGES} {_WHERE_OTHER}"""
_INCOMING = """
CREATE TEMP TABLE search_incoming (resource text, object_id bigint, title text, subtitle text, url text, number text,
 sound text, initials text, unit_path text, person_id bigint, tokens text[]) ON COMMIT DROP"""


def index_row(searchable: Searchable, row: Any) -> None:
    """Bring the row's entry up to date, in the transaction that saved it."""
    with connection.cursor() as cursor:
        cursor.execute(_UPSERT, line_of(searchable, row))


def drop_rows(key: str, ids: Sequence[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM search_searchentry WHERE resource = %s AND object_id = ANY(%s)", [key, list(ids)]
        )


def refresh(model: type[Record], ids: Iterable[int]) -> int:
    """After writing rows past `save()`: bring the entries of these rows up to date."""
    searchable = searchable_of(model._meta.label_lower)
    wanted = list(ids)
    if searchable is None or not wanted:
        return 0
    with transaction.atomic():
        count = _load(searchable, model.objects.filter(pk__in=wanted), _silent)
        _drop_missing(searchable.key, wanted)
    return count


def reindex(model: type[Record] | None = None, *, progress: Report | None = None) -> int:
    """Make the entries of one noun, or of all, anew; returns how many there are."""
    chosen = [s for s in searchables() if model is None or s.model is model]
    count = 0
    for searchable in chosen:
        with transaction.atomic():
            count += _load(searchable, searchable.model.objects.all(), progress or _silent)
            _drop_missing(searchable.key, None)
    return count


def line_of(searchable: Searchable, row: Any) -> Line:
    title = searchable.title(row)[:200]
    sound, initials = sound_of(title)
    number = value_at(row, searchable.number) if searchable.number else ""
    subtitle = searchable.subtitle(row)[:300]
    text = " ".join([title, *(value_at(row, path) for path in searchable.body)])
    return (
        searchable.key, row.pk, title, subtitle, searchable.url(row)[:200], number[:60], sound[:300], initials[:100],
        path_of_row(row) or "", person_of_row(row), sorted(tokens_of(text)),
    )  # fmt: skip


def _silent(done: int, total: int, text: str) -> None:
    """Nobody watches."""


def _load(searchable: Searchable, rows: Any, progress: Report) -> int:
    """Page by page into a table of the transaction, then into the index in one statement."""
    total, done = rows.count(), 0
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS search_incoming")
        cursor.execute(_INCOMING)
        for page in _pages(rows.order_by("pk").select_related(*searchable.joins)):
            # First the lines: what a row says of itself may ask the database, which cannot answer within a COPY.
            lines = [line_of(searchable, row) for row in page]
            with cursor.copy("COPY search_incoming FROM STDIN") as copy:
                for line in lines:
                    copy.write_row(line)
            done += len(page)
            progress(done, total, f"索引{searchable.label}")
        cursor.execute(_MERGE)
    return done


def _pages(rows: Any) -> Iterator[list[Any]]:
    after = 0
    while page := list(rows.filter(pk__gt=after)[:CHUNK]):
        yield page
        after = page[-1].pk


def _drop_missing(key: str, ids: Sequence[int] | None) -> None:
    within = "" if ids is None else " AND object_id = ANY(%s)"
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM search_searchentry e WHERE resource = %s"
            + within
            + " AND NOT EXISTS (SELECT 1 FROM search_incoming i WHERE i.object_id = e.object_id)",
            [key] if ids is None else [key, list(ids)],
        )
