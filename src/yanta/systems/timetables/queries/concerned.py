"""Whom meetings concern."""

from __future__ import annotations

from typing import Any

from django.db.models import Func

from yanta.masterdata.models import StaffMember, Student


def people_of(rows: Any) -> list[int]:
    """The persons of the teachers and of the students in the classes of these placements."""
    teachers = rows.annotate(one=Func("teachers", function="unnest")).values("one")
    classes = rows.annotate(one=Func("classes", function="unnest")).values("one")
    found = set(StaffMember.objects.filter(pk__in=teachers).values_list("person_id", flat=True))
    found |= set(
        Student.objects.filter(admin_class__in=classes, status="01").values_list("person_id", flat=True)
    )
    return sorted(found)
