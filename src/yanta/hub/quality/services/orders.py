"""The life of a work order: taken, handed in for the re-check, closed or returned; extended, withdrawn, reminded of."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from django.utils import timezone

from yanta.hub import queries as hub
from yanta.hub.quality import rules
from yanta.hub.quality.models import Inspection, Order, Rule, Standing
from yanta.hub.quality.services import following, runs
from yanta.kernel import notify
from yanta.kernel.base import Actor, Refused
from yanta.kernel.operation import Label, operation
from yanta.kernel.organisation.models import OrgUnit

State = Order.State
HANDLERS = ("clerk", "head")


Unit = Annotated[OrgUnit, Label("数据所在单位")]


ToUnit = Annotated[OrgUnit, Label("整改单位")]


def _is_live(order: Order) -> bool:
    return order.is_live


@operation("派发工单", model=Order, icon="clipboard-plus", roles=("engineer", "clerk"))
def open_order(
    *, actor: Actor, rule: Rule, unit: Unit, due: Annotated[date, Label("整改期限")],
    note: Annotated[str, Label("说明")] = "",
) -> Order:  # fmt: skip
    """By hand, for the rows that break the rule in a department now, whatever is tolerated."""
    on = timezone.localdate()
    if due <= on:
        raise Refused("整改期限应晚于今天", field="due")
    if Order.objects.filter(rule=rule, unit=unit, state__in=Order.LIVE).exists():
        raise Refused("这条规则在这个单位已有未关闭的工单", field="unit")
    rows = _failing_in(rule, unit)
    if not rows:
        raise Refused(f"最近一次检查中，{unit}没有不合这条规则的数据", field="unit")
    order = Order.objects.create(
        rule=rule, unit=unit, handler_id=following.handler_of(rule, unit.pk, on=on), severity=rule.severity, opened_on=on,
        opened_by=actor.name, due_on=due, rows=rows, remaining=rows, note=note,
    )  # fmt: skip
    notify.send(
        "quality.orders-opened", to=hub.deciders_of(order.handler, on=on), link=f"/quality/order/{order.pk}/",
        context={"number": 1, "due": f"{due:%m-%d}", "first": str(order)},
    )  # fmt: skip
    return order


def _failing_in(rule: Rule, unit: OrgUnit) -> list[int]:
    """The standing failing rows of a department: those whose unit is it or lies below it."""
    standing = Standing.objects.filter(rule=rule).first()
    if standing is None or not standing.rows:
        return []
    subject = rule.spec.subject
    path = subject.model.org_path
    if path is None:
        return sorted(standing.rows) if unit.pk == rule.owner_id else []
    lookup = "path" if path == "self" else f"{path}__path"
    found = subject.rows().filter(pk__in=standing.rows, **{f"{lookup}__startswith": unit.path})
    return sorted(found.values_list("pk", flat=True))


@operation("接单", icon="hand-grab", roles=HANDLERS, when=lambda order: order.state == State.OPEN)
def take(order: Order, *, actor: Actor) -> None:
    """Somebody works on it and is named."""
    if order.state != State.OPEN:
        raise Refused(f"工单{order.get_state_display()}，不能接单")
    order.state, order.taken_by = State.WORKING, actor.name
    order.save(update_fields=["state", "taken_by", "updated_at"])


@operation(
    "申请复核", icon="checks", roles=HANDLERS, when=lambda order: order.state in (State.OPEN, State.WORKING)
)
def hand_in(order: Order, *, actor: Actor, note: Annotated[str, Label("整改说明")]) -> None:
    """The rows are said to be right; the rule is carried out again on them in the background."""
    from yanta.hub.quality.jobs import recheck_quality_order
    from yanta.kernel.jobs import start

    if order.state not in (State.OPEN, State.WORKING):
        raise Refused(f"工单{order.get_state_display()}，不能申请复核")
    order.state, order.note = State.SUBMITTED, note[:300]
    order.taken_by = order.taken_by or actor.name
    order.save(update_fields=["state", "note", "taken_by", "updated_at"])
    start(recheck_quality_order, actor=Actor.system("quality"), order_id=order.pk)


def recheck(order_id: int, *, now: datetime) -> Order:
    """The rule again, whole, for rows may break it together; the order closes or comes back with what is left."""
    order = Order.objects.select_related("rule", "unit", "handler").get(pk=order_id)
    if order.state != State.SUBMITTED:
        raise Refused(f"工单{order.get_state_display()}，不在复核环节")
    plan = runs.Plan((order.rule,), Inspection.Cause.RECHECK, note=f"工单 {order.pk}")
    inspection = runs.inspect(plan, actor=Actor.system("quality"), now=now)
    result = inspection.results.get()
    if result.error:
        order.state, order.note = State.WORKING, f"复核未能进行：{result.error}"[:300]
        order.save()
        raise Refused(order.note)
    failing = set(Standing.objects.get(rule=order.rule).rows)
    order.remaining, order.rounds = sorted(failing & set(order.rows)), order.rounds + 1
    on = timezone.localdate(now)
    if not order.remaining:
        following.close(order, Order.Ending.REPAIRED, on=on)
        return order
    order.state = State.WORKING
    order.save()
    notify.send(
        "quality.order-returned", to=hub.deciders_of(order.handler, on=on), link=f"/quality/orders/{order.pk}/rows/",
        context={"left": order.left, "title": str(order)}, once=f"{order.pk}:{order.rounds}",
    )  # fmt: skip
    return order


@operation("延期", icon="calendar-plus", roles=HANDLERS, when=_is_live)
def extend(order: Order, *, actor: Actor, until: Annotated[date, Label("新的期限")], reason: str) -> None:
    """Twice at most, each time by as much as the severity bears."""
    if not order.is_live:
        raise Refused("工单已关闭，不需要延期")
    if not reason.strip():
        raise Refused("请写明延期的原因", field="reason")
    refusal = rules.refusal_to_extend(
        extended=order.extended, due=order.due_on, until=until, severity=order.severity
    )
    if refusal:
        raise Refused(refusal, field="until", rule="整改工单延期办法")
    order.due_on, order.extended = until, order.extended + 1
    order.is_overdue = until < timezone.localdate()
    order.save(update_fields=["due_on", "extended", "is_overdue", "updated_at"])


@operation("撤销工单", icon="trash", danger=True, roles=("engineer",), when=_is_live)
def withdraw(order: Order, *, actor: Actor, reason: str) -> None:
    """Sent out by mistake; the reason stays with it."""
    if not order.is_live:
        raise Refused("工单已关闭")
    order.note = reason[:300]
    following.close(order, Order.Ending.WITHDRAWN, on=timezone.localdate())


@operation("转交", icon="arrow-forward-up", roles=("engineer", "head"), when=_is_live)
def pass_on(order: Order, *, actor: Actor, to_unit: ToUnit, reason: str) -> None:
    """Another department has to put it right."""
    if not order.is_live:
        raise Refused("工单已关闭，不能转交")
    if to_unit.pk == order.handler_id:
        raise Refused("工单已在这个单位", field="to_unit")
    on = timezone.localdate()
    if not hub.deciders_of(to_unit, on=on):
        raise Refused("这个单位没有业务经办人，不能接收工单", field="to_unit")
    order.handler, order.state, order.taken_by, order.note = to_unit, State.OPEN, "", reason[:300]
    order.save()
    notify.send(
        "quality.orders-opened", to=hub.deciders_of(to_unit, on=on), link=f"/quality/order/{order.pk}/",
        context={"number": 1, "due": f"{order.due_on:%m-%d}", "first": str(order)},
    )  # fmt: skip


_WHEN = {"before": "快到期", "due": "今天到期", "overdue": "已超期"}


def remind(*, on: date) -> int:
    """Reminders of the day; what has passed its deadline is marked. Returns how many orders were spoken of."""
    live = Order.objects.filter(state__in=Order.LIVE)
    live.filter(due_on__lt=on, is_overdue=False).update(is_overdue=True)
    told = 0
    for order in live.exclude(state=State.SUBMITTED).select_related("rule", "unit", "handler"):
        kind = rules.reminder(due=order.due_on, on=on)
        if kind:
            notify.send(
                "quality.order-reminder", to=hub.deciders_of(order.handler, on=on), link=f"/quality/order/{order.pk}/",
                context={"when": _WHEN[kind], "title": str(order), "due": f"{order.due_on:%m-%d}", "left": order.left},
                once=f"{order.pk}:{on}",
            )  # fmt: skip
            told += 1
    return told
