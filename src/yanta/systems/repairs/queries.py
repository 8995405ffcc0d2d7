"""Reads that span the tables: who could be sent, what is open in a room, how well it goes."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum

from yanta.kernel.workflow.models import WorkItem
from yanta.systems.hall import public as hall
from yanta.systems.repairs import rules
from yanta.systems.repairs.models import Job, Order, Worker

CLERK_SEES = "repairs.order.dispatch"


def candidates() -> list[rules.Candidate]:
    """Every worker with the number of live jobs; looks at the whole school."""
    workers = Worker.objects.annotate(live=Count("jobs", filter=Q(jobs__status__in=Job.LIVE)))
    return [
        rules.Candidate(
            one.pk, frozenset({one.trade, one.second_trade} - {""}), one.campus_id, one.live, one.is_on_duty
        )
        for one in workers
    ]


def open_in(room_id: int) -> QuerySet[Order]:
    """What is already reported of a room and not yet mended."""
    return Order.objects.filter(room_id=room_id, status__in=Order.OPEN).select_related(
        "category", "room__building"
    )


def items_of(order: Order) -> QuerySet[WorkItem]:
    """What the process asks of somebody just now."""
    rows = WorkItem.objects.filter(
        instance__subject_type=order._meta.label_lower, instance__subject_id=order.pk
    )
    return rows.filter(state__in=WorkItem.OPEN).select_related("instance")


@dataclass(frozen=True, slots=True)
class Share:
    """One line of the statistics: how many, the median hours, how many late, how many mended twice, what people say."""

    name: str
    count: int
    hours: float
    late: int
    reworked: int
    stars: hall.Opinion | None = None

    @property
    def late_share(self) -> float:
        return self.late / self.count * 100


def shares(orders: Iterable[Order], name: str) -> list[Share]:
    """Mended orders by a key of the row, the most first."""
    found: dict[str, list[Order]] = {}
    for one in orders:
        found.setdefault(_named(one, name), []).append(one)
    said = opinions({key: [one.pk for one in rows] for key, rows in found.items()})
    return sorted(
        (_share(key, rows, said.get(key)) for key, rows in found.items()), key=lambda one: -one.count
    )


def opinions(groups: dict[str, list[int]]) -> dict[str, hall.Opinion]:
    """好差评 of orders, group by group; groups with too few are left out."""
    return hall.opinions(Order._meta.label_lower, groups)


def opinions_of_workers(orders: Collection[int]) -> dict[str, hall.Opinion]:
    """What is said of those who mended these orders, by the key of the worker."""
    done = Job.objects.filter(order__in=orders, status=Job.Status.FINISHED)
    groups: dict[str, list[int]] = {}
    for worker_id, order_id in done.values_list("worker_id", "order_id"):
        groups.setdefault(str(worker_id), []).append(order_id)
    return opinions(groups)


def _named(order: Order, name: str) -> str:
    if name == "building":
        return f"{order.room.building.campus.name}{order.room.building.name}"
    return order.category.name if name == "category" else order.category.get_trade_display()


def _share(name: str, rows: list[Order], stars: hall.Opinion | None) -> Share:
    hours = [_hours(one) for one in rows]
    late = sum(1 for one in rows if one.mended_at and one.mended_at > one.promised_at)
    return Share(name, len(rows), median(hours), late, sum(1 for one in rows if one.reworks), stars)


def _hours(order: Order) -> float:
    if order.mended_at is None:
        return 0.0
    return (order.mended_at - order.reported_at).total_seconds() / 3600


def mended(orders: QuerySet[Order], *, since: datetime) -> list[Order]:
    rows = orders.filter(mended_at__isnull=False, reported_at__gte=since)
    return list(rows.select_related("category", "room__building__campus"))


def figures(orders: QuerySet[Order], *, now: datetime) -> dict[str, Any]:
    """What the head of the board says."""
    live = Q(status__in=Order.OPEN)
    return orders.aggregate(
        waiting=Count("pk", filter=Q(status=Order.Status.REPORTED)),
        open=Count("pk", filter=live),
        late=Count("pk", filter=live & Q(promised_at__lt=now)),
        unconfirmed=Count("pk", filter=Q(status=Order.Status.MENDED)),
        cost=Sum("cost"),
        confirmed=Count("pk", filter=Q(status=Order.Status.CLOSED)),
        reworked=Count("pk", filter=Q(status=Order.Status.CLOSED, reworks__gt=0)),
    )


def loads() -> QuerySet[Worker]:
    """The workers on duty with what they have in hand."""
    rows = Worker.objects.filter(is_on_duty=True).select_related("person", "campus")
    live, late = Q(jobs__status__in=Job.LIVE), Q(jobs__order__promised_at__lt=F("jobs__assigned_at"))
    return rows.annotate(live=Count("jobs", filter=live), slow=Count("jobs", filter=live & late)).order_by(
        "-live", "pk"
    )
