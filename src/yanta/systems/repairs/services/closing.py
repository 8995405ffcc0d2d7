"""The reporter's word, or a week's silence."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from django.db import models
from django.utils import timezone

from yanta.kernel import workflow
from yanta.kernel.base import Actor, Refused
from yanta.kernel.operation import Label, Long, Unrecorded, operation
from yanta.systems.hall import public as hall
from yanta.systems.repairs import queries, rules
from yanta.systems.repairs.models import Order
from yanta.systems.repairs.services import reporting

Status = Order.Status
UNANSWERED = "七天没有回音，视为修好"


class Stars(models.IntegerChoices):
    FIVE = 5, "非常满意"
    FOUR = 4, "满意"
    THREE = 3, "一般"
    TWO = 2, "不满意"
    ONE = 1, "很不满意"


def _require_mended(order: Order) -> None:
    if order.status != Status.MENDED:
        raise Refused(f"这份报修{order.get_status_display()}，还不能确认")


@operation(
    "确认修好",
    icon="circle-check",
    bulk=False,
    roles=("student", "teacher"),
    when=lambda order: order.status == Status.MENDED,
)
def confirm(
    order: Order, *, actor: Actor,
    rating: Annotated[Stars | None, Label("满意吗", "不署名；也可以以后在“我的办件”里评"), Unrecorded()] = None,
    words: Annotated[str, Label("说一句", "选填，不署名；不满意时请写明，后勤处五个工作日内答复"), Long(2), Unrecorded()] = "",
) -> None:  # fmt: skip
    """Closed; the stars go to 好差评 of the hall and nowhere else, so that nobody reads here who gave them."""
    _require_mended(order)
    if rating is None and words.strip():
        raise Refused("请先选满意程度，这句话随评价交给后勤处", field="rating")
    if rating is not None and rating <= Stars.TWO and not words.strip():
        raise Refused("不满意请写明哪里不好，后勤处要答复", field="words")
    order.status, order.closed_at = Status.CLOSED, timezone.now()
    order.save(update_fields=["status", "closed_at", "updated_at"])
    if rating is not None:
        hall.rate(order._meta.label_lower, order.pk, stars=int(rating), text=words, actor=actor)


@operation(
    "没修好，返修",
    icon="refresh",
    bulk=False,
    roles=("student", "teacher"),
    when=lambda order: order.status == Status.MENDED,
)
def rework(order: Order, *, actor: Actor, reason: Annotated[str, Label("哪里没修好")]) -> None:
    """To the same worker once more, with half the promised time; counted against the work."""
    _require_mended(order)
    now = timezone.localtime()
    last = order.jobs.select_related("worker__person").filter(status="finished").first()
    order.reworks, order.mended_at = order.reworks + 1, None
    hours = max(order.category.urgent_hours, 1)
    order.promised_at = rules.promised_at(now, hours=hours, around_the_clock=True)
    order.description = f"{order.description}\n返修：{reason}"[:300]
    order.status = Status.REPORTED
    order.save()
    if last is not None and last.worker.is_on_duty:
        reporting.give(order, last.worker, by="返修")
    else:
        reporting.give_to_whoever_fits(order, by="返修")


def close_unanswered(*, at: datetime) -> int:
    """Mended, and nobody has said anything for a week; answers how many."""
    waiting = Order.objects.filter(
        status=Status.MENDED, mended_at__lt=at - timedelta(days=rules.CONFIRM_DAYS)
    )
    for order in waiting:
        order.status, order.closed_at = Status.CLOSED, at
        order.save(update_fields=["status", "closed_at", "updated_at"])
        for item in queries.items_of(order):
            workflow.act(item.instance, "end", actor=Actor.system("repairs"), opinion=UNANSWERED)
    return len(waiting)
