"""Whose timetable a page shows."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

from yanta.masterdata import weeks
from yanta.masterdata.models import AdminClass, Room, StaffMember, Student, Term
from yanta.systems.timetables.models import Placement, Version
from yanta.systems.timetables.rules import clashes


@dataclass(frozen=True, slots=True)
class Whose:
    """A teacher, a class or a room; `keys` are its ids in the placements."""

    kind: str
    keys: tuple[int, ...]
    name: str


def present_term() -> Term | None:
    """The last term that has begun."""
    found: Term | None = (
        Term.objects.filter(starts_on__lte=timezone.localdate()).order_by("-starts_on").first()
    )
    return found


def own(person_id: int | None) -> Whose | None:
    """What a person teaches, else what the person's class attends."""
    staff = tuple(StaffMember.objects.filter(person=person_id, status="active").values_list("pk", flat=True))
    term = present_term()
    if (
        staff
        and term
        and Placement.objects.filter(version__term=term, teachers__overlap=list(staff)).exists()
    ):
        return Whose("teacher", staff, "")
    student = (
        Student.objects.filter(person=person_id, admin_class__isnull=False, status="01")
        .order_by("-grade")
        .first()
    )
    if student is not None and student.admin_class_id:
        return Whose("class", (student.admin_class_id,), "")
    return Whose("teacher", staff, "") if staff else None


def named(kind: str, key: int) -> Whose | None:
    """By its kind and id in the master data."""
    name: str | None
    if kind == "teacher":
        name = StaffMember.objects.filter(pk=key).values_list("person__name", flat=True).first()
    elif kind == "class":
        name = AdminClass.objects.filter(pk=key).values_list("name", flat=True).first()
    else:
        name = Room.objects.filter(pk=key).values_list("number", flat=True).first()
    return None if name is None else Whose(kind, (key,), name)


def version_shown(key: str, *, drafts: bool) -> Version | None:
    """The version of an address for who may see drafts, else the published one of this term."""
    rows = Version.objects.select_related("term")
    if drafts and key.isascii() and key.isdecimal():
        return rows.filter(pk=int(key)).first()
    return rows.filter(term=present_term(), status=Version.Status.PUBLISHED).first()


def name_of(one: Whose) -> str:
    """For a sheet of paper, which has to say whose it is even when it is one's own."""
    if one.name or not one.keys:
        return one.name
    found = named(one.kind, one.keys[0])
    return found.name if found else ""


def unplaced(version: Version, one: Whose) -> list[Placement]:
    """Meetings of a teacher or a class that have no place yet."""
    if one.kind == "room":
        return []
    field = "teachers__overlap" if one.kind == "teacher" else "classes__overlap"
    rows = version.placements.filter(**{field: [*one.keys]}, weekday=None)
    return list(rows.select_related("course")[:40])


def lessons_taught(person_id: int | None) -> list[tuple[int, str]]:
    """One's own weekly lessons of the timetable in force, by key, in words that tell them apart."""
    taught = list(StaffMember.objects.filter(person=person_id).values_list("pk", flat=True))
    in_force = Version.objects.filter(term=present_term(), status=Version.Status.PUBLISHED)
    rows = Placement.objects.filter(version__in=in_force, weekday__isnull=False, teachers__overlap=taught)
    return [(one.pk, _told(one)) for one in rows.select_related("course").order_by("weekday", "first_period")]


def _told(one: Placement) -> str:
    first = one.first_period or 1
    return f"{one}，{clashes.said(one.weekday or 1, first, first + one.periods - 1)}，{weeks.text_of(one.weeks)} 周"
