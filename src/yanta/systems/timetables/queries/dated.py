"""A person's lessons with day and clock, for calendars."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from yanta.kernel.calendar import Entry
from yanta.systems.timetables.models import Period, Version
from yanta.systems.timetables.queries import occurring, whose
from yanta.systems.timetables.queries.occurring import Lesson
from yanta.systems.timetables.rules.dates import DayOff, dates_of

Bells = dict[int, tuple[time, time]]


def lessons_of(person_id: int, start: date, end: date) -> Iterator[Entry]:
    """Of every published timetable that touches these days."""
    one = whose.own(person_id)
    if one is None:
        return
    published = Version.objects.filter(
        status=Version.Status.PUBLISHED, term__starts_on__lte=end, term__ends_on__gte=start
    ).select_related("term")
    bells = {row.number: (row.starts_at, row.ends_at) for row in Period.objects.order_by("-campus__code")}
    for version in published:
        term = version.term
        days_off = [
            DayOff(day.starts_on, day.ends_on, day.follows_on) for day in term.events.exclude(kind="event")
        ]
        for week, lessons in occurring.weeks_of(version, one.kind, one.keys, term.teaching_weeks).items():
            first = term.starts_on + timedelta(days=7 * (week - 1))
            for lesson in lessons:
                yield from _entries(person_id, lesson, week, first, days_off, bells, start, end)


def _entries(
    person_id: int, lesson: Lesson, week: int, monday: date, days_off: list[DayOff], bells: Bells, start: date, end: date
) -> Iterator[Entry]:  # fmt: skip
    """The days on which a lesson of a week takes place: its own, or the one that follows its own."""
    if lesson.first not in bells or lesson.last not in bells:
        return
    own = monday + timedelta(days=lesson.weekday - 1)
    came = lesson.note and not lesson.is_off
    key = f"{lesson.placement_id}-{week}{'-changed' if came else ''}"
    for day in dates_of(own, days_off):
        if start <= day <= end:
            note = " ".join(text for text in (lesson.teachers, lesson.note) if text)
            yield Entry(
                person_id, key if day == own else f"{key}-{day:%m%d}", lesson.course, _at(day, bells[lesson.first][0]),
                _at(day, bells[lesson.last][1]), lesson.room, note, "/timetables/mine/", is_cancelled=lesson.is_off,
            )  # fmt: skip


def _at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, tzinfo=timezone.get_current_timezone())
