"""People's word on who is who; it binds the matcher until it is taken back."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from django.utils import timezone

from yanta.hub.models import DoubtfulPair, MatchDecision, RowPerson, Run, SourceRow
from yanta.kernel.base import Actor, Refused
from yanta.kernel.operation import Label, operation
from yanta.kernel.people.models import Person

State = DoubtfulPair.State
LATER_DAYS = 14


def _record(left: int, right: int, *, same: bool, actor: Actor, reason: str) -> MatchDecision:
    """One word per pair: a newer one revokes the older."""
    first, second = sorted((left, right))
    for old in MatchDecision.objects.filter(left_id=first, right_id=second, is_revoked=False):
        old.is_revoked = True
        old.save(update_fields=["is_revoked", "updated_at"])
    return MatchDecision.objects.create(
        left_id=first,
        right_id=second,
        is_same=same,
        decided_by=actor.signature,
        decided_at=timezone.now(),
        reason=reason,
    )


def _settle(pair: DoubtfulPair, state: DoubtfulPair.State, actor: Actor, reason: str) -> None:
    if pair.state not in (State.OPEN, State.CLOSED):
        raise Refused(f"这一对已判为“{pair.get_state_display()}”，要改请先撤回决定")
    _record(pair.left_id, pair.right_id, same=state == State.SAME, actor=actor, reason=reason)
    pair.state = state
    pair.save(update_fields=["state", "updated_at"])


@operation("同一人", icon="user-check", when=lambda pair: pair.state == State.OPEN)
def decide_same(pair: DoubtfulPair, *, actor: Actor, reason: str = "") -> None:
    """Both rows are one person."""
    _settle(pair, State.SAME, actor, reason)


@operation("不是同一人", icon="user-x", when=lambda pair: pair.state == State.OPEN)
def decide_different(pair: DoubtfulPair, *, actor: Actor, reason: str = "") -> None:
    """The rows are two people."""
    _settle(pair, State.DIFFERENT, actor, reason)


@operation("以后再看", icon="clock", when=lambda pair: pair.state == State.OPEN)
def put_off(pair: DoubtfulPair, *, actor: Actor) -> None:
    """Out of sight for two weeks."""
    pair.put_off_until = timezone.localdate() + timedelta(days=LATER_DAYS)
    pair.save(update_fields=["put_off_until", "updated_at"])


@operation("撤回决定", icon="arrow-back-up", when=lambda decision: not decision.is_revoked)
def revoke(decision: MatchDecision, *, actor: Actor, reason: str) -> None:
    """The matcher decides by itself again."""
    if decision.is_revoked:
        raise Refused("这个决定已经撤回")
    decision.is_revoked, decision.reason = True, f"{decision.reason}（撤回：{reason}）"[:300]
    decision.save()
    DoubtfulPair.objects.filter(left=decision.left_id, right=decision.right_id).update(state=State.OPEN)


@operation("拆分人员", icon="arrows-split", danger=True, bulk=False)
def split_off(
    person: Person,
    *,
    actor: Actor,
    rows: Annotated[list[SourceRow], Label("属于另一人的来源行")],
    reason: str,
) -> None:
    """These rows are somebody else: a binding word against every row that stays."""
    mine = set(RowPerson.objects.filter(person=person, is_current=True).values_list("row_id", flat=True))
    leaving = {row.pk for row in rows}
    if not leaving or not leaving <= mine:
        raise Refused("请选择这个人名下的来源行", field="rows")
    if leaving == mine:
        raise Refused("至少留下一行，否则没有可拆分的", field="rows")
    leaving_list = sorted(leaving)
    for stays in sorted(mine - leaving):
        for leaves in leaving_list:
            _record(stays, leaves, same=False, actor=actor, reason=reason)
    for leaves in leaving_list[1:]:
        _record(leaving_list[0], leaves, same=True, actor=actor, reason=reason)
    # Without a person of their own they get a fresh number; those who stay keep the old one.
    RowPerson.objects.filter(row_id__in=leaving, is_current=True).update(
        is_current=False, until_run=Run.objects.order_by("-pk").first(), updated_at=timezone.now()
    )
