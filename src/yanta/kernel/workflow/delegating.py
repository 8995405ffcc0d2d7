"""Who stands in for whom, for a period: given by the person, ended by the person, told to both."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from yanta.kernel.audit import record
from yanta.kernel.base import Actor, Refused
from yanta.kernel.people.models import Person
from yanta.kernel.workflow.models import Delegation, Process

LONGEST_DAYS = 366


@transaction.atomic
def delegate(
    *,
    actor: Actor,
    deputy: int,
    first: date,
    last: date,
    processes: Collection[str] = (),
    reason: str = "",
    on: date,
) -> Delegation:
    """What arrives for the actor in the period goes to the deputy, and says on whose behalf."""
    if actor.person_id is None:
        raise Refused("只有本人可以委托")
    _refuse_period(first, last, on)
    _refuse_deputy(actor.person_id, deputy, first, last)
    _refuse_unknown(processes)
    _refuse_overlap(actor.person_id, first, last, processes)
    made = Delegation.objects.create(
        principal_id=actor.person_id, deputy_id=deputy, valid_from=first, valid_to=last, processes=sorted(processes),
        reason=reason.strip()[:100],
    )  # fmt: skip
    record("workflow.delegation.give", actor=actor, subject=made, summary=f"委托办理 {first} 至 {last}")
    return made


def _refuse_period(first: date, last: date, on: date) -> None:
    if last < first:
        raise Refused("结束日期不能早于开始日期", field="valid_to")
    if last < on:
        raise Refused("结束日期已经过去", field="valid_to")
    if (last - first).days > LONGEST_DAYS:
        raise Refused("一次委托最长一年", field="valid_to")


def _refuse_deputy(principal: int, deputy: int, first: date, last: date) -> None:
    if deputy == principal:
        raise Refused("不能委托给自己", field="deputy")
    if not Person.objects.filter(pk=deputy, merged_into=None).exists():
        raise Refused("没有这个人", field="deputy")
    back = Delegation.objects.filter(
        principal_id=deputy, ended_at=None, valid_from__lte=last, valid_to__gte=first
    )
    if back.exists():
        raise Refused("对方在这段时间也委托了别人，事情会没有人办，请另选一位", field="deputy")


def _refuse_unknown(processes: Collection[str]) -> None:
    unknown = set(processes) - set(Process.objects.filter(key__in=processes).values_list("key", flat=True))
    if unknown:
        raise Refused(f"没有流程 {'、'.join(sorted(unknown))}", field="processes")


def _refuse_overlap(principal: int, first: date, last: date, processes: Collection[str]) -> None:
    """Two deputies for the same process on the same day would leave it open who is asked."""
    rows = Delegation.objects.filter(
        principal_id=principal, ended_at=None, valid_from__lte=last, valid_to__gte=first
    )
    for one in rows.select_related("deputy"):
        if not processes or not one.processes or set(processes) & set(one.processes):
            raise Refused(
                f"这段时间已委托给{one.deputy.name}（{one.valid_from} 至 {one.valid_to}），请先结束那一条"
            )


@transaction.atomic
def end(delegation: Delegation, *, actor: Actor) -> None:
    """From now on the person is asked again; what the deputy already has stays there."""
    if delegation.principal_id != actor.person_id:
        raise Refused("只有委托人可以结束委托")
    if delegation.ended_at is not None:
        raise Refused("这条委托已经结束")
    delegation.ended_at = timezone.now()
    delegation.save(update_fields=["ended_at", "updated_at"])
    record("workflow.delegation.end", actor=actor, subject=delegation, summary="结束委托办理")


def of(actor: Actor) -> list[Delegation]:
    """Given and received, the newest first."""
    rows = Delegation.objects.filter(Q(principal_id=actor.person_id) | Q(deputy_id=actor.person_id))
    return list(rows.select_related("principal", "deputy")[:100])
