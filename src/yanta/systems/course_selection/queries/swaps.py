"""What may be given up for a place, and what that would cost."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from yanta.masterdata.models import Student
from yanta.systems.course_selection.models import Enrolment, Place
from yanta.systems.course_selection.queries.own import chosen_by
from yanta.systems.course_selection.rules import words

# The rules with each of my places thought away.
WITHOUT = """
SELECT e.id, r.code, r.detail FROM course_selection_enrolment e,
    LATERAL course_selection_refusal(e.student_id, %s, e.place_id, 'swap') r
WHERE e.student_id = %s AND e.term_id = %s
"""


@dataclass(frozen=True, slots=True)
class Swap:
    """One of my places that could be given up; `why` says what still stands in the way then."""

    gives: Enrolment
    waits: int
    why: str


def swaps_of(student: Student, wanted: Place) -> list[Swap]:
    """Every place of mine, those first that really make way."""
    with connection.cursor() as cursor:
        cursor.execute(WITHOUT, [wanted.pk, student.pk, wanted.term_id])
        why = {key: words.refusal(code, detail) for key, code, detail in cursor.fetchall()}
    mine = [one for one in chosen_by(student, wanted.term) if one.place_id != wanted.pk]
    found = [Swap(one, one.place.waiting.count(), why.get(one.pk, "")) for one in mine]
    return sorted(found, key=lambda one: (bool(one.why), one.gives.course_id != wanted.course_id))
