"""A draw tried out: the same decisions by the same function, on copies of the seats that are thrown away."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated
from uuid import uuid4

from django.db import connection, transaction
from django.db.models import Sum

from yanta.kernel.base import Actor, Refused
from yanta.kernel.jobs import start
from yanta.kernel.operation import Label, operation
from yanta.masterdata.models import Programme, Student
from yanta.systems.course_selection.models import Place, Pool, Round, RoundScope, Simulation, Wish
from yanta.systems.course_selection.rules import simulation as rules
from yanta.systems.course_selection.rules.simulation import Person, Section, Tried
from yanta.systems.course_selection.services.deciding import Request, decide
from yanta.systems.course_selection.services.drawing import in_order

Step = Callable[[int, int, str], None]
Source = Annotated[
    Round | None,
    Label("志愿取自", "如去年同期的预选：由今年同专业、同年级的学生各代一份；留空用本轮已填的志愿"),
]
# A temporary table stands before the real one of the same name, so the function that decides sees the copy. Naming the
# path makes the database plan anew: no statement prepared for the real tables is used here, nor the other way round.
APART = """
SET LOCAL search_path = pg_temp, public;
CREATE TEMP TABLE course_selection_pool (LIKE public.course_selection_pool INCLUDING ALL) ON COMMIT DROP;
CREATE TEMP TABLE course_selection_sheet (LIKE public.course_selection_sheet INCLUDING ALL) ON COMMIT DROP;
CREATE TEMP TABLE course_selection_enrolment (LIKE public.course_selection_enrolment INCLUDING ALL) ON COMMIT DROP;
CREATE TEMP TABLE course_selection_waiting (LIKE public.course_selection_waiting INCLUDING ALL) ON COMMIT DROP;
CREATE TEMP TABLE course_selection_decision (LIKE public.course_selection_decision INCLUDING ALL) ON COMMIT DROP;
INSERT INTO course_selection_pool OVERRIDING SYSTEM VALUE SELECT o.* FROM public.course_selection_pool o
    JOIN public.course_selection_place p ON p.id = o.place_id WHERE p.term_id = {term};
INSERT INTO course_selection_sheet OVERRIDING SYSTEM VALUE
    SELECT * FROM public.course_selection_sheet WHERE term_id = {term};
INSERT INTO course_selection_enrolment OVERRIDING SYSTEM VALUE
    SELECT * FROM public.course_selection_enrolment WHERE term_id = {term};
ALTER TABLE course_selection_sheet ALTER id RESTART WITH 1000000000000;
ALTER TABLE course_selection_enrolment ALTER id RESTART WITH 1000000000000;
ANALYZE course_selection_enrolment, course_selection_pool, course_selection_sheet;
"""


@operation(
    "模拟抽签", icon="flask", bulk=False, roles=("owner",),
    when=lambda one: one.kind == Round.Kind.LOTTERY and one.drawn_at is None,
)  # fmt: skip
def simulate(window: Round, *, actor: Actor, source: Source = None) -> Simulation:
    """Shows how many would be placed and who would be left over; changes nothing and tells no seed."""
    if window.kind != Round.Kind.LOTTERY or window.drawn_at is not None:
        raise Refused("只有还没有抽签的预选轮次可以模拟")
    source = source or window
    if not Wish.objects.filter(round=source).exists():
        raise Refused(f"“{source.name}”里没有志愿；请选一个填过志愿的轮次", field="source")
    from yanta.systems.course_selection import jobs

    made: Simulation = Simulation.objects.create(round=window, source=source, seed=secrets.token_hex(16))
    start(jobs.try_out, actor=actor, simulation=made.pk)
    return made


def try_out(made: Simulation, *, step: Step = lambda done, total, text: None) -> Simulation:
    """Every wish in the order of a seed that is not the real one; then everything but the figures is undone."""
    wishes, strangers = wishes_for(made.round, made.source)
    with _copies(made.round.term_id):
        tried = list(_tried(made, wishes, step))
    made.strangers, made.wishes = strangers, len(tried)
    made.granted = sum(one.came == "won" for one in tried)
    made.groups, made.sections, made.is_done = _groups(tried), _sections(tried), True
    made.save()
    return made


@contextmanager
def _copies(term_id: int) -> Iterator[None]:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(APART.format(term=int(term_id)))
        yield
        transaction.set_rollback(True)


def _tried(made: Simulation, wishes: list[Wish], step: Step) -> Iterator[Tried]:
    for n, one in enumerate(in_order(made.round, made.seed, wishes)):
        answer = decide(Request(one.student_id, "draw", one.place_id, uuid4()))
        came = "won" if answer.outcome == "granted" else answer.code
        group = (one.student.programme_id, one.student.grade)
        yield Tried(group, one.student_id, one.place_id, one.rank, came)
        if n % 200 == 0:
            step(n, len(wishes), "模拟抽签")


def wishes_for(window: Round, source: Round) -> tuple[list[Wish], int]:
    """The wishes of `source` as those of `window`, unsaved; and how many found no student or no course."""
    given = list(
        Wish.objects.filter(round=source).select_related("student", "place").order_by("student", "rank")
    )
    students = _students(window, source, given)
    places = _places(window, source, given)
    lists: dict[int, list[Wish]] = {}
    for one in given:
        lists.setdefault(one.student_id, []).append(one)
    found: list[Wish] = []
    for mine in lists.values():
        points = rules.points_of([one.points for one in mine], before=source.points, now=window.points)
        found += [
            Wish(round=window, student=students[one.student_id], place=places[one.place_id], rank=one.rank, points=n)
            for one, n in zip(mine, points, strict=True)
            if one.student_id in students and one.place_id in places
        ]  # fmt: skip
    return found, len(given) - len(found)


def _students(window: Round, source: Round, given: list[Wish]) -> dict[int, Student]:
    years = int(window.term.academic_year[:4]) - int(source.term.academic_year[:4])
    scopes = list(RoundScope.objects.filter(round=window))
    present = {
        one.pk: one
        for one in Student.objects.filter(left_on=None)
        if not scopes or any(
            it.programme_id in (None, one.programme_id) and it.grade in (None, one.grade) for it in scopes
        )
    }  # fmt: skip
    before = {one.student_id: one.student for one in given}
    found = rules.stand_ins(map(_person, before.values()), map(_person, present.values()), years=years)
    return {old: present[new] for old, new in found.items()}


def _person(one: Student) -> Person:
    return Person(one.pk, one.number, one.programme_id, one.grade)


def _places(window: Round, source: Round, given: list[Wish]) -> dict[int, Place]:
    if window.term_id == source.term_id:
        return {one.place_id: one.place for one in given}
    present = {one.pk: one for one in Place.objects.filter(term=window.term_id, is_open=True)}
    before = {one.place_id: one.place for one in given}
    found = rules.same_courses(map(_section, before.values()), map(_section, present.values()))
    return {old: present[new] for old, new in found.items()}


def _section(one: Place) -> Section:
    return Section(one.pk, one.number, one.course_id)


def _groups(tried: list[Tried]) -> list[dict[str, object]]:
    names = dict(Programme.objects.values_list("pk", "name"))
    return [
        {"programme": names.get(programme or 0, ""), "grade": grade, "students": students, "wishes": wishes,
         "won": won, "nothing": nothing}
        for (programme, grade), students, wishes, won, nothing in rules.by_group(tried)
    ]  # fmt: skip


def _sections(tried: list[Tried]) -> list[dict[str, object]]:
    figures = rules.by_section(tried)
    seats = dict(
        Pool.objects.filter(place__in=figures).values_list("place").annotate(n=Sum("capacity") - Sum("taken"))
    )
    rows = Place.objects.filter(pk__in=figures).select_related("course").order_by("number")
    found = [
        {"place": one.pk, "number": one.number, "course": one.course.name, "seats": seats.get(one.pk, 0), **figures[one.pk]}
        for one in rows
    ]  # fmt: skip
    return sorted(found, key=lambda row: -row["full"])
