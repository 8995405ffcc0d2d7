"""What moved from one version to another."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from yanta.masterdata.models import Student
from yanta.systems.timetables.models import Placement, Version
from yanta.systems.timetables.rules import comparing
from yanta.systems.timetables.rules.comparing import Part

Key = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Affected:
    """How many people and sections a change concerns."""

    sections: int
    teachers: int
    classes: int
    students: int


@dataclass(frozen=True, slots=True)
class Moved:
    """A weekly meeting before and after, in one part or in several; none where a version has it not."""

    before: Sequence[Placement]
    after: Sequence[Placement]
    kind: str

    @property
    def row(self) -> Placement:
        return (self.after or self.before)[0]

    @property
    def why(self) -> str:
        return "；".join(dict.fromkeys(one.why for one in self.after if one.why))


@dataclass(frozen=True)
class Comparison:
    """Every meeting of two versions, each once, by section."""

    meetings: Sequence[Moved]

    @cached_property
    def moved(self) -> list[Moved]:
        return [one for one in self.meetings if one.kind != comparing.SAME]

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many of each kind; together all meetings."""
        found = Counter(one.kind for one in self.meetings)
        return {kind: found[kind] for kind in comparing.KINDS}

    @property
    def before(self) -> int:
        """So many the first version has: all but the added ones."""
        return len(self.meetings) - self.counts[comparing.ADDED]

    @property
    def after(self) -> int:
        return len(self.meetings) - self.counts[comparing.REMOVED]

    @property
    def nowhere(self) -> int:
        """Meetings of the second version of which a part at least has no time."""
        return sum(not all(row.is_placed for row in one.after) for one in self.meetings)


def affected(moved: Iterable[Moved]) -> Affected:
    rows = [row for one in moved for row in (*one.before, *one.after)]
    classes = {key for row in rows for key in row.classes}
    students = Student.objects.filter(admin_class__in=classes, status="01").count() if classes else 0
    teachers = {key for row in rows for key in row.teachers}
    return Affected(len({row.section_id for row in rows}), len(teachers), len(classes), students)


def where(row: Placement) -> tuple[int | None, int | None, int | None]:
    return row.weekday, row.first_period, row.room_id


def compare(before: Version, after: Version) -> Comparison:
    old, new = _by_meeting(before), _by_meeting(after)
    found = [_compared(old.get(key, []), new.get(key, [])) for key in sorted({*old, *new})]
    return Comparison(sorted(found, key=lambda one: one.row.section_number))


def _compared(before: list[Placement], after: list[Placement]) -> Moved:
    kind = comparing.kind([_part(row) for row in before], [_part(row) for row in after])
    return Moved(before, after, kind)


def _part(row: Placement) -> Part:
    return Part(row.weeks, row.weekday, row.first_period, row.periods, row.room_id)


def sections_moved(before: Version, after: Version) -> set[int]:
    return {moved.row.section_id for moved in compare(before, after).moved}


def _by_meeting(version: Version) -> dict[Key, list[Placement]]:
    found: dict[Key, list[Placement]] = defaultdict(list)
    for row in version.placements.select_related("course", "room").order_by("part"):
        found[row.meeting_id, row.turn, row.group].append(row)
    return found
