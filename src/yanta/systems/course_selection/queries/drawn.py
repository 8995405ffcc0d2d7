"""A lottery before and after: wishes with their odds, and the list by which everybody can recompute the draw."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Count
from django.utils import timezone

from yanta.masterdata.models import Student
from yanta.systems.course_selection.models import Decision, Pool, Round, Wish
from yanta.systems.course_selection.rules import lottery
from yanta.systems.course_selection.rules.lottery import Group, Seats
from yanta.systems.course_selection.services.drawing import request_of

# Place → tier → group → how many wishes.
Asked = dict[int, dict[int, dict[Group, int]]]


@dataclass(frozen=True, slots=True)
class WishLine:
    """A wish with its chance in percent as things stand; with points, how many would surely do."""

    wish: Wish
    chance: int
    seats: int
    wished: int
    enough: int | None


def lottery_of(student: Student | None) -> Round | None:
    """The lottery that concerns a student: what is open for them, else what comes next, else what was last."""
    now = timezone.now()
    found = Round.objects.filter(kind=Round.Kind.LOTTERY).select_related("term").prefetch_related("scopes")
    mine = [one for one in found.order_by("-opens_at")[:40] if student is None or _is_for(one, student)]
    present = [one for one in mine if one.opens_at <= now < one.closes_at]
    coming = [one for one in reversed(mine) if one.opens_at > now]
    return next(iter([*present, *coming, *mine]), None)


def _is_for(window: Round, student: Student) -> bool:
    scopes = window.scopes.all()
    return not scopes or any(
        one.programme_id in (None, student.programme_id) and one.grade in (None, student.grade)
        for one in scopes
    )


def wishes_of(student: Student, window: Round) -> list[WishLine]:
    """Four queries, however many wishes there are."""
    mine = list(
        Wish.objects.filter(student=student, round=window).select_related("place__course").order_by("rank")
    )
    keys = [one.place_id for one in mine]
    seats, asked = seats_of(keys), asked_of(window, keys)
    return [_wish_line(window, student, one, seats[one.place_id], asked[one.place_id]) for one in mine]


def _wish_line(
    window: Round, student: Student, wish: Wish, seats: list[Seats], asked: dict[int, dict[Group, int]]
) -> WishLine:
    group = (student.programme_id, student.grade, student.campus_id)
    tier = lottery.tier_of(wish.rank, wish.points, by_points=window.is_by_points)
    chance = lottery.odds(seats, asked, group=group, tier=tier)
    enough = None
    if window.is_by_points:
        others = {at: {**groups} for at, groups in asked.items()}
        others[tier][group] -= 1
        others = {at: {one: n for one, n in groups.items() if n} for at, groups in others.items()}
        enough = lottery.enough(seats, others, group=group, most=window.points)
    free = sum(one.free for one in seats if one.admits(group))
    return WishLine(wish, chance, free, sum(sum(one.values()) for one in asked.values()), enough)


def seats_of(places: Sequence[int]) -> dict[int, list[Seats]]:
    """Free seats of these places by whom they are for."""
    found: dict[int, list[Seats]] = {key: [] for key in places}
    for pool in Pool.objects.filter(place__in=places).order_by("pk"):
        found[pool.place_id].append(
            Seats((pool.programme_id, pool.grade, pool.campus_id), pool.capacity - pool.taken)
        )
    return found


def asked_of(window: Round, places: Sequence[int]) -> Asked:
    """Who wishes for these places, by tier."""
    found: Asked = {key: defaultdict(dict) for key in places}
    rows = Wish.objects.filter(round=window, place__in=places).order_by()
    names = (
        "place",
        "rank",
        "points",
        "student__programme",
        "student__grade",
        "student__admin_class__campus",
    )
    for place, rank, points, *group, n in rows.values_list(*names).annotate(n=Count("pk")):
        tier = lottery.tier_of(rank, points, by_points=window.is_by_points)
        groups, (programme, grade, campus) = found[place][tier], group
        groups[programme, grade, campus] = groups.get((programme, grade, campus), 0) + n
    return found


def published(window: Round, *, with_numbers: bool) -> Iterator[list[str]]:
    """What the recomputing script reads, row by row; student numbers only for whoever may see all wishes."""
    yield ["seed", window.seed, window.seed_digest]
    yield ["by", "points" if window.is_by_points else "rank"]
    for section, programme, grade, campus, free in window.seats_drawn:
        yield ["seats", section, programme or "", str(grade or ""), campus or "", str(free)]
    wishes = Wish.objects.filter(round=window).select_related(
        "student__programme", "student__admin_class__campus", "place"
    )
    came = _outcomes(window)
    for one in wishes.order_by("place__number", "pk").iterator():
        student, worth = one.student, one.points if window.is_by_points else one.rank
        number = lottery.number_of(window.seed, student.number, one.place.number)
        programme = student.programme.code if student.programme else ""
        campus = _campus_of(student)
        shown = student.number if with_numbers else ""
        yield [
            "wish", one.place.number, str(worth), number, shown, programme, str(student.grade or ""), campus, came[request_of(one.pk)],
        ]  # fmt: skip


def _campus_of(student: Student) -> str:
    home = student.admin_class.campus if student.admin_class else None
    return home.code if home else ""


def _outcomes(window: Round) -> dict[object, str]:
    """Request → `won`, `full`, or the rule that stopped it."""
    wished = Wish.objects.filter(round=window).values("place")
    drawn = Decision.objects.filter(verb=Decision.Verb.DRAW, place__in=wished)
    rows = drawn.values_list("key", "outcome", "code").iterator()
    return {key: "won" if outcome == Decision.Outcome.GRANTED else code for key, outcome, code in rows}
