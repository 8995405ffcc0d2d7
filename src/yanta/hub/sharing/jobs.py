"""Work of sharing in the background."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from yanta.hub.sharing.agreements import talking
from yanta.hub.sharing.delivery import counting, files, pushing, schemas
from yanta.hub.sharing.models import FileDelivery, Grant, Nonce, ReadEntry
from yanta.hub.sharing.models.reading import KEPT_AT_LEAST_DAYS
from yanta.hub.sharing.services import agreements, grants
from yanta.kernel.base import Actor, Refused
from yanta.kernel.jobs import Progress, job, start, tick


@job("生成共享文件")
def produce_shared_file(progress: Progress, *, actor: Actor, delivery_id: int) -> None:
    """One file of one grant."""
    rows = FileDelivery.objects.select_related(
        "grant__dataset", "grant__consumer__unit", "grant__application"
    )
    delivery = rows.get(pk=delivery_id)
    try:
        files.produce(delivery, progress)
    except Refused:
        FileDelivery.objects.filter(pk=delivery_id, state="waiting").update(state="failed")
        raise
    progress.finish(
        link=f"/sharing/grants/{delivery.grant_id}/", text=f"{delivery.rows} 行", rows=delivery.rows
    )


@job("定期生成共享文件", schedule="30 5 * * *")
def produce_scheduled_files(progress: Progress, *, actor: Actor) -> None:
    """Each morning, those whose day it is."""
    today = timezone.localdate()
    days = {"daily": True, "weekly": today.isoweekday() == 1, "monthly": today.day == 1}
    due = [every for every, is_due in days.items() if is_due]
    for grant in Grant.objects.filter(state="active", file_every__in=due).select_related(
        "dataset", "consumer__unit"
    ):
        delivery = files.ask(grant, grant.file_kind, asked_by="定期")
        start(produce_shared_file, actor=actor, delivery_id=delivery.pk)


@job("共享授权到期与闲置提醒", schedule="10 7 * * *")
def remind_of_grants(progress: Progress, *, actor: Actor) -> None:
    """Endings near, grants unused; views are made anew, for units may have moved."""
    progress.step(1, 2, "提醒")
    told = grants.remind(on=timezone.localdate())
    live = Grant.objects.filter(state="active").select_related("dataset", "consumer__unit")
    views = schemas.renew_views(live)
    progress.finish(text=f"提醒 {told} 条，重建视图 {views} 个", told=told, views=views)


@job("清理过期的读取记录", schedule="40 3 1 * *")
def forget_old_reads(progress: Progress, *, actor: Actor) -> None:
    """Past YANTA_READ_LOG_DAYS (730), never less than the law's 180 days."""
    kept = max(int(getattr(settings, "YANTA_READ_LOG_DAYS", 730)), KEPT_AT_LEAST_DAYS + 1)
    gone, _ = ReadEntry.objects.filter(at__lt=timezone.now() - timedelta(days=kept)).delete()
    progress.finish(text=f"清理 {gone} 条", gone=gone)


@tick(seconds=3)
def push_shared_changes() -> None:
    """Whatever was written, by runs or by people, is on its way within seconds."""
    pushing.follow_all()


@tick(seconds=10)
def watch_share_grants() -> None:
    """Ends by itself; stops when the responsible person left; statements of the read-only door counted."""
    grants.end_what_is_over(on=timezone.localdate())
    agreements.end_what_is_over(on=timezone.localdate())
    grants.suspend_the_orphaned()
    counting.count_statements()
    schemas.stop_long_statements()


@tick(seconds=20)
def settle_agreements() -> None:
    """What is owed to other schools is told; what they decided is heard."""
    talking.settle_all()


@tick(seconds=300)
def forget_share_nonces() -> None:
    Nonce.objects.filter(at__lt=timezone.now() - timedelta(minutes=15)).delete()
