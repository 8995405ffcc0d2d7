"""What a timetable and a course selection need to know of a term; ids and frozen dataclasses only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from yanta.masterdata import weeks
from yanta.systems.offerings.models import (
    LinkedSection,
    Meeting,
    Offering,
    Reservation,
    Season,
    Section,
    SectionClass,
    Teaching,
    TeachingRoom,
    TimeWish,
)
from yanta.systems.offerings.models.terms import RoomKind
from yanta.systems.offerings.rules import checks

EVERY_WEEK = (1 << weeks.LAST_WEEK) - 1


@dataclass(frozen=True, slots=True)
class MeetingView:
    """`weeks` is a bitmap, bit 0 being week 1; `times` meetings of `periods` periods in each of them."""

    id: int
    kind: str
    weeks: int
    times: int
    periods: int
    groups: int
    room_kind: str
    features: frozenset[str]
    same_room: bool


@dataclass(frozen=True, slots=True)
class SectionView:
    """A section as an engine wants it; `classes` and `teachers` map ids to sizes and shares."""

    id: int
    number: str
    course_id: int
    course: str
    department_id: int
    is_elective: bool
    size: int
    capacity: int
    campus_id: int | None
    language: str
    classes: dict[int, int]
    teachers: dict[int, Decimal]
    meetings: tuple[MeetingView, ...]


@dataclass(frozen=True, slots=True)
class WishView:
    """Either a section's or a teacher's; `kind` is fixed, forbidden, preferred or avoided."""

    kind: str
    section_id: int | None
    teacher_id: int | None
    weekday: int
    first_period: int
    last_period: int
    weeks: int
    reason: str


@dataclass(frozen=True, slots=True)
class LinkView:
    kind: str
    is_hard: bool
    name: str
    section_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RoomView:
    """`id` is the room's in the master data, `building` says its campus too."""

    id: int
    number: str
    kind: str
    capacity: int
    features: frozenset[str]
    campus_id: int
    building_id: int
    building: str
    kind_name: str


@dataclass(frozen=True, slots=True)
class SeatsView:
    """Seats kept for some students: of a programme, of a grade, of a campus."""

    section_id: int
    programme_id: int | None
    grade: int | None
    campus_id: int | None
    seats: int


@dataclass(frozen=True, slots=True)
class SectionTerms:
    """What a student has to know of a section before choosing it; `teachers` are ids."""

    capacity: int
    language: str
    campus_id: int | None
    teachers: tuple[int, ...]
    seats: tuple[SeatsView, ...]


@dataclass(frozen=True, slots=True)
class TermTeaching:
    term_id: int
    is_locked: bool
    sections: tuple[SectionView, ...]
    wishes: tuple[WishView, ...]
    links: tuple[LinkView, ...]
    rooms: tuple[RoomView, ...]
    reservations: tuple[SeatsView, ...]


def teaching_of(term_id: int) -> TermTeaching | None:
    """Everything that is taught in a term, in ten queries; None when nothing has been prepared."""
    season = Season.objects.filter(term=term_id).first()
    if season is None:
        return None
    return TermTeaching(
        term_id,
        season.is_locked,
        _sections(season),
        _wishes(season),
        _links(season),
        rooms(),
        _reservations(season),
    )


def terms_of(section_ids: Iterable[int]) -> dict[int, SectionTerms]:
    """In three queries; sections that there are not are missing."""
    rows = Section.objects.in_bulk(list(section_ids))
    teachers: dict[int, list[int]] = defaultdict(list)
    for section, teacher in (
        Teaching.objects.filter(section__in=rows).order_by("pk").values_list("section_id", "teacher_id")
    ):
        teachers[section].append(teacher)
    seats: dict[int, list[SeatsView]] = defaultdict(list)
    for one in Reservation.objects.filter(section__in=rows).order_by("pk"):
        seats[one.section_id].append(_seats(one))
    return {
        key: SectionTerms(one.capacity, one.language, one.campus_id, tuple(teachers[key]), tuple(seats[key]))
        for key, one in rows.items()
    }


def capacities_of(term_id: int) -> dict[int, int]:
    """How many students each section of a term holds, in one query."""
    rows = Section.objects.filter(offering__season__term=term_id)
    return dict(rows.values_list("pk", "capacity"))


def taught_by(staff_ids: Iterable[int]) -> set[int]:
    """The sections in which these staff members teach, whatever the term."""
    rows = Teaching.objects.filter(teacher__in=list(staff_ids))
    return set(rows.values_list("section_id", flat=True))


def _sections(season: Season) -> tuple[SectionView, ...]:
    open_ones = Section.objects.filter(offering__season=season, status=Section.Status.OPEN).exclude(
        offering__status=Offering.Status.DROPPED
    )
    classes, teachers = (
        _pairs(SectionClass, season, "admin_class_id", "size"),
        _pairs(Teaching, season, "teacher_id", "share"),
    )
    meetings: dict[int, list[MeetingView]] = defaultdict(list)
    for one in Meeting.objects.filter(section__offering__season=season).order_by("pk"):
        meetings[one.section_id].append(
            MeetingView(
                one.pk, one.kind, weeks.bits(one.weeks), one.times, one.periods, one.groups, one.room_kind,
                checks.features_of(one.features), one.same_room,
            )
        )  # fmt: skip
    return tuple(
        SectionView(
            one.pk, one.number, one.offering.course_id, one.offering.course.name, one.offering.department_id,
            one.offering.is_elective, one.size, one.capacity, one.campus_id, one.language, classes[one.pk], teachers[one.pk],
            tuple(meetings[one.pk]),
        )
        for one in open_ones.select_related("offering__course").order_by("number")
    )  # fmt: skip


def _pairs(model: Any, season: Season, key: str, value: str) -> dict[int, dict[int, Any]]:
    found: dict[int, dict[int, Any]] = defaultdict(dict)
    rows = model.objects.filter(section__offering__season=season).order_by("pk")
    for section, one, amount in rows.values_list("section_id", key, value):
        found[section][one] = amount
    return found


def _wishes(season: Season) -> tuple[WishView, ...]:
    return tuple(
        WishView(
            one.kind, one.section_id, one.teacher_id, one.weekday, one.first_period, one.last_period,
            weeks.bits(one.weeks) if one.weeks else EVERY_WEEK, one.reason,
        )
        for one in TimeWish.objects.filter(season=season).order_by("pk")
    )  # fmt: skip


def _links(season: Season) -> tuple[LinkView, ...]:
    members: dict[Any, list[int]] = defaultdict(list)
    for one in LinkedSection.objects.filter(link__season=season).select_related("link").order_by("pk"):
        members[one.link].append(one.section_id)
    return tuple(
        LinkView(link.kind, link.is_hard, link.name, tuple(sections)) for link, sections in members.items()
    )


def rooms() -> tuple[RoomView, ...]:
    """The classrooms that may be used."""
    rows = (
        TeachingRoom.objects.filter(is_open=True)
        .select_related("room__building__campus")
        .order_by("room__number")
    )
    return tuple(
        RoomView(
            one.room_id, one.room.number, one.kind, one.capacity, checks.features_of(one.features),
            one.room.building.campus_id, one.room.building_id, f"{one.room.building.campus.name} {one.room.building.name}", one.get_kind_display(),
        )
        for one in rows
    )  # fmt: skip


def features_of(text: str) -> frozenset[str]:
    """The equipment that a text names."""
    return checks.features_of(text)


def room_kinds() -> list[tuple[str, str]]:
    """The kinds that a classroom may have, with their names."""
    return [(key, str(name)) for key, name in RoomKind.choices if key != RoomKind.NONE]


def _reservations(season: Season) -> tuple[SeatsView, ...]:
    rows = Reservation.objects.filter(section__offering__season=season).order_by("pk")
    return tuple(_seats(one) for one in rows)


def _seats(one: Reservation) -> SeatsView:
    return SeatsView(one.section_id, one.programme_id, one.grade, one.campus_id, one.seats)
