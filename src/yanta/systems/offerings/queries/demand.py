"""What the plans in force and the classes on campus ask of a term."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from math import ceil

from django.db.models import Count

from yanta.masterdata.models import AdminClass, Student, Term
from yanta.systems.curricula import public as curricula

STUDYING = ("01", "05")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A class that needs a course, with how many will come."""

    course: int
    admin_class: int
    size: int
    is_elective: bool
    plan: int


@dataclass(frozen=True, slots=True)
class Demand:
    """`unplanned` names the classes for which no plan is in force: they are told, not passed over."""

    wanted: list[Wanted]
    unplanned: list[str]


def ordinal(term: Term, grade: int) -> int:
    """Which term of their studies a grade is in: 1 for freshmen in autumn."""
    return (int(term.academic_year[:4]) - grade) * 2 + int(term.half)


def demand_of(term: Term) -> Demand:
    """Four queries for the whole school."""
    year = int(term.academic_year[:4])
    classes = list(
        AdminClass.objects.filter(grade__lte=year, grade__gt=year - 8)
        .select_related("programme")
        .order_by("code")
    )
    sizes = dict(
        Student.objects.filter(status__in=STUDYING, admin_class__isnull=False)
        .values_list("admin_class").annotate(n=Count("pk"))
    )  # fmt: skip
    here = [
        one for one in classes if sizes.get(one.pk) and ordinal(term, one.grade) <= one.programme.years * 2
    ]
    grades = {one.grade for one in here}
    planned: dict[tuple[int, int], list[curricula.PlannedCourse]] = defaultdict(list)
    for one in curricula.planned_courses(grades):
        planned[one.programme_id, one.grade].append(one)
    in_force = curricula.plans_in_force(grades)
    wanted = [
        Wanted(one.course_id, group.pk, ceil(sizes[group.pk] * one.share), not one.is_required, one.plan_id)
        for group in here
        for one in planned[group.programme_id, group.grade]
        if one.term_number == ordinal(term, group.grade)
    ]
    unplanned = [one.name for one in here if (one.programme_id, one.grade) not in in_force]
    return Demand(wanted, unplanned)
