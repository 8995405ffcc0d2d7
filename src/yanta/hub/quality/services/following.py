"""Work orders that follow from a whole run: opened where tolerance ends, renewed, closed when nothing is left."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

from yanta.hub import queries as hub
from yanta.hub.quality import rules
from yanta.hub.quality.models import Handling, Order, Rule
from yanta.kernel import notify
from yanta.kernel.base import Actor
from yanta.kernel.organisation.models import OrgUnit


@dataclass(frozen=True, slots=True)
class Found:
    """A rule's failing rows by department, and how many were looked at there."""

    rule: Rule
    counts: Mapping[int, tuple[int, int]]
    rows: Mapping[int, list[int]]


def follow(found: Iterable[Found], *, on: date, actor: Actor) -> list[Order]:
    """One open order for each rule and department at most; returns those that were opened."""
    opened: list[Order] = []
    find_handler = cache(lambda rule, unit: handler_of(rule, unit, on=on))
    for one in found:
        live = {order.unit_id: order for order in Order.objects.filter(rule=one.rule, state__in=Order.LIVE)}
        for order in live.values():
            _renew(order, set(one.rows.get(order.unit_id, ())), on=on)
        for unit, (checked, failed) in one.counts.items():
            if unit not in live and rules.is_beyond(
                checked=checked, failed=failed, tolerance=one.rule.tolerance
            ):
                opened.append(
                    _opened(one.rule, unit, one.rows[unit], find_handler(one.rule, unit), on=on, actor=actor)
                )
    _tell_handlers(opened, on=on)
    return opened


def handler_of(rule: Rule, unit: int, *, on: date) -> int:
    """Who puts it right: as the rule says, but the owner where a department has nobody to do it."""
    if rule.handling == Handling.OWNER or unit == rule.owner_id:
        return rule.owner_id
    return unit if hub.deciders_of(OrgUnit.objects.get(pk=unit), on=on) else rule.owner_id


def _renew(order: Order, failing: set[int], *, on: date) -> None:
    """Rows put right leave the order; with the last one it closes by itself, unless somebody waits for the re-check."""
    left = sorted(failing & set(order.rows))
    if left == order.remaining and left:
        return
    order.remaining = left
    if not left and order.state != Order.State.SUBMITTED:
        close(order, Order.Ending.VANISHED, on=on)
        return
    order.save(update_fields=["remaining", "updated_at"])


def _opened(rule: Rule, unit: int, rows: list[int], handler: int, *, on: date, actor: Actor) -> Order:
    return Order.objects.create(
        rule=rule, unit_id=unit, handler_id=handler, severity=rule.severity, opened_on=on, opened_by=actor.signature,
        due_on=rules.due_on(rule.severity, opened_on=on), rows=sorted(rows), remaining=sorted(rows),
    )  # fmt: skip


def _tell_handlers(opened: Iterable[Order], *, on: date) -> None:
    by_handler: dict[int, list[Order]] = defaultdict(list)
    for order in opened:
        by_handler[order.handler_id].append(order)
    for handler, orders in by_handler.items():
        first = min(orders, key=lambda order: order.due_on)
        notify.send(
            "quality.orders-opened", to=hub.deciders_of(OrgUnit.objects.get(pk=handler), on=on),
            context={"number": len(orders), "due": f"{first.due_on:%m-%d}", "first": str(first)},
            link="/quality/order/?state=open",
        )  # fmt: skip


def close(order: Order, ending: str, *, on: date) -> None:
    """The order is done; who handled it hears why."""
    order.state, order.ending, order.closed_on, order.is_overdue = Order.State.CLOSED, ending, on, False
    order.save()
    notify.send(
        "quality.order-closed", to=hub.deciders_of(order.handler, on=on), link=f"/quality/order/{order.pk}/",
        context={"title": str(order), "why": order.get_ending_display()}, once=f"{order.pk}",
    )  # fmt: skip
