"""What other systems may ask of the selection; ids only."""

from __future__ import annotations

from collections.abc import Iterable

from yanta.systems.course_selection.models import Enrolment


def students_of(section_ids: Iterable[int]) -> dict[int, list[int]]:
    """Section id → the students who chose it."""
    found: dict[int, list[int]] = {}
    rows = Enrolment.objects.filter(place__section_id__in=set(section_ids)).order_by("pk")
    for section, student in rows.values_list("place__section_id", "student_id"):
        found.setdefault(section, []).append(student)
    return found
