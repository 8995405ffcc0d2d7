"""The catalogue as one student sees it: what may be found, how many seats are open to me, why not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from django.db import connection
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from yanta.kernel.codes import name_of
from yanta.masterdata.models import Student, Term
from yanta.systems.course_selection.models import Enrolment, Place, Pool, SectionTime, Standing, Waiting
from yanta.systems.course_selection.queries.own import waits_of
from yanta.systems.course_selection.rules import words
from yanta.systems.course_selection.services import objections

# From and to which period the parts of a day last.
PARTS = {"am": ("上午（1-4 节）", 1, 4), "pm": ("下午（5-8 节）", 5, 8), "eve": ("晚上（9-14 节）", 9, 14)}
CLASHING = """
SELECT DISTINCT t.place_id FROM course_selection_sectiontime t
JOIN course_selection_sectiontime m ON m.weekday = t.weekday AND (m.week_bits & t.week_bits) <> 0
    AND t.first_period <= m.last_period AND m.first_period <= t.last_period
JOIN course_selection_enrolment e ON e.place_id = m.place_id AND e.student_id = %s AND e.term_id = %s
JOIN course_selection_place p ON p.id = t.place_id AND p.course_id <> e.course_id
"""
# Refusals that giving up something of mine may lift.
GIVES_WAY = {"chosen", "time", "campus", "credits", "group"}


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for; the address holds it."""

    q: str = ""
    kind: str = ""
    credits: str = ""
    day: str = ""
    part: str = ""
    campus: str = ""
    free: str = ""
    fits: str = ""

    @property
    def asked(self) -> dict[str, str]:
        return {one.name: value for one in fields(self) if (value := getattr(self, one.name))}

    @property
    def narrowed(self) -> int:
        """By how many filters besides the words."""
        return len(self.asked) - bool(self.q)


@dataclass(frozen=True, slots=True)
class Line:
    """One place of the catalogue as one student sees it; `others` are free seats kept for other students.

    `study` is empty for the first time, else how the course would be studied.
    """

    place: Place
    free: int
    others: int
    seats: int
    waits: int
    state: str
    why: str
    turn: int = 0
    may_swap: bool = False
    study: str = ""


def search_of(asked: Mapping[str, str]) -> Search:
    return Search(**{one.name: asked.get(one.name, "").strip()[:40] for one in fields(Search)})


def choices_of(term: Term) -> dict[str, list[tuple[str, str]]]:
    """What the filters may be set to: only what there is in this term."""
    found = Place.objects.filter(term=term, is_open=True).order_by()
    kinds = found.exclude(course__kind="").values_list("course__kind", flat=True).distinct()
    worth = found.values_list("course__credits", flat=True).distinct()
    campuses = found.exclude(campus=None).values_list("campus", "campus__name").distinct()
    return {
        "kind": sorted((one, name_of("JYT1001_KCLB", one) or one) for one in kinds),
        "credits": [(f"{one.normalize():f}", f"{one.normalize():f}") for one in sorted(worth)],
        "day": [(str(n), name) for n, name in SectionTime.Day.choices],
        "part": [(key, name) for key, (name, *_) in PARTS.items()],
        "campus": [(str(key), name) for key, name in campuses],
    }


def places_of(term: Term, student: Student | None = None, search: Search | None = None) -> QuerySet[Place]:
    """Places with seats, seats free for this student (for anybody without one) and how many wait; one query."""
    search = search or Search()
    waits = Waiting.objects.filter(place=OuterRef("pk")).order_by().values("place").annotate(n=Count("pk"))
    left = F("pools__capacity") - F("pools__taken")
    found = (
        Place.objects.filter(_wanted(search), term=term, is_open=True)
        .select_related("course", "campus").prefetch_related("times")
        .annotate(
            seats=Coalesce(Sum("pools__capacity"), 0), held=Coalesce(Sum("pools__taken"), 0),
            mine=Coalesce(Sum(left, filter=_open_to(student)), 0), waits=Coalesce(Subquery(waits.values("n")), 0),
        )
        .order_by("course__name", "number")
    )  # fmt: skip
    if search.free:
        found = found.filter(mine__gt=0, waits=0)
    return found.exclude(pk__in=_clashing(student, term)) if search.fits and student else found


def _open_to(student: Student | None) -> Q:
    if student is None:
        return Q()
    kept = {"programme": student.programme_id, "grade": student.grade, "campus": student.campus_id}
    found = Q()
    for name, mine in kept.items():
        found &= Q(**{f"pools__{name}": None}) | Q(**{f"pools__{name}": mine})
    return found


def _wanted(search: Search) -> Q:
    found = Q()
    if search.q:
        found &= (
            Q(course__name__icontains=search.q) | Q(course__code__istartswith=search.q)
            | Q(number__icontains=search.q) | Q(teachers__icontains=search.q)
        )  # fmt: skip
    if search.kind:
        found &= Q(course__kind=search.kind)
    if search.credits.replace(".", "", 1).isdecimal() and search.credits.isascii():
        found &= Q(course__credits=search.credits)
    if search.campus.isdecimal() and search.campus.isascii():
        found &= Q(campus=int(search.campus))
    return found & _at(search)


def _at(search: Search) -> Q:
    times = SectionTime.objects.all()
    if search.day.isdecimal() and search.day.isascii():
        times = times.filter(weekday=int(search.day))
    if search.part in PARTS:
        _name, first, last = PARTS[search.part]
        times = times.filter(first_period__gte=first, last_period__lte=last)
    return Q(pk__in=times.values("place")) if search.day or search.part else Q()


def _clashing(student: Student, term: Term) -> list[int]:
    """Places that meet while something of mine does."""
    with connection.cursor() as cursor:
        cursor.execute(CLASHING, [student.pk, term.pk])
        return [key for (key,) in cursor.fetchall()]


def lines_of(student: Student | None, places: Sequence[Any], *, verb: str = "take") -> list[Line]:
    """With the reason why not, before anything is clicked; a fixed number of queries for the page."""
    keys = [one.pk for one in places]
    mine = set(Enrolment.objects.filter(student=student, place__in=keys).values_list("place_id", flat=True))
    turns = waits_of(student, keys) if student else {}
    why = objections(student.pk, keys, verb=verb) if student else {}
    again = studied_before(student, [one.course_id for one in places])
    return [
        _line(one, mine, turns.get(one.pk, 0), again.get(one.course_id, ""), *why.get(one.pk, ("", "")))
        for one in places
    ]


def studied_before(student: Student | None, courses: Sequence[int]) -> dict[int, str]:
    """Courses that would be taken again, with how; a course that was passed after all is repeated."""
    rows = Standing.objects.filter(student=student, course__in=courses).values_list("course_id", "kind")
    kinds = {Standing.Kind.FAILED: Enrolment.Study.RETAKE, Standing.Kind.PASSED: Enrolment.Study.REPEAT}
    found = [(kinds[kind], course) for course, kind in rows if kind in kinds]
    return {course: str(kind.label) for kind, course in sorted(found, reverse=True)}


def _line(place: Any, mine: set[int], turn: int, study: str, code: str, detail: str) -> Line:
    free = max(0, place.mine)
    others = max(0, place.seats - place.held - free)
    if place.pk in mine:
        state, code = "mine", ""
    elif turn:
        state, code = "waiting", ""
    elif code and code != "queue":
        state = "stopped"
    else:
        state = "full" if code == "queue" or not free else "free"
    said = words.refusal(code, detail)
    return Line(place, free, others, place.seats, place.waits, state, said, turn, code in GIVES_WAY, study)


def times_missing(term: Term) -> int:
    """Open places of which nobody said when they meet: no conflict is seen for them."""
    timed = SectionTime.objects.filter(place__term=term).values("place")
    return Place.objects.filter(term=term, is_open=True).exclude(pk__in=timed).count()


def totals_of(term: Term) -> dict[str, int]:
    """The term at a glance: seats, taken, free, students with something, people who wait."""
    pools = Pool.objects.filter(place__term=term, place__is_open=True)
    held = pools.aggregate(seats=Coalesce(Sum("capacity"), 0), taken=Coalesce(Sum("taken"), 0))
    return {
        **held, "free": held["seats"] - held["taken"],
        "students": Enrolment.objects.filter(term=term).values("student").distinct().count(),
        "waits": Waiting.objects.filter(place__term=term).count(),
    }  # fmt: skip
