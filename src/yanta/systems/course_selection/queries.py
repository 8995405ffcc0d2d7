"""What the pages of course selection show."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from yanta.masterdata.models import Student, Term
from yanta.systems.course_selection.models import (
    Decision,
    Enrolment,
    Place,
    Round,
    SectionTime,
    Waiting,
    Wish,
)
from yanta.systems.course_selection.rules import lottery
from yanta.systems.course_selection.services import refusals


@dataclass(frozen=True, slots=True)
class Line:
    """One place of the catalogue as one student sees it."""

    place: Place
    free: int
    seats: int
    waits: int
    state: str
    why: str


def student_of(person_id: int | None) -> Student | None:
    """The enrolment that chooses: the newest that has not ended."""
    mine = Student.objects.filter(person=person_id, left_on=None)
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


def places_of(term: Term, *, text: str = "") -> QuerySet[Place]:
    """Places with seats, free seats and how many wait; one query."""
    waits = Waiting.objects.filter(place=OuterRef("pk")).order_by().values("place").annotate(n=Count("pk"))
    found = Place.objects.filter(term=term, is_open=True)
    if text:
        found = found.filter(
            Q(course__name__icontains=text) | Q(number__icontains=text) | Q(teachers__icontains=text)
        )
    return (
        found.select_related("course", "campus").prefetch_related("times")
        .annotate(
            seats=Coalesce(Sum("pools__capacity"), 0), held=Coalesce(Sum("pools__taken"), 0),
            waits=Coalesce(Subquery(waits.values("n")), 0),
        )
        .order_by("course__name", "number")
    )  # fmt: skip


def lines_of(student: Student | None, places: Sequence[Any], *, verb: str = "take") -> list[Line]:
    """With the reason why not, before anything is clicked; three queries for the page."""
    keys = [one.pk for one in places]
    mine = set(Enrolment.objects.filter(student=student, place__in=keys).values_list("place_id", flat=True))
    waiting = set(Waiting.objects.filter(student=student, place__in=keys).values_list("place_id", flat=True))
    why = refusals(student.pk, keys, verb=verb) if student else {}
    return [_line(one, mine, waiting, why.get(one.pk, "")) for one in places]


def _line(place: Any, mine: set[int], waiting: set[int], why: str) -> Line:
    free = max(0, place.seats - place.held)
    if place.pk in mine:
        state, why = "mine", ""
    elif place.pk in waiting:
        state, why = "waiting", ""
    elif why and not place.waits:
        state = "stopped"
    else:
        state = "full" if place.waits or not free else "free"
    return Line(place, free, place.seats, place.waits, state, why)


def chosen_by(student: Student, term: Term) -> list[Enrolment]:
    mine = Enrolment.objects.filter(student=student, term=term).select_related(
        "place__course", "place__campus"
    )
    return list(mine.prefetch_related("place__times").order_by("course__name"))


def receipts_of(student: Student, most: int = 30) -> list[Decision]:
    return list(
        Decision.objects.filter(student=student).select_related("place__course").order_by("-pk")[:most]
    )


def waits_of(student: Student, term: Term) -> list[tuple[Waiting, int]]:
    """With the place in the line."""
    mine = list(Waiting.objects.filter(student=student, place__term=term).select_related("place__course"))
    before: dict[int, int] = defaultdict(int)
    for one in mine:
        before[one.pk] = Waiting.objects.filter(place=one.place_id, pk__lte=one.pk).count()
    return [(one, before[one.pk]) for one in mine]


def wishes_of(student: Student, window: Round) -> list[tuple[Wish, int]]:
    """With the odds as they stand now, in percent."""
    mine = list(
        Wish.objects.filter(student=student, round=window).select_related("place__course").order_by("rank")
    )
    keys = [one.place_id for one in mine]
    counts: dict[tuple[int, int], int] = {}
    rows = Wish.objects.filter(round=window, place__in=keys).order_by().values_list("place", "rank")
    for place, rank, n in rows.annotate(n=Count("pk")):
        counts[place, rank] = n
    seats = dict(places_of(window.term).filter(pk__in=keys).values_list("pk", "seats"))
    return [
        (one, lottery.odds(
            seats.get(one.place_id, 0), sum(counts.get((one.place_id, rank), 0) for rank in range(1, one.rank)),
            counts.get((one.place_id, one.rank), 1),
        ))
        for one in mine
    ]  # fmt: skip


def times_missing(term: Term) -> int:
    """Open places of which nobody said when they meet: no conflict is seen for them."""
    timed = SectionTime.objects.filter(place__term=term).values("place")
    return Place.objects.filter(term=term, is_open=True).exclude(pk__in=timed).count()
