"""Administrators of one class: the accounts of its students, and nothing else."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from yanta.kernel.access import delegation, services
from yanta.kernel.access.models import RoleGrant
from yanta.kernel.access.services import Ground
from yanta.kernel.base import Actor, Refused
from yanta.kernel.base.circles import circle, named
from yanta.kernel.identity.models import Account
from yanta.kernel.operation import Label, operation
from yanta.masterdata import rules
from yanta.masterdata.models import AdminClass, StaffMember, Student

KIND = rules.CLASS
Keeper = Annotated[Account, Label("账号", "由谁担任班级管理员")]


def _title(key: int) -> str:
    found = AdminClass.objects.filter(pk=key).values_list("name", flat=True).first()
    return found or "已撤销的班级"


@circle(KIND, title=_title)
def students_of(key: int) -> Any:
    """The people enrolled in a class, as ids."""
    return Student.objects.filter(admin_class_id=key).values("person_id")


@operation("委派班级管理员", icon="user-shield", bulk=False)
def appoint(
    admin_class: AdminClass, *, actor: Actor, account: Keeper, reason: Ground, valid_to: date
) -> RoleGrant:
    """Somebody who looks after the accounts of this class: unlock, reset by document, activation, sessions."""
    part = delegation.Part(circle=named(KIND, admin_class.pk))
    return services.give(actor, account, delegation.LOCAL, part, reason=reason, valid_to=valid_to)


@operation("指定班主任", icon="user-star")
def name_head_teacher(
    admin_class: AdminClass, *, actor: Actor,
    staff: Annotated[StaffMember | None, Label("班主任", "留空为不再设班主任")] = None, reason: Ground,
) -> None:  # fmt: skip
    """Who is head teacher looks after the accounts of the class from now on, and the one before no longer."""
    if staff is not None and staff.status != StaffMember.Status.ACTIVE:
        raise Refused("只能指定在岗的教职工", field="staff")
    admin_class.head_teacher = staff
    admin_class.save(update_fields=["head_teacher", "updated_at"])
