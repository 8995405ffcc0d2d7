"""The times of a term's sections, as published; ids and frozen dataclasses only."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from yanta.masterdata.models import StaffMember, Term
from yanta.systems.timetables.models import Placement
from yanta.systems.timetables.queries import occurring


@dataclass(frozen=True, slots=True)
class SectionTime:
    """`weeks` is a bitmap, bit 0 being week 1; from `first_period` for `periods` periods in each of them.

    Where `groups` is more than one, a student comes to one of the groups' meetings only.
    """

    section_id: int
    weeks: int
    weekday: int
    first_period: int
    periods: int
    room_id: int | None
    room: str
    group: int
    groups: int


def is_published(term_id: int) -> bool:
    return occurring.published(term_id) is not None


def times_of(term_id: int, section_ids: Iterable[int] | None = None) -> dict[int, tuple[SectionTime, ...]]:
    """When and where each section of the published timetable is; nothing while nothing is published."""
    version = occurring.published(term_id)
    if version is None:
        return {}
    rows = Placement.objects.filter(version=version, weekday__isnull=False)
    if section_ids is not None:
        rows = rows.filter(section_id__in=[*section_ids])
    found: dict[int, list[SectionTime]] = defaultdict(list)
    groups = Counter(
        (meeting, turn) for meeting, turn, _ in set(rows.values_list("meeting_id", "turn", "group"))
    )
    for row in rows.select_related("room").order_by("weekday", "first_period"):
        found[row.section_id].append(
            SectionTime(
                row.section_id, row.weeks, row.weekday or 0, row.first_period or 0, row.periods, row.room_id,
                row.room.number if row.room else "", row.group, groups[row.meeting_id, row.turn],
            )
        )  # fmt: skip
    return {key: tuple(times) for key, times in found.items()}


@dataclass(frozen=True, slots=True)
class ClassOn:
    """One class that a teacher gives on one day; `placement_id` is what an adjustment is asked for."""

    on: date
    week: int
    course: str
    section: str
    first: int
    last: int
    room: str
    placement_id: int

    def __str__(self) -> str:
        return f"{self.on:%m-%d} 第 {self.first}-{self.last} 节 {self.course}"


def classes_between(person_id: int, starts_on: date, ends_on: date) -> list[ClassOn]:
    """What a person teaches from one day to another, after approved adjustments; cancelled classes are left out."""
    staff = list(StaffMember.objects.filter(person_id=person_id).values_list("pk", flat=True))
    found: list[ClassOn] = []
    for term in Term.objects.filter(starts_on__lte=ends_on, ends_on__gte=starts_on):
        version = occurring.published(term.pk)
        if version is None or not staff:
            continue
        last = min(term.week_of(ends_on), term.teaching_weeks)
        for week, lessons in occurring.weeks_of(version, "teacher", staff, last).items():
            monday = term.starts_on + timedelta(weeks=week - 1)
            found += [_on(monday, week, one) for one in lessons if not one.is_off]
    return sorted(
        (one for one in found if starts_on <= one.on <= ends_on), key=lambda one: (one.on, one.first)
    )


def _on(monday: date, week: int, lesson: occurring.Lesson) -> ClassOn:
    day = monday + timedelta(days=lesson.weekday - 1)
    return ClassOn(
        day, week, lesson.course, lesson.section, lesson.first, lesson.last, lesson.room, lesson.placement_id
    )
