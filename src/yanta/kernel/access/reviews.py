"""Periodic review of rights: whoever answers for a unit signs for every right held in it (GB/T 22239 8.1.4)."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from django.db.models import Q
from django.utils import timezone

from yanta.kernel.access import roles, services
from yanta.kernel.access.models import ReviewedGrant, RightsReview, RoleGrant
from yanta.kernel.base import Actor, Refused
from yanta.kernel.notify import send, template
from yanta.kernel.operation import Label, operation

Verdict = ReviewedGrant.Verdict
OPENED = "access.review_opened"

template(
    OPENED,
    title="请在 {{ due }} 前复核本单位的权限：{{ count }} 项",
    body="{{ title }}。逐项确认谁仍需要什么权限，不需要的当场收回。",
    icon="checklist",
)


def _is_waiting(item: ReviewedGrant) -> bool:
    return item.verdict == Verdict.WAITING


@operation("发起复核", model=RightsReview, icon="checklist")
def open_review(
    *, actor: Actor, title: Annotated[str, Label("名称", "如 2026 年秋季权限复核")], due_on: date
) -> RightsReview:
    """Every right that people gave and that is in force now comes before the unit it lies in."""
    today = timezone.localdate()
    if due_on <= today:
        raise Refused("截止日期须在今天之后", field="due_on")
    if RightsReview.objects.filter(state=RightsReview.State.OPEN).exists():
        raise Refused("上一轮复核还没有结束")
    review = RightsReview.objects.create(title=title, due_on=due_on)
    given = RoleGrant.objects.filter(source=RoleGrant.Source.DELEGATION, valid_from__lte=today)
    in_force = given.filter(Q(valid_to=None) | Q(valid_to__gte=today)).select_related("account")
    ReviewedGrant.objects.bulk_create(
        ReviewedGrant(review=review, grant=one, holder=str(one.account)) for one in in_force.order_by("pk")
    )
    _tell_heads(review)
    return review


def _tell_heads(review: RightsReview) -> None:
    """Each head hears how many rights stand in the unit and below it."""
    heads = RoleGrant.objects.filter(role=roles.HEAD.code, valid_to=None).exclude(org_unit=None)
    for head in heads.select_related("account", "org_unit"):
        mine = review.grants.filter(grant__org_unit__path__startswith=head.org_unit.path).count()
        if mine and head.account.person_id:
            said = {"due": review.due_on.isoformat(), "count": mine, "title": review.title}
            link = f"/access/reviewedgrant/?review={review.pk}&verdict=waiting"
            send(OPENED, to=[head.account.person_id], context=said, link=link, once=str(review.pk))


@operation("保留", icon="check", when=_is_waiting)
def keep(item: ReviewedGrant, *, actor: Actor, note: str = "") -> None:
    """The right is still needed, says whoever signs."""
    _sign(item, Verdict.KEPT, actor=actor, note=note)


@operation("收回", icon="user-minus", danger=True, when=_is_waiting)
def take_back(item: ReviewedGrant, *, actor: Actor, note: Annotated[str, Label("理由")]) -> None:
    """The right ends today."""
    _sign(item, Verdict.WITHDRAWN, actor=actor, note=note)
    services.end_grant(item.grant)


def _sign(item: ReviewedGrant, verdict: ReviewedGrant.Verdict, *, actor: Actor, note: str) -> None:
    if not _is_waiting(item):
        raise Refused("这一项已经复核过")
    if item.grant.account_id == actor.account_id:
        raise Refused("不能复核自己的权限，请上级或信息中心复核")
    item.verdict, item.signed_by, item.signed_at, item.note = verdict, actor.signature, timezone.now(), note
    item.save(update_fields=["verdict", "signed_by", "signed_at", "note", "updated_at"])


@operation("结束复核", icon="flag", when=lambda review: review.state == RightsReview.State.OPEN)
def close_review(
    review: RightsReview, *, actor: Actor,
    withdraw_rest: Annotated[bool, Label("逾期未复核的一律收回")] = False,
) -> str:  # fmt: skip
    """Refuses while rights wait, unless what nobody signed for is withdrawn."""
    if review.state != RightsReview.State.OPEN:
        raise Refused("这一轮复核已经结束")
    waiting = list(review.grants.filter(verdict=Verdict.WAITING).select_related("grant"))
    if waiting and not withdraw_rest:
        raise Refused(f"还有 {len(waiting)} 项没有复核")
    for item in waiting:
        if item.grant.account_id == actor.account_id:
            raise Refused("其中有您自己的权限，请他人复核或结束")
        _sign(item, Verdict.WITHDRAWN, actor=actor, note="逾期未复核")
        services.end_grant(item.grant)
    review.state = RightsReview.State.CLOSED
    review.save(update_fields=["state", "updated_at"])
    told = {
        verdict: review.grants.filter(verdict=verdict).count()
        for verdict in (Verdict.KEPT, Verdict.WITHDRAWN)
    }
    return f"共 {review.grants.count()} 项：保留 {told[Verdict.KEPT]}，收回 {told[Verdict.WITHDRAWN]}"
