"""The lottery of a window: wishes, the sealed seed, the draw."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from uuid import UUID, uuid5

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from yanta.kernel.base import Actor, Refused
from yanta.kernel.operation import operation
from yanta.systems.course_selection.models import Round, Wish
from yanta.systems.course_selection.rules import lottery
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
    seed = window.secret_seed
    wishes = {
        lottery.Lot(one.student.number, one.place.number, one.rank): one
        for one in Wish.objects.filter(round=window).select_related("student", "place")
    }
    for lot in lottery.in_order(seed, wishes):
        one = wishes[lot]
        decide(Request(one.student_id, "draw", one.place_id, uuid5(_DRAWS, str(one.pk)), by=actor.signature))
    window.seed, window.drawn_at = seed, timezone.now()
    window.save(update_fields=["seed", "drawn_at", "updated_at"])


def store_wishes(window: Round, student_id: int, place_ids: Sequence[int]) -> None:
    """The student's whole list, first wish first; instead of what was there."""
    if len(set(place_ids)) != len(place_ids):
        raise Refused(_("同一个教学班只能填一个志愿"))
    if len(place_ids) > window.most_wishes:
        raise Refused(_("最多填 %(n)s 个志愿") % {"n": window.most_wishes})
    stopped = refusals(student_id, place_ids, verb="wish")
    if stopped:
        raise Refused(next(iter(stopped.values())))
    with transaction.atomic():
        Wish.objects.filter(round=window, student=student_id).delete()
        Wish.objects.bulk_create(
            Wish(round=window, student_id=student_id, place_id=key, rank=rank)
            for rank, key in enumerate(place_ids, 1)
        )
