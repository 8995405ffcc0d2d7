"""Rate and daily rows of a grant, counted in the database so that every process counts alike."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from yanta.hub.sharing import rules
from yanta.hub.sharing.models import Grant, Pace


def ask(grant: Grant, *, wanted: int, at: datetime) -> rules.Paced:
    """Count this request and reserve its rows."""
    local = timezone.localtime(at)
    today = local.date()
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    with transaction.atomic():
        Pace.objects.bulk_create(
            [Pace(grant=grant, minute=at - timedelta(days=1), day=today)], ignore_conflicts=True
        )
        pace = Pace.objects.select_for_update().get(pk=grant.pk)
        found = rules.paced(
            minute=pace.minute, requests=pace.requests, day=pace.day, rows_used=pace.rows, now=at, today=today,
            wanted=wanted, per_minute=grant.per_minute, rows_per_day=grant.rows_per_day,
            seconds_to_midnight=int((midnight - local).total_seconds()) + 1,
        )  # fmt: skip
        Pace.objects.filter(pk=pace.pk).update(
            minute=found.minute, requests=found.requests, day=found.day, rows=found.rows_used
        )
    return found


def give_back(grant: Grant, rows: int) -> None:
    """Rows that were reserved and did not come."""
    if rows:
        Pace.objects.filter(pk=grant.pk).update(rows=F("rows") - rows)
