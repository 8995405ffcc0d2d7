"""Who is not back, and who is to hear of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from django.db.models import Q, QuerySet

from yanta.kernel.access.models import RoleGrant
from yanta.systems.leave.models import Leave


def overdue(*, on: date) -> QuerySet[Leave]:
    """Granted, over by yesterday, and nobody has said that the student is back."""
    rows = Leave.objects.filter(
        status=Leave.Status.GRANTED, ends_on__lt=on, ends_on__gte=on - timedelta(days=60)
    )
    return rows.select_related("student__person", "student__department")


def people_of(leave: Leave, roles: Iterable[str]) -> list[int]:
    """The student, and those who hold these roles nearest to the student's college."""
    found: set[int] = set()
    for role in roles:
        found |= {leave.student.person_id} if role == "student" else _nearest(leave, role)
    return sorted(found)


def _nearest(leave: Leave, role: str) -> set[int]:
    path = leave.student.department.path
    grants = RoleGrant.objects.filter(
        role=role, account__person__isnull=False, org_unit__isnull=False
    ).filter(Q(valid_to=None) | Q(valid_to__gt=leave.ends_on))
    held = [
        (len(unit), person)
        for unit, person in grants.values_list("org_unit__path", "account__person_id")
        if path.startswith(unit)
    ]
    nearest = max((length for length, _ in held), default=0)
    return {person for length, person in held if length == nearest}
