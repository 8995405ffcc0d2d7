"""Sections as the rules want them: one set of queries, however many sections."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum

from yanta.masterdata.models import StaffMember
from yanta.systems.offerings.models import (
    Offering,
    Qualification,
    Reservation,
    Season,
    Section,
    SectionClass,
    Teaching,
    TeachingRoom,
    WorkloadFactor,
)
from yanta.systems.offerings.models.sections import Meeting as MeetingRow
from yanta.systems.offerings.rules import checks, workload
from yanta.systems.offerings.rules.checks import Clash, Room, SectionFacts, Wanted
from yanta.systems.offerings.rules.workload import Factors, Meeting, Task, Work


def rooms() -> list[Room]:
    """The classrooms that may be used."""
    rows = TeachingRoom.objects.filter(is_open=True).values_list(
        "kind", "capacity", "features", "room__building__campus_id"
    )
    return [
        Room(kind, capacity, checks.features_of(features), campus)
        for kind, capacity, features, campus in rows
    ]


# Names are enough here; what is sealed stays closed.
SEALED = ("person__id_number", "person__phone", "person__bank_account")
OF_TEACHER = tuple(f"teacher__{name}" for name in SEALED)


@dataclass(slots=True)
class Loaded:
    """Open sections with everything that belongs to them."""

    sections: list[Section]
    meetings: dict[int, list[MeetingRow]]
    teachings: dict[int, list[Teaching]]
    seated: dict[int, int]
    reserved: dict[int, int]


def load(offering_ids: Sequence[int]) -> Loaded:
    open_ones = Section.objects.filter(offering__in=offering_ids, status=Section.Status.OPEN)
    found = list(open_ones.select_related("offering__course", "offering__department").order_by("number"))
    keys = [one.pk for one in found]
    meetings: dict[int, list[MeetingRow]] = defaultdict(list)
    for meeting in MeetingRow.objects.filter(section__in=keys).order_by("pk"):
        meetings[meeting.section_id].append(meeting)
    teachings: dict[int, list[Teaching]] = defaultdict(list)
    for teaching in (
        Teaching.objects.filter(section__in=keys)
        .select_related("teacher__person")
        .defer(*OF_TEACHER)
        .order_by("pk")
    ):
        teachings[teaching.section_id].append(teaching)
    seated = SectionClass.objects.filter(section__in=keys).values_list("section").annotate(n=Sum("size"))
    reserved = Reservation.objects.filter(section__in=keys).values_list("section").annotate(n=Sum("seats"))
    return Loaded(found, meetings, teachings, dict(seated), dict(reserved))


def clashes(offering_ids: Sequence[int]) -> Iterator[tuple[Section, list[Clash]]]:
    """Each open section with what is wrong with it; nothing for those that are right."""
    loaded = load(offering_ids)
    unqualified = _unqualified(loaded)
    available = rooms()
    for section in loaded.sections:
        facts = _facts(section, loaded)
        found = list(checks.clashes_of(facts, rooms=available, qualified=unqualified.get(section.pk, {})))
        if found:
            yield section, found


def _facts(section: Section, loaded: Loaded) -> SectionFacts:
    meetings = loaded.meetings[section.pk]
    return SectionFacts(
        section.size, loaded.seated.get(section.pk, 0), section.capacity, loaded.reserved.get(section.pk, 0),
        section.offering.hours, section.campus_id,
        {one.teacher_id: one.share for one in loaded.teachings[section.pk]},
        [(_meeting(one), _wanted(one, section)) for one in meetings],
    )  # fmt: skip


def _meeting(one: MeetingRow) -> Meeting:
    return Meeting(one.kind, one.weeks, one.times, one.periods, one.groups)


def _wanted(one: MeetingRow, section: Section) -> Wanted:
    seats = -(-section.size // one.groups)
    return Wanted(one.room_kind, one.get_room_kind_display(), checks.features_of(one.features), seats)


def _unqualified(loaded: Loaded) -> dict[int, dict[int, str]]:
    """Section → teachers who are assigned and not among those qualified; courses without a list take anybody."""
    courses = {one.offering.course_id for one in loaded.sections}
    listed: dict[int, set[int]] = defaultdict(set)
    for course, teacher in Qualification.objects.filter(course__in=courses).values_list(
        "course_id", "teacher_id"
    ):
        listed[course].add(teacher)
    found: dict[int, dict[int, str]] = {}
    for section in loaded.sections:
        allowed = listed.get(section.offering.course_id)
        wrong = {
            one.teacher_id: one.teacher.person.name
            for one in loaded.teachings[section.pk]
            if allowed is not None and one.teacher_id not in allowed
        }
        if wrong:
            found[section.pk] = wrong
    return found


# -- work ---------------------------------------------------------------------------------------------


def factors() -> Factors:
    by_kind: dict[str, dict[str, Decimal]] = defaultdict(dict)
    for kind, key, factor in WorkloadFactor.objects.values_list("kind", "key", "factor"):
        by_kind[kind][key] = factor
    steps = {
        kind: [(int(key), factor) for key, factor in by_kind[kind].items() if key.isdecimal()]
        for kind in ("size", "repeat")
    }
    return Factors(steps["size"], steps["repeat"], by_kind["meeting"], by_kind["language"])


def tasks_of(loaded: Loaded) -> list[Task]:
    return [
        Task(
            one.teacher_id, section.offering.course_id, section.number, section.size, one.share,
            tuple(_meeting(meeting) for meeting in loaded.meetings[section.pk]), section.language,
        )
        for section in loaded.sections for one in loaded.teachings[section.pk]
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class TeacherWork:
    """A teacher's term in one line."""

    teacher: StaffMember
    works: list[Work]
    weekly: Decimal

    @property
    def hours(self) -> Decimal:
        return sum((one.hours for one in self.works), Decimal(0))

    @property
    def weighed(self) -> Decimal:
        return sum((one.weighed for one in self.works), Decimal(0))


def work_of(season: Season) -> list[TeacherWork]:
    """Everybody who teaches in the term, the most first. A repeated class counts over the whole school."""
    keys = list(season.offerings.exclude(status=Offering.Status.DROPPED).values_list("pk", flat=True))
    works: dict[int, list[Work]] = defaultdict(list)
    for work in workload.weighed(tasks_of(load(keys)), factors()):
        works[work.task.teacher].append(work)
    people = StaffMember.objects.select_related("person", "department").defer(*SEALED).in_bulk(works)
    found = [
        TeacherWork(people[key], mine, workload.weekly_load(one.task for one in mine))
        for key, mine in works.items()
    ]
    return sorted(found, key=lambda one: (-one.weighed, one.teacher.number))


def overloads(found: Iterable[TeacherWork]) -> list[tuple[int, Clash]]:
    lines = list(found)
    return list(
        checks.overloads(
            {one.teacher.pk: one.weekly for one in lines},
            {one.teacher.pk: one.teacher.person.name for one in lines},
        )
    )
