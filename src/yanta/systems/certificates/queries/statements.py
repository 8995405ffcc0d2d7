"""Results and income, added up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from yanta.masterdata.models import Student
from yanta.systems.certificates.models import Income, Mark
from yanta.systems.certificates.rules import grading


@dataclass(frozen=True, slots=True)
class Standing:
    """A student's averages and place."""

    gpa: Decimal
    average: Decimal
    rank: int
    rank_of: int

    def values(self) -> dict[str, Any]:
        return {
            "student.gpa": self.gpa, "student.average": self.average,
            "student.rank": self.rank, "student.rank_of": self.rank_of,
        }  # fmt: skip


def marks_of(person_ids: Collection[int]) -> dict[int, list[dict[str, Any]]]:
    """The best result of every course by person."""
    best: dict[int, dict[int, Mark]] = defaultdict(dict)
    rows = Mark.objects.filter(student__person__in=person_ids).select_related("course", "term", "student")
    for one in rows.order_by("term__starts_on", "course__code"):
        known = best[one.student.person_id].get(one.course_id)
        if known is None or one.score > known.score:
            best[one.student.person_id][one.course_id] = one
    return {person: [_row(one) for one in found.values()] for person, found in best.items()}


def _row(one: Mark) -> dict[str, Any]:
    return {
        "term": one.term.code, "course": one.course.name, "code": one.course.code, "credits": one.credits.normalize(),
        "score": one.score.normalize(), "point": grading.point_of(one.score),
    }  # fmt: skip


def standings_of(person_ids: Collection[int]) -> dict[int, Standing]:
    """Ranked among all of the same programme and grade who have results, whoever asks."""
    students = Student.objects.filter(person__in=person_ids, programme__isnull=False).values_list(
        "person_id", "programme_id", "grade"
    )
    cohorts = {(programme, grade) for _, programme, grade in students}
    found: dict[int, Standing] = {}
    for programme, grade in cohorts:
        fellows = Student.objects.filter(programme=programme, grade=grade)
        found |= _ranked(fellows.values_list("person_id", flat=True))
    return {person: one for person, one in found.items() if person in set(person_ids)}


def _ranked(person_ids: Collection[int]) -> Mapping[int, Standing]:
    totals = {person: grading.totals(rows) for person, rows in marks_of(person_ids).items()}
    order = sorted(totals, key=lambda person: -totals[person].average)
    places = grading.places([totals[person].average for person in order])
    return {
        person: Standing(totals[person].gpa, totals[person].average, place, len(order))
        for person, place in zip(order, places, strict=True)
    }


def income_of(person_ids: Collection[int], *, on: date) -> dict[int, dict[str, tuple[Any, str]]]:
    """Rows of the last twelve months, their mean and sum."""
    rows: dict[int, list[Income]] = defaultdict(list)
    since = date(on.year - 1, on.month, 1)
    paid = Income.objects.filter(member__person__in=person_ids, month__gte=since, month__lt=on.replace(day=1))
    for one in paid.select_related("member").order_by("month"):
        rows[one.member.person_id].append(one)
    return {person: _summed(found) for person, found in rows.items()}


def _summed(found: list[Income]) -> dict[str, tuple[Any, str]]:
    total = sum((one.gross for one in found), Decimal(0))
    mean = (total / len(found)).quantize(Decimal("0.01"))
    lines = [
        {"month": f"{one.month:%Y-%m}", "gross": f"{one.gross:,.2f}", "net": f"{one.net:,.2f}"}
        for one in found
    ]
    return {
        "staff.income": (lines, f"{len(lines)} 个月"), "staff.monthly_income": (mean, f"{mean:,.2f}"),
        "staff.yearly_income": (total, f"{total:,.2f}"),
    }  # fmt: skip
