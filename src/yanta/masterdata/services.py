"""Rights that follow from enrolments and appointments: given, kept and ended by the facts alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction

from yanta.kernel.access.models import RoleGrant
from yanta.kernel.base.bulk import copy_in
from yanta.masterdata.models import AdminClass, StaffMember, Student

# GB/T codes of the enrolment states in which a student is one: 在读, 休学, 复学.
ENROLLED = ("01", "02", "05")
Right = tuple[int, str, int, str]
_FACTS = (RoleGrant.Source.ENROLMENT, RoleGrant.Source.APPOINTMENT)
_COLUMNS = ("account_id", "role", "org_unit_id", "reason", "source", "valid_from")


@dataclass(frozen=True, slots=True)
class Followed:
    """What became of the rights that facts give: due = new + reopened + unchanged."""

    due: int
    new: int
    reopened: int
    unchanged: int
    ended: int


def _due() -> Iterator[tuple[Right, str]]:
    """Every right that a fact gives today, with the kind of fact."""
    students = Student.objects.filter(status__in=ENROLLED).exclude(person__account=None)
    for account, unit, name, class_name in students.values_list(
        "person__account", "department", "department__name", "admin_class__name"
    ):
        yield (account, "student", unit, f"因{class_name or name}在读"), RoleGrant.Source.ENROLMENT
    staff = StaffMember.objects.filter(status=StaffMember.Status.ACTIVE).exclude(person__account=None)
    for account, unit, name in staff.values_list("person__account", "department", "department__name"):
        yield (account, "teacher", unit, f"因在{name}任职"), RoleGrant.Source.APPOINTMENT
    classes = AdminClass.objects.exclude(counsellor__person__account=None).order_by().distinct()
    for account, unit, name in classes.values_list(
        "counsellor__person__account", "department", "department__name"
    ):
        yield (account, "counsellor", unit, f"因担任{name}辅导员"), RoleGrant.Source.APPOINTMENT


def follow_facts(*, on: date) -> Followed:
    """Bring the rights of the whole school into step with its facts; grants given by people are never touched."""
    due = dict(_due())
    with transaction.atomic():
        rows = RoleGrant.objects.filter(source__in=_FACTS)
        held = {
            (account, role, unit, reason): (key, until)
            for key, account, role, unit, reason, until in rows.values_list(
                "pk", "account_id", "role", "org_unit_id", "reason", "valid_to"
            )
        }
        new = copy_in(
            RoleGrant, _COLUMNS, ((*right, source, on) for right, source in due.items() if right not in held)
        )
        back = [key for right, (key, until) in held.items() if right in due and until is not None]
        over = [key for right, (key, until) in held.items() if right not in due and until is None]
        RoleGrant.objects.filter(pk__in=back).update(valid_to=None)
        RoleGrant.objects.filter(pk__in=over, valid_from=on).delete()
        ended = RoleGrant.objects.filter(pk__in=over).update(valid_to=on - timedelta(days=1))
    return Followed(len(due), new, len(back), len(due) - new - len(back), ended)
