"""What moved from one version to another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from yanta.masterdata.models import Student
from yanta.systems.timetables.models import Placement, Version


@dataclass(frozen=True, slots=True)
class Affected:
    """How many people and sections a change concerns."""

    sections: int
    teachers: int
    classes: int
    students: int


@dataclass(frozen=True, slots=True)
class Moved:
    """A meeting before and after; None where the version has it not."""

    before: Placement | None
    after: Placement | None

    @property
    def row(self) -> Placement:
        found = self.after or self.before
        assert found is not None  # noqa: S101 - one of the two there is
        return found

    @property
    def kind(self) -> str:
        if self.before is None or self.after is None:
            return "新增" if self.before is None else "去掉"
        if self.before.weeks != self.after.weeks:
            return "换周次" if where(self.before) == where(self.after) else "换周次和时间"
        if where(self.before)[:2] == where(self.after)[:2]:
            return "换教室"
        return "换时间" if self.before.room_id == self.after.room_id else "换时间和教室"


def summary(moved: Iterable[Moved]) -> list[tuple[str, int]]:
    """How many of each kind of change."""
    return Counter(one.kind for one in moved).most_common()


def affected(moved: Iterable[Moved]) -> Affected:
    rows = [one.row for one in moved]
    classes = {key for row in rows for key in row.classes}
    students = Student.objects.filter(admin_class__in=classes, status="01").count() if classes else 0
    teachers = {key for row in rows for key in row.teachers}
    return Affected(len({row.section_id for row in rows}), len(teachers), len(classes), students)


def where(row: Placement) -> tuple[int | None, int | None, int | None]:
    return row.weekday, row.first_period, row.room_id


def compare(before: Version, after: Version) -> list[Moved]:
    """Everything that is not where it was, by section."""
    old, new = _by_meeting(before), _by_meeting(after)
    found = []
    for key in sorted({*old, *new}):
        one, other = old.get(key), new.get(key)
        if one is None or other is None or (where(one), one.weeks) != (where(other), other.weeks):
            found.append(Moved(one, other))
    return sorted(found, key=lambda moved: moved.row.section_number)


def sections_moved(before: Version, after: Version) -> set[int]:
    return {moved.row.section_id for moved in compare(before, after)}


def _by_meeting(version: Version) -> dict[tuple[int, ...], Placement]:
    rows = version.placements.select_related("course", "room")
    return {(row.meeting_id, row.turn, row.group, row.part): row for row in rows}
