"""Before a window: the term's elective sections as places, and what the rules need of other systems."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from yanta.kernel.base import Actor, Refused
from yanta.kernel.operation import operation
from yanta.masterdata.models import Course, StaffMember, Student
from yanta.systems.course_selection.models import CourseNeed, Place, PlanGroup, Pool, Round, Standing
from yanta.systems.course_selection.services import carrying, timing
from yanta.systems.curricula import public as curricula
from yanta.systems.offerings import public as offerings
from yanta.systems.offerings.public import SectionView, TermTeaching


@operation("准备选课", icon="clipboard-check", bulk=False, roles=("owner",))
def prepare(window: Round, *, actor: Actor) -> None:
    """Takes over elective sections with their published times, plans with their groups, prerequisites, passed courses; may be repeated."""
    teaching = offerings.teaching_of(window.term_id)
    if teaching is None:
        raise Refused("这个学期还没有开课")
    offer(window.term_id, teaching)
    carrying.carry(one.id for one in teaching.sections)
    timing.follow_timetable(window.term_id)
    _needs()
    _groups()
    _standing()


def offer(term_id: int, teaching: TermTeaching, *, only_electives: bool = True) -> int:
    """Sections that are not yet places become places; answers how many."""
    known = set(Place.objects.filter(term=term_id).values_list("section_id", flat=True))
    fresh = [
        one for one in teaching.sections if one.id not in known and (one.is_elective or not only_electives)
    ]
    names = dict(StaffMember.objects.values_list("pk", "person__name"))
    for one in fresh:
        _place(term_id, one, names, teaching)
    return len(fresh)


def _place(term_id: int, one: SectionView, names: dict[int, str], teaching: TermTeaching) -> None:
    place = Place.objects.create(
        term_id=term_id, section_id=one.id, number=one.number, course_id=one.course_id, department_id=one.department_id,
        campus_id=one.campus_id, language=one.language, teachers=carrying.joined(one.teachers, names),
    )  # fmt: skip
    kept = [seats for seats in teaching.reservations if seats.section_id == one.id]
    Pool.objects.create(place=place, capacity=max(0, one.capacity - sum(seats.seats for seats in kept)))
    for seats in kept:
        Pool.objects.create(
            place=place, programme_id=seats.programme_id, grade=seats.grade, campus_id=seats.campus_id,
            capacity=seats.seats,
        )  # fmt: skip


def _needs() -> None:
    courses = set(Place.objects.values_list("course_id", flat=True))
    rows = [
        CourseNeed(
            course_id=one.course, needs_id=one.needs, together=one.together, alternative=one.alternative
        )
        for one in curricula.needs_of(courses)
    ]
    with transaction.atomic():
        CourseNeed.objects.all().delete()
        CourseNeed.objects.bulk_create(rows)


def _groups() -> None:
    """To which group of their plans the offered courses count."""
    grades = set(Student.objects.filter(left_on=None, grade__isnull=False).values_list("grade", flat=True))
    courses = set(Place.objects.values_list("course_id", flat=True))
    rows = [
        PlanGroup(programme_id=one.programme_id, grade=one.grade, course_id=one.course_id, name=one.group)
        for one in curricula.groups_of(grades, courses)
    ]
    with transaction.atomic():
        PlanGroup.objects.all().delete()
        PlanGroup.objects.bulk_create(rows, batch_size=5000)


def _standing() -> None:
    """What each student's plan asks for, and has passed."""
    students = list(
        Student.objects.filter(left_on=None, grade__isnull=False).values_list("pk", "programme_id", "grade")
    )
    planned: dict[tuple[int | None, int | None], set[int]] = {}
    for one in curricula.planned_courses({grade for *_, grade in students if grade}):
        planned.setdefault((one.programme_id, one.grade), set()).add(one.course_id)
    offered = set(Place.objects.values_list("course_id", flat=True))
    asked = [
        (key, course, Standing.Kind.PLANNED)
        for key, programme, grade in students
        for course in planned.get((programme, grade), set()) & offered
    ]
    courses = set(Course.objects.values_list("pk", flat=True))
    earned = [
        (key, course, Standing.Kind.PASSED)
        for key, course in curricula.passed([key for key, *_ in students])
        if course in courses
    ]
    _store([*asked, *earned])


def _store(rows: Iterable[tuple[int, int, str]]) -> None:
    """Added, never taken away: what was imported by hand stays."""
    made = (Standing(student_id=one, course_id=course, kind=kind) for one, course, kind in set(rows))
    Standing.objects.bulk_create(made, ignore_conflicts=True, batch_size=5000)
