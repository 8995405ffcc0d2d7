"""Scheduled jobs: due times in the school's own clock, each met once, also after a pause of the worker."""

from __future__ import annotations

from datetime import datetime

from croniter import croniter
from django.db import transaction
from django.utils import timezone

from yanta.kernel.base import Actor
from yanta.kernel.jobs.declare import Job, scheduled_jobs
from yanta.kernel.jobs.models import Schedule
from yanta.kernel.jobs.running import start


def start_due(*, at: datetime) -> list[str]:
    """Start every scheduled job whose time has come since it was last due."""
    return [job.name for job in scheduled_jobs() if _start_if_due(job, at)]


def last_due(cron: str, *, at: datetime) -> datetime:
    """The last moment at or before `at` that the cron line names, in local time."""
    local = timezone.localtime(at)
    if croniter.match(cron, local):
        return local.replace(second=0, microsecond=0)
    previous: datetime = croniter(cron, local).get_prev(datetime)
    return previous


def _start_if_due(job: Job, at: datetime) -> bool:
    due = last_due(job.schedule, at=at)
    with transaction.atomic():
        # A job seen for the first time waits for its next time; deploying a release starts nothing.
        schedule, new = Schedule.objects.select_for_update().get_or_create(
            name=job.name, defaults={"last_due_at": due}
        )
        if new or schedule.last_due_at >= due:
            return False
        schedule.last_due_at = due
        schedule.save(update_fields=["last_due_at"])
        start(job, actor=Actor.system(job.label))
    return True
