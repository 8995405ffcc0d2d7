"""Requests of students: one statement of the database each, which is its own transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F

from yanta.kernel import notify
from yanta.masterdata.models import Student
from yanta.systems.course_selection.models import Decision, Place
from yanta.systems.course_selection.rules import words

DECIDE = "SELECT * FROM course_selection_decide(%s, %s, %s, %s, %s, %s, %s)"
REFUSALS = """
SELECT wanted, r.code, r.detail FROM unnest(%s::bigint[]) wanted,
    LATERAL course_selection_refusal(%s, wanted, NULL, %s) r
"""
FREEING = ("drop", "swap", "remove")


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for; the same key again brings the first answer again."""

    student_id: int
    verb: str
    place_id: int
    key: UUID
    old_id: int | None = None
    by: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was decided, with the number under which it is kept."""

    decision_id: int | None
    verb: str
    outcome: str
    code: str
    detail: str

    @property
    def receipt(self) -> str:
        return f"XK{self.decision_id:09d}" if self.decision_id else ""

    @property
    def words(self) -> str:
        return words.said(self.verb, self.outcome, self.code, self.detail)


def decide(asked: Request) -> Answer:
    """Decide, then give what became free to those who wait."""
    with connection.cursor() as cursor:
        cursor.execute(DECIDE, [
            asked.student_id, asked.verb, asked.place_id, asked.old_id, asked.key, asked.by, asked.reason
        ])  # fmt: skip
        answer = Answer(*cursor.fetchone())
    if answer.outcome == Decision.Outcome.WAITING or (answer.verb in FREEING and answer.outcome == "granted"):
        # After the commit: inside the operation of a clerk, one student's locks must not wait for another's.
        transaction.on_commit(lambda: _filled(asked.old_id or asked.place_id))
    return answer


def _filled(place_id: int) -> None:
    fill(place_id)


def fill(place_id: int) -> int:
    """Free seats to those who wait, in order, one transaction each; answers how many were told something."""
    told = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute("SELECT * FROM course_selection_fill(%s)", [place_id])
            _receipt, student, outcome, code, detail = cursor.fetchone()
            if student is None or code == "full":
                return told
            tell(student, place_id, words.said("fill", outcome, code, detail))
            told += 1


def fill_all() -> int:
    """Every place that has both a free seat and somebody who waits: what a stopped process left undone."""
    places = Place.objects.filter(pools__taken__lt=F("pools__capacity"), waiting__isnull=False).distinct()
    return sum(fill(key) for key in places.values_list("pk", flat=True))


def tell(student_id: int, place_id: int, what: str) -> None:
    person = Student.objects.values_list("person_id", flat=True).get(pk=student_id)
    place = Place.objects.select_related("course").get(pk=place_id)
    notify.send(
        "course_selection.filled",
        to=[person],
        link="/course-selection/mine/",
        context={"place": str(place), "what": what},
    )


def objections(
    student_id: int, place_ids: Sequence[int], *, verb: str = "take"
) -> dict[int, tuple[str, str]]:
    """Why not, as code and detail for each place, before anything is clicked; places that may be had are missing."""
    with connection.cursor() as cursor:
        cursor.execute(REFUSALS, [list(place_ids), student_id, verb])
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return {place: (code, detail) for place, code, detail in rows if code}


def refusals(student_id: int, place_ids: Sequence[int], *, verb: str = "take") -> dict[int, str]:
    """The same in words."""
    found = objections(student_id, place_ids, verb=verb)
    return {place: words.refusal(code, detail) for place, (code, detail) in found.items()}
