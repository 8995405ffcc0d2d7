"""Students against plans."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q

from yanta.kernel.base.models import RecordQuerySet
from yanta.masterdata.models import Course, Student
from yanta.systems.curricula.models import CreditRecord, Plan, Replacement
from yanta.systems.curricula.queries import sheets, under_way
from yanta.systems.curricula.queries.sheets import PlanSheet, Row
from yanta.systems.curricula.rules import plans
from yanta.systems.curricula.rules.audit import Audit, Standing, Taken, audit


@dataclass(frozen=True, slots=True)
class CourseLine:
    """One course on the progress page."""

    course: Course
    credits: Decimal
    state: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class GroupLine:
    row: Row
    standing: Standing
    courses: list[CourseLine]


@dataclass(frozen=True, slots=True)
class Progress:
    """The page: the plan, every group with its courses, and what counts nowhere."""

    student: Student
    sheet: PlanSheet
    audit: Audit
    groups: list[GroupLine]
    unplaced: list[CourseLine]


def plan_of(student: Student) -> Plan | None:
    """The plan in force for the student's programme and grade."""
    found: Plan | None = _in_force().filter(
        programme=student.programme_id, grade=student.grade, kind=Plan.Kind.MAJOR
    ).first()  # fmt: skip
    return found


def plans_to_try(student: Student) -> list[Plan]:
    """The plans in force of the student's grade and level: another programme to change to, a minor to add."""
    if student.grade is None:
        return []
    found = _in_force().filter(grade=student.grade, programme__level=student.level)
    return list(found.select_related("programme__department").order_by("kind", "programme__name"))


def _in_force() -> RecordQuerySet:
    return Plan.objects.filter(status=Plan.Status.PUBLISHED).select_related("programme")


def taken_by(student_ids: Sequence[int]) -> dict[int, list[Taken]]:
    """What each student has earned and studies now, two queries for all of them."""
    found: dict[int, list[Taken]] = defaultdict(list)
    records = CreditRecord.objects.filter(student__in=student_ids)
    for student, course, points, nature in records.values_list(
        "student_id", "course_id", "credits", "course__nature"
    ):
        found[student].append(Taken(course, points, nature))
    studied = under_way.courses_under_way(list(student_ids))
    courses = Course.objects.in_bulk({course for one in studied.values() for course in one})
    for student, now in studied.items():
        found[student] += [
            Taken(course, courses[course].credits, courses[course].nature, is_earned=False)
            for course in sorted(now)
        ]
    return found


def replacing(plan: Plan, student_ids: Sequence[int]) -> dict[int, dict[int, frozenset[int]]]:
    """Student → course → the courses of the plan that it may count instead of; 0 stands for everybody."""
    here = (Q(programme=None) | Q(programme=plan.programme_id)) & (
        Q(student=None) | Q(student__in=student_ids)
    )
    found: dict[int, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
    for one in Replacement.objects.filter(here):
        found[one.student_id or 0][one.by_id].add(one.course_id)
    return {
        student: {by: frozenset(courses) for by, courses in pairs.items()} for student, pairs in found.items()
    }


def _merged(found: dict[int, dict[int, frozenset[int]]], student_id: int) -> dict[int, frozenset[int]]:
    general, own = found.get(0, {}), found.get(student_id, {})
    return {by: general.get(by, frozenset()) | own.get(by, frozenset()) for by in {*general, *own}}


def audits(plan: Plan, student_ids: Sequence[int]) -> dict[int, Audit]:
    """Many students against one plan, in a fixed number of queries."""
    sheet, taken, instead = sheets.sheet_of(plan), taken_by(student_ids), replacing(plan, student_ids)
    tree = sheet.tree
    return {one: audit(tree, taken.get(one, []), _merged(instead, one)) for one in student_ids}


def progress_of(student: Student, plan: Plan) -> Progress:
    """Everything that the page shows."""
    sheet = sheets.sheet_of(plan)
    taken = taken_by([student.pk]).get(student.pk, [])
    found = audit(sheet.tree, taken, _merged(replacing(plan, [student.pk]), student.pk))
    known = {one.course_id: one.course for one in sheet.courses}
    known |= Course.objects.in_bulk({one.course for one in taken} - set(known))
    needs = sheets.needs_of(slot.course for one in found.groups.values() for slot in one.missing)
    known |= Course.objects.in_bulk({need.needs for need in needs} - set(known))
    shown = _Shown(known, needs, taken)
    groups = [GroupLine(row, found.groups[row.group.pk], shown.lines(row, found)) for row in sheet.rows]
    unplaced = [shown.counted(one, 0) for one in found.unplaced]
    return Progress(student, sheet, found, groups, unplaced)


class _Shown:
    """Turns results into lines of the page."""

    def __init__(self, known: dict[int, Course], needs: list[plans.Need], taken: Sequence[Taken]) -> None:
        self.known, self.needs = known, needs
        self.earned = frozenset(one.course for one in taken if one.is_earned)
        self.now = frozenset(one.course for one in taken if not one.is_earned)

    def lines(self, row: Row, found: Audit) -> list[CourseLine]:
        """What is still to be studied first, then what is studied now, then what is done."""
        standing = found.groups[row.group.pk]
        lines: list[CourseLine] = []
        elsewhere = self.earned | self.now
        waiting = plans.next_courses(standing, self.needs, earned=self.earned, under_way=self.now)
        for one in row.courses:
            if one.course_id in waiting and one.course_id not in elsewhere:
                note = self._before(waiting[one.course_id]) or f"建议第 {one.term_number} 学期"
                lines.append(CourseLine(one.course, sheets.credits_of(one), "missing", note))
        counted = [self.counted(one, slot) for one, slot in standing.counted]
        return lines + sorted(counted, key=lambda line: line.state == "earned")

    def counted(self, one: Taken, slot: int) -> CourseLine:
        course = self.known[one.course]
        note = f"代替“{self.known[slot].name}”" if slot and slot != one.course else ""
        return CourseLine(course, one.credits, "earned" if one.is_earned else "under_way", note)

    def _before(self, courses: Sequence[int]) -> str:
        names = "、".join(self.known[course].name for course in courses)
        return f"须先修 {names}" if names else ""
