"""Who chooses, in which window, and what they have."""

from __future__ import annotations

from django.db.models import Count, F, OuterRef, Subquery
from django.utils import timezone

from yanta.masterdata.models import Student, Term
from yanta.systems.course_selection import services
from yanta.systems.course_selection.models import Decision, Enrolment, Round, Waiting


def student_of(person_id: int | None) -> Student | None:
    """The enrolment that chooses: the newest that has not ended."""
    mine = Student.objects.filter(person=person_id, left_on=None).select_related("admin_class")
    found: Student | None = mine.order_by(F("grade").desc(nulls_last=True), "-pk").first()
    return found


def present_round() -> Round | None:
    """What is open now, else what opens next, else what ended last."""
    now = timezone.now()
    rounds = Round.objects.select_related("term")
    found: Round | None = (
        rounds.filter(opens_at__lte=now, closes_at__gt=now).order_by("-opens_at").first()
        or rounds.filter(opens_at__gt=now).order_by("opens_at").first()
        or rounds.order_by("-closes_at").first()
    )
    return found


def term_asked(key: str) -> Term | None:
    """The term of an address, else that of the present window."""
    known = Round.objects.filter(term=int(key)).first() if key.isascii() and key.isdecimal() else None
    found = known or present_round()
    return found.term if found else None


def chosen_by(student: Student, term: Term) -> list[Enrolment]:
    mine = Enrolment.objects.filter(student=student, term=term).select_related(
        "place__course", "place__campus"
    )
    return list(mine.prefetch_related("place__times").order_by("course__name"))


def kept_by_rules(student: Student, places: list[int]) -> dict[int, str]:
    """Which of my places I may not give up now, and why not."""
    return services.refusals(student.pk, places, verb="drop")


def receipts_of(student: Student, most: int = 30) -> list[Decision]:
    return list(
        Decision.objects.filter(student=student).select_related("place__course").order_by("-pk")[:most]
    )


def waits_of(student: Student, places: list[int]) -> dict[int, int]:
    """Where I wait among these places, with my position in the line; one query."""
    before = (
        Waiting.objects.filter(place=OuterRef("place"), pk__lte=OuterRef("pk")).order_by().values("place")
    )
    mine = Waiting.objects.filter(student=student, place__in=places)
    turns = mine.annotate(turn=Subquery(before.annotate(n=Count("pk")).values("n")))
    return dict(turns.values_list("place_id", "turn"))


def waiting_of(student: Student, term: Term) -> list[tuple[Waiting, int]]:
    """Everything I wait for, with my position in the line."""
    mine = list(Waiting.objects.filter(student=student, place__term=term).select_related("place__course"))
    turns = waits_of(student, [one.place_id for one in mine])
    return [(one, turns[one.place_id]) for one in mine]
