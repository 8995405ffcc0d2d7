"""What one person teaches or studies in a term, and how far the term's preparation has come."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Prefetch, Q
from django.utils import timezone

from yanta.masterdata.models import Student, Term
from yanta.systems.offerings.models import Need, Offering, Season, SectionClass, Teaching
from yanta.systems.offerings.queries.facts import OF_TEACHER


def present_term(on: date | None = None) -> Term | None:
    """The term of a day: the last that has begun."""
    found: Term | None = (
        Term.objects.filter(starts_on__lte=on or timezone.localdate()).order_by("-starts_on").first()
    )
    return found


def season_asked(key: str) -> Season | None:
    """The season of an address, else the newest."""
    seasons = Season.objects.select_related("term").order_by("-term__starts_on")
    found: Season | None = seasons.filter(pk=int(key)).first() if key.isascii() and key.isdecimal() else None
    return found or seasons.first()


def present_season() -> Season | None:
    """What is taught now, else the newest that is prepared."""
    now = Season.objects.select_related("term").filter(term=present_term()).first()
    return now or season_asked("")


def studied_now(student_ids: list[int]) -> Iterable[tuple[int, int]]:
    """Students with the required courses that their classes, or before they have one their cohorts, have this term."""
    term = present_term()
    students = list(
        Student.objects.filter(pk__in=student_ids, programme__isnull=False).values_list(
            "pk", "admin_class_id", "programme_id", "grade"
        )
    )
    if term is None or not students:
        return []
    needs = Need.objects.filter(
        offering__season__term=term, is_elective=False, admin_class__programme__in={one[2] for one in students},
        admin_class__grade__in={one[3] for one in students if one[3]},
    ).exclude(offering__status=Offering.Status.DROPPED)  # fmt: skip
    by_class: dict[int, set[int]] = defaultdict(set)
    by_cohort: dict[tuple[int, int], set[int]] = defaultdict(set)
    for group, programme, grade, course in needs.values_list(
        "admin_class_id", "admin_class__programme_id", "admin_class__grade", "offering__course_id"
    ):
        by_class[group].add(course)
        by_cohort[programme, grade].add(course)
    return [
        (student, course)
        for student, group, programme, grade in students
        for course in (by_class.get(group, ()) if group else by_cohort.get((programme, grade), ()))
    ]


def taught_by(person_id: int | None, season: Season) -> list[Teaching]:
    """A teacher's sections."""
    mine = Teaching.objects.filter(
        teacher__person=person_id, section__offering__season=season, section__status="open"
    )
    return list(
        mine.select_related("section__offering__course").prefetch_related("section__meetings", "section__classes__admin_class")
        .order_by("section__number")
    )  # fmt: skip


def attended_by(person_id: int | None, season: Season) -> list[SectionClass]:
    """The sections in which a student's class sits."""
    student = Student.objects.filter(person=person_id, admin_class__isnull=False).order_by("-grade").first()
    if student is None:
        return []
    teachers = Teaching.objects.select_related("teacher__person").defer(*OF_TEACHER)
    mine = SectionClass.objects.filter(
        admin_class=student.admin_class_id, section__offering__season=season, section__status="open"
    )
    return list(
        mine.select_related("section__offering__course")
        .prefetch_related("section__meetings", Prefetch("section__teachings", queryset=teachers))
        .order_by("section__number")
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class UnitProgress:
    """How far one unit has come."""

    unit_id: int
    unit: str
    confirmed: int
    waiting: int
    sections: int
    unstaffed: int


def progress_of(season: Season, offerings: Iterable[Offering]) -> list[UnitProgress]:
    """Every unit among these offerings, the one with most still to do first."""
    open_sections = Q(sections__status="open")
    rows = (
        Offering.objects.filter(pk__in=offerings, season=season).exclude(status=Offering.Status.DROPPED)
        .values_list("department_id", "department__name")
        .annotate(
            confirmed=Count("pk", distinct=True, filter=Q(status=Offering.Status.CONFIRMED)),
            waiting=Count("pk", distinct=True, filter=Q(status=Offering.Status.DRAFT)),
            n=Count("sections", distinct=True, filter=open_sections),
            unstaffed=Count("sections", distinct=True, filter=open_sections & Q(sections__teachings=None)),
        )
    )  # fmt: skip
    return sorted((UnitProgress(*row) for row in rows), key=lambda one: (-one.waiting, one.unit))
