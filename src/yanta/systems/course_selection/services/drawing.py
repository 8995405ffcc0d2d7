"""The lottery of a window: wishes, the sealed seed, the draw."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import F, Sum
from django.utils import timezone

from yanta.kernel.base import Actor, Refused
from yanta.kernel.operation import operation
from yanta.systems.course_selection.models import Pool, Round, Sheet, Wish
from yanta.systems.course_selection.rules import lottery, wishing
from yanta.systems.course_selection.rules.wishing import Wanted
from yanta.systems.course_selection.services.deciding import Request, decide, refusals

LOTTERY = Round.Kind.LOTTERY
# Each wish has one request number, so that a draw that was broken off and is begun again decides nothing twice.
_DRAWS = UUID("5f0c4a52-6b6e-4d2a-9f57-0d6f4c1b9a11")


@operation(
    "封存种子", icon="lock", bulk=False, roles=("owner",),
    when=lambda one: one.kind == LOTTERY and not one.seed_digest,
)  # fmt: skip
def seal_seed(window: Round, *, actor: Actor) -> None:
    """The seed is drawn now and kept; its fingerprint is public from now on."""
    if window.kind != LOTTERY or window.seed_digest:
        raise Refused("只有预选轮次需要种子，且只封存一次")
    window.secret_seed = secrets.token_hex(16)
    window.seed_digest = lottery.digest_of(window.secret_seed)
    window.save(update_fields=["secret_seed", "seed_digest", "updated_at"])


@operation(
    "抽签", icon="dice", bulk=False, roles=("owner",), confirm="抽签后公布种子和全部结果，不能重来",
    when=lambda one: one.kind == LOTTERY and one.drawn_at is None,
)  # fmt: skip
def draw(window: Round, *, actor: Actor) -> None:
    """Publishes the seed and decides every wish in the order that it gives; every wish gets a receipt."""
    if not window.seed_digest:
        raise Refused("还没有封存种子")
    if window.closes_at > timezone.now():
        raise Refused("志愿还没有截止")
    if window.drawn_at is not None:
        raise Refused("已经抽过签")
    _no_list_is_too_long(window)
    window.seats_drawn = seats_now(window)
    wishes = Wish.objects.filter(round=window).select_related("student", "place")
    for one in in_order(window, window.secret_seed, wishes):
        decide(Request(one.student_id, "draw", one.place_id, request_of(one.pk), by=actor.signature))
    window.seed, window.drawn_at = window.secret_seed, timezone.now()
    window.save(update_fields=["seed", "drawn_at", "seats_drawn", "updated_at"])


def _no_list_is_too_long(window: Round) -> None:
    """The points of a round may have been lowered after students had spread them."""
    spent = Wish.objects.filter(round=window).values("student").annotate(n=Sum("points")).order_by()
    over = spent.filter(n__gt=window.points).count()
    if over:
        raise Refused(f"{over} 名学生填的意愿值超过 {window.points} 分：请把轮次的意愿值改回填报时的数")


def in_order(window: Round, seed: str, wishes: Iterable[Wish]) -> list[Wish]:
    """As this seed decides them."""
    of = {
        lottery.Lot(
            one.student.number, one.place.number,
            lottery.tier_of(one.rank, one.points, by_points=window.is_by_points),
        ): one
        for one in wishes
    }  # fmt: skip
    return [of[lot] for lot in lottery.in_order(seed, of)]


def request_of(wish_id: int) -> UUID:
    """Under which number the draw decides a wish."""
    return uuid5(_DRAWS, str(wish_id))


def seats_now(window: Round) -> list[list[Any]]:
    """What there is to draw for: section, programme, grade, campus, free seats."""
    wished = Pool.objects.filter(place__in=Wish.objects.filter(round=window).values("place"))
    rows = wished.order_by("place__number", "pk").annotate(free=F("capacity") - F("taken"))
    return [
        list(row)
        for row in rows.values_list("place__number", "programme__code", "grade", "campus__code", "free")
    ]


def store_wishes(window: Round, student_id: int, wanted: Sequence[Wanted]) -> None:
    """The student's whole list, first wish first; instead of what was there."""
    said = wishing.objection(wanted, most=window.most_wishes, points=window.points)
    stopped = refusals(student_id, [one.place_id for one in wanted], verb="wish")
    if said or stopped:
        raise Refused(said or next(iter(stopped.values())))
    with transaction.atomic():
        sheet, _made = Sheet.objects.get_or_create(term_id=window.term_id, student_id=student_id)
        # Two lists of one student at once: the later one stands, whole.
        Sheet.objects.select_for_update(no_key=True).get(pk=sheet.pk)
        Wish.objects.filter(round=window, student=student_id).delete()
        Wish.objects.bulk_create(
            Wish(round=window, student_id=student_id, place_id=one.place_id, rank=rank, points=one.points)
            for rank, one in enumerate(wanted, 1)
        )
