"""What takes place in a given week: the timetable with its approved adjustments."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.db.models import Q

from yanta.masterdata import weeks
from yanta.masterdata.models import AdminClass, StaffMember
from yanta.systems.timetables.models import Adjustment, Placement, Version
from yanta.systems.timetables.queries import slots, vacancies
from yanta.systems.timetables.rules import checking
from yanta.systems.timetables.rules.clashes import Clash, Slot

APPROVED = Adjustment.Status.APPROVED


@dataclass(frozen=True, slots=True)
class Lesson:
    """One meeting on a page; `note` says that it was moved, cancelled or added this week."""

    placement_id: int
    course: str
    section: str
    weekday: int
    first: int
    last: int
    weeks: int
    room: str
    teachers: str
    classes: str
    note: str = ""
    is_off: bool = False

    @property
    def in_words(self) -> str:
        return weeks.text_of(self.weeks)

    @property
    def taught(self) -> str:
        """Its weeks as people read them."""
        return weeks.shown(self.in_words)


def published(term_id: int) -> Version | None:
    found: Version | None = Version.objects.filter(term=term_id, status=Version.Status.PUBLISHED).first()
    return found


def rows_of(version: Version, kind: str, keys: Iterable[int]) -> list[Placement]:
    """The placed meetings of a teacher, a class or a room."""
    wanted = [*keys]
    condition = {
        "teacher": Q(teachers__overlap=wanted),
        "class": Q(classes__overlap=wanted),
        "room": Q(room__in=wanted),
    }[kind]
    rows = Placement.objects.filter(condition, version=version, weekday__isnull=False)
    return list(rows.select_related("course", "room").order_by("weekday", "first_period"))


def adjusted_into(version: Version, kind: str, keys: Iterable[int]) -> list[Placement]:
    """Meetings that only an adjustment brings into these rooms."""
    if kind != "room":
        return []
    rows = Placement.objects.filter(
        version=version, adjustments__status=APPROVED, adjustments__new_room__in=[*keys]
    )
    return list(rows.select_related("course", "room").distinct())


def lessons_of(version: Version, kind: str, keys: Iterable[int], week: int | None) -> list[Lesson]:
    """A week of somebody's timetable, or with no week the whole term's, by day and period."""
    wanted = [*keys]
    if week is None:
        rows = rows_of(version, kind, wanted)
        names = _Names(rows)
        return [names.lesson(row) for row in rows]
    return _Weekly(version, kind, wanted).of(week)


def weeks_of(version: Version, kind: str, keys: Iterable[int], last: int) -> dict[int, list[Lesson]]:
    """All weeks of somebody's timetable, read once."""
    reader = _Weekly(version, kind, [*keys])
    return {week: reader.of(week) for week in range(1, last + 1)}


class _Weekly:
    """The rows, changes and names from which any week is told."""

    def __init__(self, version: Version, kind: str, wanted: list[int]) -> None:
        self.regular = rows_of(version, kind, wanted)
        known = {row.pk for row in self.regular}
        came = [row for row in adjusted_into(version, kind, wanted) if row.pk not in known]
        self.rows = [*self.regular, *came]
        self.rooms = set(wanted) if kind == "room" else None
        self.changes, self.names = _adjustments(self.rows), _Names(self.rows)

    def of(self, week: int) -> list[Lesson]:
        found = [
            _regular(row, week, self.changes, self.names)
            for row in self.regular
            if weeks.has(row.weeks, week)
        ]
        for row in self.rows:
            for change in self.changes.get(row.pk, []):
                if change.new_week == week and (self.rooms is None or change.new_room_id in self.rooms):
                    found.append(self.names.lesson(row, change))
        return sorted(found, key=lambda one: (one.weekday, one.first, one.section))


def _adjustments(rows: Iterable[Placement]) -> dict[int, list[Adjustment]]:
    found: dict[int, list[Adjustment]] = {}
    for one in Adjustment.objects.filter(
        placement__in=[row.pk for row in rows], status=APPROVED
    ).select_related("new_room"):
        found.setdefault(one.placement_id, []).append(one)
    return found


def _regular(row: Placement, week: int, changes: dict[int, list[Adjustment]], names: _Names) -> Lesson:
    gone = next((one for one in changes.get(row.pk, []) if one.week == week), None)
    return names.lesson(row, off=gone)


class _Names:
    """Names for a page, in two queries."""

    def __init__(self, rows: Iterable[Placement]) -> None:
        rows = [*rows]
        teachers = {key for row in rows for key in row.teachers}
        classes = {key for row in rows for key in row.classes}
        self.teachers = dict(StaffMember.objects.filter(pk__in=teachers).values_list("pk", "person__name"))
        self.classes = dict(AdminClass.objects.filter(pk__in=classes).values_list("pk", "name"))

    def lesson(
        self, row: Placement, change: Adjustment | None = None, off: Adjustment | None = None
    ) -> Lesson:
        weekday, first, room = row.weekday or 0, row.first_period or 0, row.room
        note = f"{off.get_kind_display()}" if off is not None else ""
        bitmap = row.weeks
        if change is not None:
            weekday, first, room = change.new_weekday or 0, change.new_period or 0, change.new_room
            note, bitmap = change.get_kind_display(), 1 << (change.new_week or 1) - 1
        return Lesson(
            row.pk, row.course.name, row.section_number, weekday, first, first + row.periods - 1, bitmap,
            room.number if room else "", "、".join(self.teachers.get(key, "") for key in row.teachers),
            "、".join(self.classes.get(key, "") for key in row.classes), note, off is not None,
        )  # fmt: skip


def clashes_of(change: Adjustment) -> list[Clash]:
    """What an adjustment would collide with in its week; looks at the whole school."""
    row, week = change.placement, change.new_week or 0
    where = change.new_weekday or 0, change.new_period or 0, change.new_room_id
    slot = _in_week(slots.slot_of(row), week).at(*where)
    near = slots.neighbours(row, room_ids=[change.new_room_id] if change.new_room_id else [])
    others = [_in_week(one, week) for one in [*near, slots.slot_of(row)] if weeks.has(one.weeks, week)]
    others = _with_changes(row.version_id, others, week, besides=change)
    # The meeting itself is only in the way when it stays where it is in that week.
    others = [one for one in others if not (one.id == row.pk and change.week == week)]
    trial = checking.Trial(slot, others, slots.school(row.version.term_id), slots.names_of([slot]))
    return [*trial.at(*where), *_lent(change)]


def _lent(change: Adjustment) -> list[Clash]:
    """Whether somebody has borrowed the room then."""
    if change.new_room is None or not (change.new_week and change.new_weekday and change.new_period):
        return []
    last = change.new_period + change.placement.periods - 1
    then = vacancies.Wanted(change.new_weekday, change.new_period, last, 1 << change.new_week - 1)
    if change.new_room_id not in vacancies.lent(change.placement.version, then):
        return []
    return [Clash("room", f"{change.new_room.number}这时已借给别人")]


def _in_week(slot: Slot, week: int) -> Slot:
    return replace(slot, weeks=1 << week - 1)


def _with_changes(version_id: int, others: list[Slot], week: int, *, besides: Adjustment) -> list[Slot]:
    """The week's meetings after everything that is approved for it."""
    changes = Adjustment.objects.filter(placement__version=version_id, status=APPROVED).exclude(pk=besides.pk)
    gone = set(changes.filter(week=week).values_list("placement_id", flat=True))
    here = [one for one in others if one.id not in gone]
    for one in changes.filter(new_week=week).select_related("placement__course"):
        moved = _in_week(slots.slot_of(one.placement), week)
        here.append(moved.at(one.new_weekday or 0, one.new_period or 0, one.new_room_id))
    return here
