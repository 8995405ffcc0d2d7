"""Repairs on the home page, in the menu, among the to-dos."""

from __future__ import annotations

from django.db.models import F
from django.utils import timezone

from yanta.kernel.base import Actor
from yanta.kernel.portal.cards import CardContent, CardRow, card
from yanta.kernel.portal.navigation import Place, places
from yanta.kernel.portal.todos import Todo, todos
from yanta.systems.repairs import rules, services
from yanta.systems.repairs.models import Job, Material, Order

Status = Order.Status


@places
def pages() -> list[Place]:
    seen = "repairs.job.view"
    return [
        Place(
            "维修看板",
            "/repairs/board/",
            "后勤",
            "chart-bar",
            "多少没修好、谁忙、哪类故障最慢",
            services.dispatch.permission,
        ),
        Place(
            "我的派工",
            "/repairs/jobs/",
            "后勤",
            "tool",
            "维修人员手机上接单、领料、完工",
            seen,
            roles=("teacher",),
            in_menu=False,
        ),
    ]


@card(title="我的报修", order=42, for_roles=("student", "teacher"), icon="tool")
def my_orders(actor: Actor) -> CardContent | None:
    """The open ones, and what waits for one's word."""
    rows = Order.objects.filter(
        reporter_id=actor.person_id, status__in=(*Order.OPEN, Status.MENDED)
    ).select_related("category", "room__building")[:4]
    found = [
        CardRow(
            f"{one.category.name}", f"/repairs/order/{one.pk}/", f"{one.room.building.name} {one.room.name}",
            one.get_status_display(),
        )
        for one in rows
    ]  # fmt: skip
    return CardContent(rows=found, more_url="/repairs/order/", more="全部报修") if found else None


@card(title="我的派工", order=5, for_roles=("teacher",), icon="tool")
def my_jobs(actor: Actor) -> CardContent | None:
    """Only for who mends: the jobs in hand, the most pressing first."""
    now = timezone.now()
    rows = (
        Job.objects.filter(worker__person_id=actor.person_id, status__in=Job.LIVE)
        .select_related("order__category", "order__room__building").order_by("order__promised_at")[:5]
    )  # fmt: skip
    found = [
        CardRow(
            str(one), f"/repairs/job/{one.pk}/", one.order.description,
            f"{timezone.localtime(one.order.promised_at):%m-%d %H:%M}",
            tone=rules.light(reported_at=one.order.reported_at, promised_at=one.order.promised_at, now=now),
        )
        for one in rows
    ]  # fmt: skip
    return CardContent(rows=found, more_url="/repairs/jobs/", more="去接单") if found else None


@todos
def low_stock(actor: Actor) -> list[Todo]:
    """Materials below their minimum, for who keeps the store."""
    if not actor.may(services.stock_up.permission):
        return []
    count = Material.objects.filter(stock__lt=F("minimum")).count()
    return (
        [
            Todo(
                f"{count} 种维修材料低于最低库存",
                "/repairs/material/",
                "请采购入库",
                "package",
                "报修",
                count=count,
            )
        ]
        if count
        else []
    )
