"""Figures that ought to be equal, compared each night and after each change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from yanta.hub.warehouse import likeness
from yanta.hub.warehouse.models import Disagreement, PublishedFigure, SameFigure
from yanta.kernel import notify
from yanta.kernel.access.models import RoleGrant
from yanta.kernel.base import Actor, Refused
from yanta.kernel.operation import operation

State = Disagreement.State


@dataclass(frozen=True, slots=True)
class Compared:
    """compared = agreed + disagreed + untold."""

    compared: int
    agreed: int
    disagreed: int
    untold: int


def same_as_published(figure: PublishedFigure) -> SameFigure:
    """A registered number is declared the same as its indicator, by itself."""
    unit = f"@{figure.unit.code}" if figure.unit else ""
    same, _ = SameFigure.objects.update_or_create(
        right=f"published:{figure.pk}",
        defaults={
            "left": f"indicator:{figure.indicator.code}{unit}", "name": f"{figure.indicator.name}：{figure.place}",
            "owner": figure.indicator.owner, "is_open": figure.is_open,
        },
    )  # fmt: skip
    return same


def compare(*, on: date, only: Iterable[SameFigure] | None = None) -> Compared:
    """Every declared pair; a new difference is told to its owner, one that is gone closes by itself."""
    pairs = list(SameFigure.objects.filter(is_open=True)) if only is None else list(only)
    counted = {"agreed": 0, "disagreed": 0, "untold": 0}
    for same in pairs:
        counted[_compare(same, on)] += 1
    return Compared(len(pairs), **counted)


@transaction.atomic
def _compare(same: SameFigure, on: date) -> str:
    try:
        left, right = likeness.told(same.left, on), likeness.told(same.right, on)
    except Refused as refusal:
        _note(same, on, f"没有比成：{refusal.message}")
        return "untold"
    allowed = max(same.tolerance, left.tolerance, right.tolerance)
    if abs(left.value - right.value) <= allowed:
        _note(same, on, f"一致：{plain(left.value)}")
        _settle(same)
        return "agreed"
    _note(same, on, f"不一致：{plain(left.value)} 与 {plain(right.value)}")
    _raise(same, left, right, on)
    return "disagreed"


def plain(value: Decimal) -> str:
    """Thousands apart, no zeros behind."""
    text = f"{value:,.4f}".rstrip("0").rstrip(".")
    return text or "0"


def _note(same: SameFigure, on: date, verdict: str) -> None:
    SameFigure.objects.filter(pk=same.pk).update(checked_on=on, verdict=verdict[:200])


def _settle(same: SameFigure) -> None:
    open_ = Disagreement.objects.filter(same=same, state__in=[State.PENDING, State.EXPLAINED])
    for one in open_.select_for_update(no_key=True):
        one.state, one.decided_by, one.decided_at = State.CORRECTED, "系统", timezone.now()
        one.explanation = one.explanation or "再次核对时两个数字已经一致"
        one.save()


def _raise(same: SameFigure, left: likeness.Told, right: likeness.Told, on: date) -> None:
    open_ = Disagreement.objects.select_for_update(no_key=True).filter(
        same=same, state__in=[State.PENDING, State.EXPLAINED]
    ).first()  # fmt: skip
    stories = {
        "left_story": _story(left),
        "right_story": _story(right),
        "left_value": left.value,
        "right_value": right.value,
    }
    if open_ is None:
        made = Disagreement.objects.create(same=same, owner=same.owner, found_on=on, seen_on=on, **stories)
        _tell(made)
        return
    moved = open_.left_value - open_.right_value != left.value - right.value
    for name, value in stories.items():
        setattr(open_, name, value)
    open_.seen_on = on
    if moved and open_.state == State.EXPLAINED:
        # What was explained was another difference.
        open_.state = State.PENDING
        _tell(open_)
    open_.save()


def _story(told: likeness.Told) -> list[list[str]]:
    return [["名称", told.title], *([label, text] for label, text in told.story), ["链接", told.link]]


def _tell(one: Disagreement) -> None:
    notify.send(
        "warehouse.disagreement", to=people_of(one.owner, on=one.seen_on), link=f"/warehouse/disagreements/{one.pk}/",
        context={"name": one.same.name, "left": plain(one.left_value), "right": plain(one.right_value)},
    )  # fmt: skip


def people_of(owner: str, *, on: date) -> list[int]:
    """Clerks and heads of the department of that name; the engineers when it has none."""
    grants = RoleGrant.objects.filter(valid_from__lte=on, account__person__isnull=False)
    grants = grants.filter(Q(valid_to=None) | Q(valid_to__gte=on)).select_related("org_unit", "account")
    own = grants.filter(role__in=["clerk", "head"]).exclude(org_unit=None)
    found = [grant.account.person_id for grant in own if owner in grant.org_unit.names]
    return found or list(grants.filter(role="engineer").values_list("account__person_id", flat=True))


@operation("说明原因", icon="message-check", when=lambda one: one.state == State.PENDING)
def explain(disagreement: Disagreement, *, actor: Actor, reason: str) -> None:
    """Both are right in their own meaning; it is asked again when the difference changes."""
    if disagreement.state != State.PENDING:
        raise Refused("只有待核的可以说明")
    _decide(disagreement, State.EXPLAINED, reason, actor)


@operation("已修正", icon="circle-check", when=lambda one: one.state != State.CORRECTED)
def correct(disagreement: Disagreement, *, actor: Actor, reason: str) -> None:
    """One of the two was put right; refused while they still differ."""
    if disagreement.state == State.CORRECTED:
        raise Refused("已经修正过了")
    on = timezone.localdate()
    same = disagreement.same
    left, right = likeness.told(same.left, on), likeness.told(same.right, on)
    if abs(left.value - right.value) > max(same.tolerance, left.tolerance, right.tolerance):
        raise Refused(f"两个数字仍不一致：{plain(left.value)} 与 {plain(right.value)}，请先改正其中一个")
    _decide(disagreement, State.CORRECTED, reason, actor)


def _decide(disagreement: Disagreement, state: str, reason: str, actor: Actor) -> None:
    if not reason.strip():
        raise Refused("请写明原因", field="reason")
    disagreement.state, disagreement.explanation = state, reason
    disagreement.decided_by, disagreement.decided_at = actor.signature, timezone.now()
    disagreement.save()
