"""Accounts and rights that follow from facts, and the few whose password is printed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth.hashers import make_password

from yanta.config.demo.crowd import Crowd, Member
from yanta.config.demo.school import School
from yanta.kernel.access.models import RoleGrant
from yanta.kernel.base.bulk import copy_in, new_ids
from yanta.kernel.identity.models import Account
from yanta.kernel.organisation.models import OrgUnit
from yanta.masterdata.models import AdminClass, StaffMember, Student

PASSWORD = "Yanta-2026"  # noqa: S105 - printed on purpose: the demo school holds nobody's data
ACCOUNT_COLUMNS = (
    "id", "username", "person_id", "name", "state", "state_reason", "must_change_password", "rights_version",
    "password", "ended_by_facts",
)  # fmt: skip
GRANT_COLUMNS = ("account_id", "role", "org_unit_id", "reason", "source", "valid_from")
BEGIN = date(2026, 9, 1)
GUESTS_COLLEGE = "10600"


@dataclass(frozen=True, slots=True)
class Guest:
    """One demo account: what it is for, and who it is."""

    username: str
    title: str
    role: str
    unit: str
    reason: str


GUESTS = (
    Guest("counsellor", "辅导员", "counsellor", "计算机学院", "因担任计算机学院辅导员"),
    Guest("clerk", "学院教务员", "clerk", "计算机学院", "因任计算机学院教务秘书"),
    Guest("dean", "学院负责人", "head", "计算机学院", "因任计算机学院院长"),
    Guest("registry", "教务处经办人", "clerk", "教务处", "因任教务处学籍科科员"),
    Guest("hr", "人事处经办人", "clerk", "人事处", "因任人事处人事科科员"),
    Guest("affairs", "学工部经办人", "clerk", "学工部", "因任学生工作部思政科科员"),
    Guest("assets", "资产处经办人", "clerk", "资产处", "因任国资处设备科科员"),
    Guest("engineer", "信息中心工程师", "engineer", "信息中心", "因任信息中心数据工程师"),
    Guest("auditor", "审计员", "auditor", "审计处", "因任审计处信息审计岗"),
    Guest("leader", "校领导", "leader", "党政办公室", "因任分管信息化副校长"),
    Guest("logistics", "后勤处调度员", "clerk", "后勤管理处", "因任后勤处服务大厅调度员"),
    Guest("repairer", "维修师傅", "teacher", "后勤管理处", "因在后勤处维修中心工作"),
    Guest("driver", "公车司机", "teacher", "后勤管理处", "因在后勤处车队工作"),
)


def build_accounts(school: School, crowd: Crowd) -> None:
    """Everybody has one, pending until the first sign-in; the guests' are open and hold what they were given."""
    closed, opened = make_password(None), make_password(PASSWORD)
    chosen = dict(_guest_members(school, crowd))
    rows, grants = [], []
    keys = iter(new_ids(Account, len(crowd.staff) + len(crowd.students)))
    for member in crowd.staff:
        key, guest = next(keys), chosen.get(member.staff_id)
        name = guest.username if guest else f"t{member.number}"
        rows.append(
            _account(key, name, member.person_id, member.name, opened if guest else closed, bool(guest))
        )
        if guest:
            grants.append(_guest_grant(key, guest, school))
    for _, person_id, name, number, _ in crowd.students:
        rows.append(_account(next(keys), number, person_id, name, closed, is_open=False))
    copy_in(Account, ACCOUNT_COLUMNS, rows)
    copy_in(RoleGrant, GRANT_COLUMNS, grants)
    _give_classes(school, next(key for key, guest in chosen.items() if guest.username == "counsellor"))


def _give_classes(school: School, staff_id: int) -> None:
    """The counsellor whom a newcomer signs in as looks after every other class of the college: leave goes by class."""
    college = school.named("计算机学院")
    classes = AdminClass.objects.filter(department__path__startswith=college.path).order_by("code")
    keys = list(classes.values_list("pk", flat=True))[::2]
    AdminClass.objects.filter(pk__in=keys).update(counsellor_id=staff_id)


def open_roster_guests() -> None:
    """The student and the teacher that a newcomer signs in as come from the rosters, so every value has its source."""
    college = OrgUnit.objects.get(code=GUESTS_COLLEGE)
    student = (
        Student.objects.filter(department=college, status="01", level="3", admin_class=None)
        .order_by("-number")
        .first()
    )
    teacher = StaffMember.objects.filter(
        department__path__startswith=college.path, status="active", person__employments__isnull=False
    ).exclude(person__account__state="active").order_by("number").first()  # fmt: skip
    for username, row in (("student", student), ("teacher", teacher)):
        if row is not None:
            Account.objects.filter(person_id=row.person_id).update(
                username=username, state=Account.State.ACTIVE, password=make_password(PASSWORD)
            )


def _account(
    key: int, username: str, person_id: int, name: str, password: str, is_open: bool
) -> tuple[Any, ...]:
    return key, username, person_id, name, "active" if is_open else "pending", "", False, 0, password, False


def _guest_members(school: School, crowd: Crowd) -> Iterator[tuple[int, Guest]]:
    """A member of the right unit, or of one below it, for every guest."""
    taken: set[int] = set()
    for guest in GUESTS:
        unit = school.named(guest.unit)
        member: Member = next(
            m for m in crowd.staff if m.unit.path.startswith(unit.path) and m.staff_id not in taken
        )
        taken.add(member.staff_id)
        yield member.staff_id, guest


def _guest_grant(key: int, guest: Guest, school: School) -> tuple[Any, ...]:
    unit = None if guest.role in ("engineer", "auditor", "leader") else school.named(guest.unit).pk
    return key, guest.role, unit, guest.reason, RoleGrant.Source.DELEGATION, BEGIN


def guests() -> list[tuple[str, str]]:
    """(username, what it is) of every account with the printed password."""
    return [("student", "学生"), ("teacher", "教师"), *((guest.username, guest.title) for guest in GUESTS)]
