"""Counting in the background, reminding every morning."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from yanta.hub.reporting.models import Filing
from yanta.hub.reporting.services import filings
from yanta.kernel.base import Actor
from yanta.kernel.jobs import Progress, job


@job("计算报表")
def count_filing(progress: Progress, *, actor: Actor, filing_id: int) -> None:
    """The whole package once more."""
    filing = Filing.objects.get(pk=filing_id)
    progress.step(0, 2, f"计算 {filing.title}")
    with transaction.atomic():
        kept = filings.count_into(filing, by=actor.signature)
    progress.step(2, 2, "核查")
    progress.finish(
        link=f"/reporting/filings/{filing.pk}/", text=f"用时 {kept.seconds:.1f} 秒", seconds=kept.seconds
    )


@job("提醒填报", schedule="30 8 * * *")
def remind(progress: Progress, *, actor: Actor) -> None:
    """Three days before a table is due, and every day from then on."""
    told = filings.remind(on=timezone.localdate())
    progress.finish(text=f"提醒 {told} 张表")
