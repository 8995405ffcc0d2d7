"""Who stands in which relation to a matter, as master data knows it; and which days are working days.

A relation is asked with the subject of a process. It looks for a student or a staff member on it, in that order: the
subject itself, the field that its `person_path` begins with, else whoever the person is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from yanta.kernel.access.models import RoleGrant
from yanta.kernel.base.scope import path_of_row, person_of_row
from yanta.kernel.organisation.models import OrgUnit
from yanta.kernel.workflow import position_holders, relation, working_days
from yanta.masterdata.models import CalendarEvent, StaffMember, Student


def _student(subject: Any) -> Student | None:
    if isinstance(subject, Student):
        return subject
    found = getattr(subject, "student", None)
    if isinstance(found, Student):
        return found
    person = person_of_row(subject)
    rows = Student.objects.filter(person_id=person, left_on=None) if person else Student.objects.none()
    return rows.select_related("admin_class").order_by("-enrolled_on", "-pk").first()


def _staff(subject: Any) -> StaffMember | None:
    if isinstance(subject, StaffMember):
        return subject
    for name in ("staff", "staff_member", "teacher", "keeper"):
        found = getattr(subject, name, None)
        if isinstance(found, StaffMember):
            return found
    person = person_of_row(subject)
    rows = StaffMember.objects.filter(person_id=person) if person else StaffMember.objects.none()
    return rows.filter(status=StaffMember.Status.ACTIVE).order_by("-pk").first()


def _path(subject: Any) -> str:
    """The unit of the subject's row; for rows of nobody's unit, that of its person."""
    path = path_of_row(subject)
    if path:
        return path
    belongs = _student(subject) or _staff(subject)
    return str(belongs.department.path) if belongs else ""


def _granted(role: str, path: str, *, below: bool = False) -> list[int]:
    """Whoever holds a role for the unit of this path or, nearest first, for one above it."""
    today = timezone.localdate()
    rows = RoleGrant.objects.filter(role=role, circle="", valid_from__lte=today).exclude(account__person=None)
    held = [
        (grant_path or "", person)
        for grant_path, person, until in rows.values_list("org_unit__path", "account__person_id", "valid_to")
        if (until is None or until >= today) and path.startswith(grant_path or "")
    ]
    nearest = max((len(one) for one, _ in held), default=0)
    return sorted({person for one, person in held if len(one) == nearest and (one or not path)})


@relation("counsellor", "辅导员")
def counsellors(subject: Any) -> Collection[int]:
    """The counsellor of the student's class; where none is named, the counsellors of the college."""
    student = _student(subject)
    named = getattr(student.admin_class, "counsellor", None) if student and student.admin_class else None
    if isinstance(named, StaffMember):
        return [named.person_id]
    return _granted("counsellor", student.department.path if student else _path(subject))


@relation("head_teacher", "班主任")
def head_teachers(subject: Any) -> Collection[int]:
    student = _student(subject)
    teacher = student.admin_class.head_teacher if student and student.admin_class else None
    return [teacher.person_id] if teacher else []


@relation("department_head", "院系（部门）负责人")
def department_heads(subject: Any) -> Collection[int]:
    return _granted("head", _path(subject))


@relation("department_clerk", "院系（部门）经办人")
def department_clerks(subject: Any) -> Collection[int]:
    return _granted("clerk", _path(subject))


@relation("own_head", "申请人所在部门负责人")
def own_heads(subject: Any) -> Collection[int]:
    """Of the person whose matter it is, wherever the row itself belongs."""
    belongs = _staff(subject) or _student(subject)
    return _granted("head", str(belongs.department.path)) if belongs else department_heads(subject)


@relation("leader", "分管校领导")
def leaders(subject: Any) -> Collection[int]:
    """Leaders whose own grant names the unit; where no leader is in charge of it by name, all of them."""
    path, today = _path(subject), timezone.localdate()
    rows = RoleGrant.objects.filter(role="leader", valid_from__lte=today).exclude(account__person=None)
    held = [
        (unit or "", person)
        for unit, person, until in rows.values_list("org_unit__path", "account__person_id", "valid_to")
        if until is None or until >= today
    ]
    in_charge = sorted({person for unit, person in held if unit and path.startswith(unit)})
    return in_charge or sorted({person for unit, person in held if not unit})


@relation("supervisor", "导师")
def supervisors(subject: Any) -> Collection[int]:
    """The subject names the supervisor, or its student does; who knows neither is nobody's student."""
    student = _student(subject)
    return _people_of(getattr(subject, "supervisor", None), getattr(student, "supervisor", None))


@relation("project_leader", "课题负责人")
def project_leaders(subject: Any) -> Collection[int]:
    """The subject's project names its leader."""
    project = getattr(subject, "project", None)
    return _people_of(getattr(project, "leader", None), getattr(project, "principal", None))


def _people_of(*candidates: Any) -> list[int]:
    for one in candidates:
        if one is not None:
            return [one.person_id if hasattr(one, "person_id") else one.pk]
    return []


@position_holders
def holders(unit: OrgUnit, post: str) -> Collection[int]:
    """Staff of the unit whose administrative post is called so."""
    rows = StaffMember.objects.filter(department=unit, status=StaffMember.Status.ACTIVE, post__contains=post)
    return list(rows.order_by("pk").values_list("person_id", flat=True))


@working_days
def days(first: date, last: date) -> frozenset[date]:
    """Monday to Friday, without the holidays and with the days made up for them, by the school's calendar."""
    kinds = (CalendarEvent.Kind.HOLIDAY, CalendarEvent.Kind.SWAPPED)
    rows = list(CalendarEvent.objects.filter(kind__in=kinds, starts_on__lte=last, ends_on__gte=first))
    holidays = _days_of(row for row in rows if row.kind == CalendarEvent.Kind.HOLIDAY)
    made_up = _days_of(row for row in rows if row.kind == CalendarEvent.Kind.SWAPPED)
    whole = {first + timedelta(days=at) for at in range((last - first).days + 1)}
    return frozenset(day for day in whole if day in made_up or (day.weekday() < 5 and day not in holidays))


def _days_of(events: Iterable[CalendarEvent]) -> set[date]:
    return {
        event.starts_on + timedelta(days=at)
        for event in events
        for at in range((event.ends_on - event.starts_on).days + 1)
    }
