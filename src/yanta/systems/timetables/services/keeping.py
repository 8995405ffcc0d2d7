"""What the engine found, into the database, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import connection, transaction

from yanta.systems.timetables.models import Version
from yanta.systems.timetables.rules.compiling import Where


def keep(version: Version, places: Mapping[int, Where], problems: Mapping[int, str]) -> None:
    """Places of meetings, and for those without one the reason."""
    rows = [(key, *where, "") for key, where in places.items()]
    rows += [(key, None, None, None, reason) for key, reason in problems.items()]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_KEEP, [[*column] for column in zip(*rows, strict=True)] + [version.pk])


_KEEP = """
UPDATE timetables_placement p
SET weekday = f.weekday, first_period = f.first_period, room_id = f.room, problem = f.problem, updated_at = now()
FROM unnest(%s::bigint[], %s::int[], %s::int[], %s::bigint[], %s::text[]) f (id, weekday, first_period, room, problem)
WHERE p.id = f.id AND p.version_id = %s
  AND (p.weekday, p.first_period, p.room_id, p.problem) IS DISTINCT FROM (f.weekday, f.first_period, f.room, f.problem)"""
