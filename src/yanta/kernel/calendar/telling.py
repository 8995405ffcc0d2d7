"""What calendars outside are told: entries with numbers that grow by every change, kept beside what providers say now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import Max, QuerySet
from django.utils import timezone

from yanta.kernel.calendar import icalendar
from yanta.kernel.calendar.declare import Calendar, Entry, entries_of
from yanta.kernel.calendar.models import ToldEntry

# A device asks several times in a row; what it is told is at most this old.
FRESH_SECONDS = 15
AHEAD = timedelta(days=200)
BACK = timedelta(days=60)
NEW_YEAR = (8, 1)


@dataclass(frozen=True, slots=True)
class Told:
    """The live entries of one calendar and the number of its last change."""

    rows: list[ToldEntry]
    revision: int


def window(today: date) -> tuple[date, date]:
    """From the beginning of the academic year of two months ago, so that what is past stays on devices."""
    back = today - BACK
    year = back.year if (back.month, back.day) >= NEW_YEAR else back.year - 1
    return date(year, *NEW_YEAR), today + AHEAD


def told(kind: Calendar, person_id: int) -> Told:
    """What is true now, compared with what was last told."""
    _refresh(kind, person_id)
    rows = _rows(kind, person_id)
    last = rows.aggregate(last=Max("revision"))["last"] or 0
    return Told(list(rows.filter(is_gone=False).order_by("starts_at", "uid")), last)


def one(kind: Calendar, person_id: int, uid: str) -> ToldEntry | None:
    _refresh(kind, person_id)
    found: ToldEntry | None = _rows(kind, person_id).filter(uid=uid, is_gone=False).first()
    return found


def _refresh(kind: Calendar, person_id: int) -> None:
    key = f"calendar:{kind.key}:{person_id}"
    if cache.get(key):
        return
    start, end = window(timezone.localdate())
    _compare(kind, person_id, entries_of(kind, person_id, start, end))
    cache.set(key, True, FRESH_SECONDS)


def since(kind: Calendar, person_id: int, revision: int) -> list[ToldEntry]:
    """What changed or went after this number."""
    return list(_rows(kind, person_id).filter(revision__gt=revision).order_by("revision"))


def _rows(kind: Calendar, person_id: int) -> QuerySet[ToldEntry]:
    return ToldEntry.objects.filter(person_id=person_id, calendar=kind.key)


def text_of(row: ToldEntry) -> str:
    """One entry as a document of its own."""
    return icalendar.document("", [event_of(row)])


def event_of(row: ToldEntry) -> list[str]:
    return icalendar.whole_event(row.text, sequence=row.sequence, changed_at=row.changed_at)


@transaction.atomic
def _compare(kind: Calendar, person_id: int, entries: list[Entry]) -> None:
    """New, changed and gone ones get the next number; what is as it was is not written."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{kind.key}:{person_id}"])
    now = timezone.now()
    known = {row.uid: row for row in _rows(kind, person_id)}
    revision = max((row.revision for row in known.values()), default=0) + 1
    site = settings.SITE_ADDRESS.rstrip("/")
    new, changed, present = [], [], set()
    for entry in entries:
        uid, text = (
            icalendar.uid_of(kind.key, entry),
            icalendar.event(kind.key, kind.title, entry, address=site),
        )
        if uid in present:
            continue
        present.add(uid)
        row = known.get(uid)
        if row is None:
            new.append(_made(kind, person_id, uid, text, entry, revision, now))
        elif row.text != text or row.is_gone:
            changed.append(_changed(row, text, entry, revision, now))
    gone = [row.pk for uid, row in known.items() if uid not in present and not row.is_gone]
    ToldEntry.objects.bulk_create(new)
    ToldEntry.objects.bulk_update(
        changed, ["text", "starts_at", "ends_at", "sequence", "revision", "changed_at", "is_gone"]
    )
    ToldEntry.objects.filter(pk__in=gone).update(is_gone=True, revision=revision, changed_at=now)


def _made(
    kind: Calendar, person_id: int, uid: str, text: str, entry: Entry, revision: int, now: datetime
) -> ToldEntry:
    return ToldEntry(
        person_id=person_id, calendar=kind.key, uid=uid, text=text, starts_at=entry.since, ends_at=entry.until,
        revision=revision, changed_at=now,
    )  # fmt: skip


def _changed(row: ToldEntry, text: str, entry: Entry, revision: int, now: datetime) -> ToldEntry:
    row.text, row.starts_at, row.ends_at = text, entry.since, entry.until
    row.sequence, row.revision, row.changed_at, row.is_gone = row.sequence + 1, revision, now, False
    return row
