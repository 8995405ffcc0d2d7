"""Whoever has something of a place, or asks for it, and would not be given it as it is now. Nobody loses it by that."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from yanta.systems.course_selection.models import Place
from yanta.systems.course_selection.rules import words

HELD = """
SELECT 'chosen' AS held, e.student_id, e.place_id AS leaving FROM course_selection_enrolment e WHERE e.place_id = %s
UNION ALL SELECT 'waiting', w.student_id, NULL FROM course_selection_waiting w WHERE w.place_id = %s
UNION ALL SELECT 'wished', w.student_id, NULL FROM course_selection_wish w
    JOIN course_selection_round r ON r.id = w.round_id AND r.drawn_at IS NULL WHERE w.place_id = %s
"""
# By the rules of a draw, which ask neither for an open window nor what a later round makes of retakes.
UNFIT = f"""
SELECT h.student_id, h.held, r.code, r.detail
FROM ({HELD}) h, LATERAL course_selection_refusal(h.student_id, %s, h.leaving, 'draw') r
WHERE r.code NOT IN ('', 'closed', 'passed') ORDER BY h.held, h.student_id
"""


@dataclass(frozen=True, slots=True)
class Unfit:
    """`held` is chosen, waiting or wished."""

    student_id: int
    held: str
    code: str
    detail: str

    @property
    def words(self) -> str:
        return words.refusal(self.code, self.detail)


def unfit_of(place: Place) -> list[Unfit]:
    with connection.cursor() as cursor:
        cursor.execute(UNFIT, [place.pk] * 4)
        return [Unfit(*row) for row in cursor.fetchall()]


def holders_of(place: Place) -> list[int]:
    """Students who have it, wait for it, or wish for it in a draw to come."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT student_id FROM ({HELD}) h", [place.pk] * 3)
        return [student for (student,) in cursor.fetchall()]
