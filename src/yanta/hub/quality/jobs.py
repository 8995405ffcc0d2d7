"""Long and scheduled work of quality."""

from __future__ import annotations

from django.utils import timezone

from yanta.hub.quality.models import Inspection
from yanta.hub.quality.services import exemptions, orders, runs
from yanta.kernel.base import Actor
from yanta.kernel.jobs import Progress, job


@job("数据质量检查")
def check_quality(progress: Progress, *, actor: Actor, subject: str = "", share: int = 100) -> None:
    """On demand: all rules, or those of one subject, whole or a sample."""
    now = timezone.now()
    cause = Inspection.Cause.DEMAND
    plan = runs.whole_plan(cause=cause, on=timezone.localdate(now), subject=subject, share=share)
    _finish(progress, runs.inspect(plan, actor=actor, now=now, step=progress.step))


@job("每夜数据质量检查", schedule="30 2 * * *")
def check_quality_nightly(progress: Progress, *, actor: Actor) -> None:
    """What ran out counts again, every rule is carried out, who is late is reminded."""
    now = timezone.now()
    on = timezone.localdate(now)
    exemptions.expire(on=on)
    plan = runs.whole_plan(cause=Inspection.Cause.SCHEDULE, on=on)
    if plan.rules:
        _finish(progress, runs.inspect(plan, actor=actor, now=now, step=progress.step))
    orders.remind(on=on)


@job("入库后质量检查")
def check_loaded_quality(progress: Progress, *, actor: Actor, subject: str, note: str = "") -> None:
    """The rows that a load has changed."""
    now = timezone.now()
    plan = runs.loaded_plan(subject, on=timezone.localdate(now), note=note)
    if plan is None:
        progress.finish(text="没有规则涉及这次变动的数据")
        return
    _finish(progress, runs.inspect(plan, actor=actor, now=now, step=progress.step))


@job("整改工单复核")
def recheck_quality_order(progress: Progress, *, actor: Actor, order_id: int) -> None:
    """The rule again on the rows of an order."""
    order = orders.recheck(order_id, now=timezone.now())
    progress.finish(link=f"/quality/order/{order.pk}/", text=order.get_state_display(), left=order.left)


def _finish(progress: Progress, inspection: Inspection) -> None:
    progress.finish(
        link=f"/quality/inspections/{inspection.pk}/",
        text=f"{inspection.rules} 条规则，{inspection.failed:,} 行次不合格", inspection=inspection.pk,
    )  # fmt: skip
