"""Placements as the rules see them, with the names of whom they concern."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from django.db.models import Q

from yanta.masterdata.models import AdminClass, Room, StaffMember
from yanta.systems.offerings import public as offerings
from yanta.systems.timetables.models import Period, Placement, Preference, Version
from yanta.systems.timetables.rules.clashes import NO_ROOM, Slot, Tie, Wish
from yanta.systems.timetables.rules.compiling import Weights
from yanta.systems.timetables.rules.school import Place, School, day_of

Names = dict[tuple[str, int], str]


def preference_of(term_id: int) -> Preference:
    """The weights of a term; those of a new row where nobody set any."""
    found: Preference | None = Preference.objects.filter(term=term_id).first()
    return found or Preference(term_id=term_id)


def weights_of(term_id: int) -> Weights:
    row = preference_of(term_id)
    return Weights(**{one.name: getattr(row, one.name) for one in fields(Weights)})


def school(term_id: int) -> School:
    """The day, the rooms that may be used, and the way between campuses."""
    bells = {one.number: (one.starts_at, one.ends_at) for one in Period.objects.order_by("-campus__code")}
    places = {
        one.id: Place(
            one.id, one.number, one.kind, one.capacity, one.features, one.campus_id, one.building_id
        )
        for one in offerings.rooms()
    }
    return School(day_of(bells), places, preference_of(term_id).travel)


def slot_of(row: Placement, title: str = "") -> Slot:
    return Slot(
        row.pk, title or str(row), row.weeks, row.periods, frozenset(row.teachers), frozenset(row.classes), row.size,
        row.room_kind, frozenset(row.features), row.campus_id, tuple(Wish(**one) for one in row.wishes), row.section_id,
        row.meeting_id, row.turn, row.group, row.same_room, tuple(Tie(**one) for one in row.links), row.weekday,
        row.first_period, row.room_id, row.is_fixed and row.is_placed,
    )  # fmt: skip


def slots_of(version: Version | int) -> list[Slot]:
    rows = Placement.objects.filter(version=version).select_related("course").order_by("pk")
    return [slot_of(row) for row in rows]


def neighbours(row: Placement, *, room_ids: Iterable[int] = ()) -> list[Slot]:
    """The placed meetings of a version that share a teacher, a class, the section or one of these rooms."""
    shared = Q(teachers__overlap=row.teachers or [0]) | Q(classes__overlap=row.classes or [0])
    shared |= Q(section_id=row.section_id) | Q(room__in=[*room_ids])
    for tie in row.links:
        shared |= Q(links__contains=[{"key": tie["key"]}])
    rows = Placement.objects.filter(shared, version=row.version_id, weekday__isnull=False).exclude(pk=row.pk)
    return [slot_of(one) for one in rows.select_related("course")]


def names_of(slots: Iterable[Slot]) -> Names:
    """Names of the teachers, classes and rooms of some meetings, in three queries."""
    teachers, classes, rooms = set[int](), set[int](), set[int]()
    for slot in slots:
        teachers |= slot.teachers
        classes |= slot.classes
        if slot.room is not None:
            rooms.add(slot.room)
    found: Names = {
        ("teacher", key): name
        for key, name in StaffMember.objects.filter(pk__in=teachers).values_list("pk", "person__name")
    }
    found |= {
        ("class", key): name
        for key, name in AdminClass.objects.filter(pk__in=classes).values_list("pk", "name")
    }
    found |= {
        ("room", key): number for key, number in Room.objects.filter(pk__in=rooms).values_list("pk", "number")
    }
    return found


def wanted_of(term_id: int) -> list[dict[str, Any]] | None:
    """What a term's teaching asks to be placed, as the values of placements; None when nothing is prepared."""
    teaching = offerings.teaching_of(term_id)
    if teaching is None:
        return None
    wishes, links = _wishes(teaching.wishes), _links(teaching.links)
    found = []
    for section in teaching.sections:
        mine = [
            *wishes["section", section.id],
            *(wish for key in section.teachers for wish in wishes["teacher", key]),
        ]
        shared = {
            "department_id": section.department_id, "course_id": section.course_id, "section_id": section.id,
            "section_number": section.number, "campus_id": section.campus_id, "teachers": sorted(section.teachers),
            "classes": sorted(section.classes), "wishes": mine,
            "links": links[section.id],
        }  # fmt: skip
        for meeting in section.meetings:
            found += list(_meetings(meeting, section.size, shared))
    return found


def _meetings(meeting: offerings.MeetingView, size: int, shared: dict[str, Any]) -> Iterable[dict[str, Any]]:
    """One for each time in the week and each group."""
    for turn in range(1, meeting.times + 1):
        for group in range(1, meeting.groups + 1):
            yield shared | {
                "meeting_id": meeting.id, "turn": turn, "group": group, "size": -(-size // meeting.groups),
                "weeks": meeting.weeks, "periods": meeting.periods, "room_kind": meeting.room_kind or NO_ROOM,
                "features": sorted(meeting.features), "same_room": meeting.same_room,
            }  # fmt: skip


def _wishes(rows: Iterable[offerings.WishView]) -> dict[tuple[str, int], list[dict[str, Any]]]:
    found: dict[tuple[str, int], list[dict[str, Any]]] = defaultdict(list)
    for one in rows:
        key = ("section", one.section_id) if one.section_id else ("teacher", one.teacher_id or 0)
        found[key].append({
            "kind": one.kind, "weekday": one.weekday, "first": one.first_period, "last": one.last_period,
            "weeks": one.weeks, "reason": one.reason,
        })  # fmt: skip
    return found


def _links(rows: Iterable[offerings.LinkView]) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for one in rows:
        key = f"{one.name}#{min(one.section_ids, default=0)}"
        for place, section in enumerate(one.section_ids):
            found[section].append(
                {"key": key, "kind": one.kind, "hard": one.is_hard, "name": one.name, "place": place}
            )
    return found
