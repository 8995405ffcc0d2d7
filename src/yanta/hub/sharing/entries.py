"""Writing the read log, and counting from it in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import connection, transaction
from django.utils import timezone

from yanta.hub.sharing.ids import written
from yanta.hub.sharing.models import Grant, ReadEntry

Outcome = ReadEntry.Outcome


@dataclass(frozen=True, slots=True)
class Reading:
    """What one delivery gave, or why it gave nothing."""

    how: str
    names: Sequence[str] = ()
    ids: Sequence[int] = ()
    persons: Sequence[int] = ()
    count: int | None = None
    outcome: str = Outcome.DONE
    status: int = 200
    milliseconds: int = 0
    address: str | None = None
    person_name: str = ""
    detail: str = ""
    is_signed: bool = False
    is_exact: bool = True
    ranges: tuple[str, str] | None = field(default=None)
    reads: int = 1


def note(grant: Grant, reading: Reading) -> ReadEntry:
    """One line in the log and one more in the counters; both or neither."""
    rows, persons = reading.ranges or (written(reading.ids), written(reading.persons))
    count = len(reading.ids) if reading.count is None else reading.count
    now = timezone.now()
    with transaction.atomic():
        entry = ReadEntry.objects.create(
            at=now, grant=grant, consumer_id=grant.consumer_id, dataset_id=grant.dataset_id, version=grant.dataset.version,
            how=reading.how, outcome=reading.outcome, status=reading.status, names=list(reading.names),
            rows=rows if rows != "{}" else None, persons=persons if persons != "{}" else None, count=count,
            is_exact=reading.is_exact, is_signed=reading.is_signed, milliseconds=reading.milliseconds,
            address=reading.address, person_name=reading.person_name[:60], detail=reading.detail[:200],
        )  # fmt: skip
        _count(grant, reading, count)
        if reading.outcome == Outcome.DONE:
            Grant.objects.filter(pk=grant.pk).update(last_read_at=now)
    return entry


def _count(grant: Grant, reading: Reading, rows: int) -> None:
    failed = int(reading.outcome != Outcome.DONE)
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO sharing_usageday AS day (grant_id, day, how, reads, rows, errors, milliseconds)
            VALUES (%s, %s, %s, %s, %s, %s, %s)
            ON CONFLICT (grant_id, day, how) DO UPDATE SET reads = day.reads + excluded.reads,
                rows = day.rows + excluded.rows, errors = day.errors + excluded.errors,
                milliseconds = day.milliseconds + excluded.milliseconds""",
            [grant.pk, timezone.localdate(), reading.how, reading.reads, rows, failed, reading.milliseconds],
        )


def seen_by(grant: Grant, ids: Sequence[int]) -> set[int]:
    """Those of the rows that the log shows were delivered to this grant."""
    if not ids:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT one FROM unnest(%s::bigint[]) AS one WHERE EXISTS (
                SELECT 1 FROM sharing_readentry entry WHERE entry.grant_id = %s AND entry.rows @> one
                AND entry.outcome = 'done')""",
            [list(ids), grant.pk],
        )
        return {key for (key,) in cursor.fetchall()}
