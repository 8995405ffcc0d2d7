"""What other systems may ask of the plans; ids and frozen dataclasses only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models.functions import Coalesce

from yanta.masterdata.models import Course
from yanta.systems.curricula.models import CreditRecord, Group, Plan, PlanCourse
from yanta.systems.curricula.queries import sheets
from yanta.systems.curricula.queries.under_way import studying
from yanta.systems.curricula.rules.plans import Need

__all__ = [
    "GroupedCourse",
    "Need",
    "PlannedCourse",
    "group_names",
    "groups_of",
    "needs_of",
    "passed",
    "planned_courses",
    "plans_in_force",
    "studying",
]


@dataclass(frozen=True, slots=True)
class PlannedCourse:
    """A course that a plan in force places in a term; `share` of the cohort is expected to come."""

    plan_id: int
    programme_id: int
    grade: int
    course_id: int
    term_number: int
    is_required: bool
    share: Decimal


def planned_courses(grades: Iterable[int]) -> list[PlannedCourse]:
    """Everything that the major plans in force for these grades place in some term; a course once per plan."""
    rows = PlanCourse.objects.filter(
        group__plan__status=Plan.Status.PUBLISHED, group__plan__kind=Plan.Kind.MAJOR, group__plan__grade__in=set(grades)
    ).order_by("pk").values_list(
        "group_id", "group__need", "group__minimum_credits", "group__plan_id", "group__plan__programme_id",
        "group__plan__grade", "course_id", "term_number", Coalesce("credits", "course__credits"),
    )  # fmt: skip
    found = list(rows)
    offered: dict[int, Decimal] = defaultdict(Decimal)
    for group, *_, points in found:
        offered[group] += points
    best: dict[tuple[int, int], PlannedCourse] = {}
    for group, need, least, plan, programme, grade, course, term, _ in found:
        # Of an elective group everybody takes the least number of credits, spread evenly over what is listed.
        required = need == Group.Need.ALL
        share = Decimal(1) if required or not offered[group] else min(Decimal(1), least / offered[group])
        known = best.get((plan, course))
        if known is None or share > known.share:
            best[plan, course] = PlannedCourse(plan, programme, grade, course, term, required, share)
    return list(best.values())


@dataclass(frozen=True, slots=True)
class GroupedCourse:
    """The group of a plan in force to which a course counts."""

    programme_id: int
    grade: int
    course_id: int
    group: str


def groups_of(grades: Iterable[int], course_ids: Iterable[int]) -> list[GroupedCourse]:
    """Where these courses count in the major plans in force for these grades: a group that lists one, else one that takes its nature."""
    courses = set(course_ids)
    ours = {
        "plan__status": Plan.Status.PUBLISHED,
        "plan__kind": Plan.Kind.MAJOR,
        "plan__grade__in": set(grades),
    }
    places = ("plan__programme_id", "plan__grade")
    listing = Group.objects.filter(**ours, courses__course__in=courses).order_by("-position", "-pk")
    by_nature: dict[str, list[int]] = defaultdict(list)
    for course, nature in Course.objects.filter(pk__in=courses).values_list("pk", "nature"):
        by_nature[nature].append(course)
    found: dict[tuple[int, int, int], str] = {}
    taking = Group.objects.filter(**ours, accepts=Group.Accepts.NATURE).order_by("-position", "-pk")
    for programme, grade, nature, name in taking.values_list(*places, "nature", "name"):
        found |= {(programme, grade, course): name for course in by_nature[nature]}
    for programme, grade, course, name in listing.values_list(*places, "courses__course_id", "name"):
        found[programme, grade, course] = name
    return [GroupedCourse(*key, name) for key, name in found.items()]


def group_names() -> list[str]:
    """The groups that there are in major plans in force."""
    ours = Group.objects.filter(plan__status=Plan.Status.PUBLISHED, plan__kind=Plan.Kind.MAJOR)
    return list(ours.order_by("name").values_list("name", flat=True).distinct())


def passed(student_ids: Iterable[int]) -> list[tuple[int, int]]:
    """Student and course wherever credits were earned or credited."""
    return list(
        CreditRecord.objects.filter(student__in=set(student_ids)).values_list("student_id", "course_id")
    )


def needs_of(course_ids: Iterable[int]) -> list[Need]:
    """What stands before courses."""
    return sheets.needs_of(course_ids)


def plans_in_force(grades: Iterable[int]) -> set[tuple[int, int]]:
    """Programme and grade of every major plan in force for these grades."""
    found = Plan.objects.filter(
        status=Plan.Status.PUBLISHED, kind=Plan.Kind.MAJOR, grade__in=set(grades)
    ).values_list("programme_id", "grade")
    return set(found)
