"""The times of a term's sections, as published; ids and frozen dataclasses only."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

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
    groups = Counter(rows.values_list("meeting_id", "turn"))
    for row in rows.select_related("room").order_by("weekday", "first_period"):
        found[row.section_id].append(
            SectionTime(
                row.section_id, row.weeks, row.weekday or 0, row.first_period or 0, row.periods, row.room_id,
                row.room.number if row.room else "", row.group, groups[row.meeting_id, row.turn],
            )
        )  # fmt: skip
    return {key: tuple(times) for key, times in found.items()}
