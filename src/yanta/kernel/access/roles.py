"""The roles, what each may do, and how far it reaches. Systems add permissions, never roles of their own making."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

from django.db import models

from yanta.kernel.base.actor import ReachKind


@dataclass(frozen=True, slots=True)
class Role:
    """`reach` is how far the role's grant goes: one's own rows, the grant's unit, the whole school."""

    code: str
    title: str
    reach: ReachKind


STUDENT = Role("student", "学生", "own")
TEACHER = Role("teacher", "教师", "own")
COUNSELLOR = Role("counsellor", "辅导员", "unit")
CLERK = Role("clerk", "业务经办人", "unit")
HEAD = Role("head", "部门负责人", "unit")
ENGINEER = Role("engineer", "信息中心工程师", "school")
SECURITY = Role("security", "安全管理员", "school")
AUDITOR = Role("auditor", "审计员", "school")
LEADER = Role("leader", "校领导", "school")
LOCAL_ADMIN = Role("local_admin", "单位管理员", "unit")

ALUMNUS = Role("alumnus", "校友", "own")
RETIREE = Role("retiree", "离退休人员", "own")
VISITOR = Role("visitor", "来访人员", "own")

ROLES = {
    role.code: role
    for role in (
        STUDENT, TEACHER, COUNSELLOR, CLERK, HEAD, ENGINEER, SECURITY, AUDITOR, LEADER, ALUMNUS, RETIREE, VISITOR,
        LOCAL_ADMIN,
    )
}  # fmt: skip


class RoleCode(models.TextChoices):
    """The same as a choice of forms and of the API."""

    STUDENT = STUDENT.code, STUDENT.title
    TEACHER = TEACHER.code, TEACHER.title
    COUNSELLOR = COUNSELLOR.code, COUNSELLOR.title
    CLERK = CLERK.code, CLERK.title
    HEAD = HEAD.code, HEAD.title
    ENGINEER = ENGINEER.code, ENGINEER.title
    SECURITY = SECURITY.code, SECURITY.title
    AUDITOR = AUDITOR.code, AUDITOR.title
    LEADER = LEADER.code, LEADER.title
    LOCAL_ADMIN = LOCAL_ADMIN.code, LOCAL_ADMIN.title


# In a declaration's `access`: the clerks of the owning department, and nobody else.
OWNER = "owner"

_permissions: dict[str, set[str]] = defaultdict(set)
_owners: dict[str, str] = {}


def allow(role: str, permissions: Iterable[str]) -> None:
    """Called by declarations while the platform starts."""
    if role not in ROLES and role != OWNER:
        raise LookupError(f"unknown role {role!r}; one of {', '.join(ROLES)}, {OWNER}")
    _permissions[role].update(permissions)
    _forget()


def own(permission: str, department: str) -> None:
    """Clerks and heads of the owning department reach the whole school with this permission."""
    _owners[permission] = department
    _forget()


def _forget() -> None:
    permissions_of.cache_clear()
    owned_by.cache_clear()


# Thousands of people hold the same role: they share one set, which tells apart whole roles by identity.
@cache
def permissions_of(role: str) -> frozenset[str]:
    return frozenset(_permissions[role])


@lru_cache(maxsize=1024)
def owned_by(names: frozenset[str], role: str) -> frozenset[str]:
    """What a role may do with what a department of these names owns: the owner's rights come on top for clerks."""
    wanted = _permissions[role] | (_permissions[OWNER] if role == CLERK.code else set())
    return frozenset(permission for permission in wanted if _owners.get(permission, "") in names)


def every_permission() -> frozenset[str]:
    return frozenset().union(*_permissions.values())
