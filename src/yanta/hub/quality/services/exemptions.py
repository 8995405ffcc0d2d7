"""Rows that may break a rule for a time: asked for with a reason, agreed to by the information centre."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

from django.utils import timezone

from yanta.hub.quality.models import Exemption, FailingRow
from yanta.kernel import notify
from yanta.kernel.access.models import RoleGrant
from yanta.kernel.base import Actor, Refused
from yanta.kernel.identity.models import Account
from yanta.kernel.operation import Label, operation

State = Exemption.State
LONGEST = timedelta(days=366)


@operation("申请豁免", icon="shield-question", roles=("clerk", "head", "engineer"))
def ask_exemption(
    row: FailingRow, *, actor: Actor, reason: Annotated[str, Label("理由", "为什么这一行可以不合规则")],
    until: Annotated[date, Label("豁免至", "最长一年")],
) -> None:  # fmt: skip
    """For one row, with an end; counts only once it is agreed to."""
    on = timezone.localdate()
    if not reason.strip():
        raise Refused("请写明理由", field="reason")
    if not on < until <= on + LONGEST:
        raise Refused("豁免期限应在明天至一年之内", field="until")
    if Exemption.objects.filter(
        rule=row.rule, row_id=row.row_id, state__in=[State.ASKED, State.GRANTED]
    ).exists():
        raise Refused("这一行已申请或已获豁免")
    unit = row.unit or row.rule.owner
    Exemption.objects.create(
        rule=row.rule, row_id=row.row_id, key=row.key, unit=unit, reason=reason.strip()[:300], until=until,
        asked_by=actor.name, asked_by_id=actor.account_id,
    )  # fmt: skip
    notify.send(
        "quality.exemption-asked", to=_centre(on), link="/quality/exemption/?state=pending",
        context={"unit": unit.name, "title": f"{row.rule.title} {row.key}", "reason": reason},
    )  # fmt: skip


def _centre(on: date) -> list[int]:
    """The engineers of the information centre."""
    grants = RoleGrant.objects.filter(role="engineer", valid_from__lte=on).exclude(valid_to__lt=on)
    return sorted(set(grants.exclude(account__person=None).values_list("account__person_id", flat=True)))


def _decide(exemption: Exemption, state: State, actor: Actor, opinion: str) -> None:
    if exemption.state != State.ASKED:
        raise Refused(f"这项豁免{exemption.get_state_display()}，不能再审批")
    if exemption.asked_by_id is not None and exemption.asked_by_id == actor.account_id:
        raise Refused("不能批准自己的申请", rule="经办与批准须为两人")
    exemption.state, exemption.decided_by, exemption.opinion = state, actor.name, opinion[:200]
    exemption.save()
    person = Account.objects.filter(pk=exemption.asked_by_id).values_list("person", flat=True).first()
    notify.send(
        "quality.exemption-decided", to=[person] if person else [], link=f"/quality/exemption/{exemption.pk}/",
        context={"verdict": State(state).label, "title": str(exemption), "opinion": opinion},
    )  # fmt: skip


@operation("批准", icon="check", roles=("engineer",), when=lambda one: one.state == State.ASKED)
def grant_exemption(exemption: Exemption, *, actor: Actor, opinion: str = "同意") -> None:
    """From the next run on, the row is no failure until the day is over."""
    if exemption.until <= timezone.localdate():
        raise Refused("豁免期限已过，不能批准")
    _decide(exemption, State.GRANTED, actor, opinion)


@operation("不批准", icon="x", danger=True, roles=("engineer",), when=lambda one: one.state == State.ASKED)
def refuse_exemption(exemption: Exemption, *, actor: Actor, opinion: str) -> None:
    """The row stays a failure; who asked reads why."""
    _decide(exemption, State.REFUSED, actor, opinion)


@operation("提前结束", icon="shield-off", roles=("engineer",), when=lambda one: one.state == State.GRANTED)
def end_exemption(exemption: Exemption, *, actor: Actor, reason: str) -> None:
    """The row counts again from the next run on."""
    if exemption.state != State.GRANTED:
        raise Refused("只有已批准的豁免可以提前结束")
    exemption.state, exemption.opinion = State.ENDED, reason[:200]
    exemption.save()


def expire(*, on: date) -> int:
    """What has run out counts again; returns how many did."""
    return Exemption.objects.filter(state=State.GRANTED, until__lt=on).update(state=State.ENDED)
