"""Which classrooms are free at a time of the week, in certain weeks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F
from django.utils import timezone

from yanta.masterdata import weeks as bitmaps
from yanta.systems.offerings import public as offerings
from yanta.systems.offerings.public import RoomView
from yanta.systems.rooms import public as borrowed
from yanta.systems.timetables.models import Adjustment, Period, Placement, Version

APPROVED = Adjustment.Status.APPROVED


@dataclass(frozen=True, slots=True)
class Wanted:
    """When, and what the room should be; an empty kind or campus asks for none, `weeks` is a bitmap."""

    weekday: int
    first: int
    last: int
    weeks: int
    seats: int = 0
    kind: str = ""
    campus_id: int | None = None
    features: frozenset[str] = frozenset()


def vacant(version: Version, wanted: Wanted) -> list[RoomView]:
    """Rooms that nobody is taught in and nobody has borrowed in any of the weeks, the smallest first; the whole school."""
    fitting = [one for one in offerings.rooms() if _fits(one, wanted)]
    busy = {room for room, weeks in _taught(version, wanted).items() if weeks & wanted.weeks}
    busy |= lent(version, wanted)
    return sorted((one for one in fitting if one.id not in busy), key=lambda one: (one.capacity, one.number))


def _fits(room: RoomView, wanted: Wanted) -> bool:
    return (
        room.capacity >= wanted.seats
        and wanted.kind in ("", room.kind)
        and wanted.campus_id in (None, room.campus_id)
        and wanted.features <= room.features
    )


def _taught(version: Version, wanted: Wanted) -> dict[int, int]:
    """The weeks in which each room is taught in at that time, approved adjustments considered."""
    changes = Adjustment.objects.filter(placement__version=version, status=APPROVED)
    gone: dict[int, int] = defaultdict(int)
    for placement, week in changes.filter(week__isnull=False).values_list("placement", "week"):
        gone[placement] |= 1 << week - 1
    found: dict[int, int] = defaultdict(int)
    rows = Placement.objects.filter(version=version, weekday=wanted.weekday, room__isnull=False)
    then = rows.filter(first_period__lte=wanted.last, first_period__gt=wanted.first - F("periods"))
    for key, room, weeks in then.values_list("pk", "room", "weeks"):
        found[room] |= weeks & ~gone[key]
    came = changes.filter(
        new_weekday=wanted.weekday, new_room__isnull=False, new_week__isnull=False,
        new_period__lte=wanted.last, new_period__gt=wanted.first - F("placement__periods"),
    )  # fmt: skip
    for room, week in came.values_list("new_room", "new_week"):
        found[room] |= 1 << week - 1
    return found


def lent(version: Version, wanted: Wanted) -> set[int]:
    """Rooms that somebody has borrowed at that time in one of the weeks."""
    return borrowed.held_in(_spans(version, wanted))


def _spans(version: Version, wanted: Wanted) -> Iterator[tuple[datetime, datetime]]:
    """By the clock; nothing where the periods have no times."""
    bells = {row.number: (row.starts_at, row.ends_at) for row in Period.objects.order_by("-campus__code")}
    if wanted.first not in bells or wanted.last not in bells:
        return
    zone = timezone.get_current_timezone()
    for week in bitmaps.weeks_of(wanted.weeks):
        day = version.term.starts_on + timedelta(days=7 * (week - 1) + wanted.weekday - 1)
        since, until = bells[wanted.first][0], bells[wanted.last][1]
        yield datetime.combine(day, since, tzinfo=zone), datetime.combine(day, until, tzinfo=zone)
