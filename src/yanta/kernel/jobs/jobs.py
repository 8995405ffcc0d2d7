"""The worker's side of jobs."""

from django.utils import timezone
from procrastinate.contrib.django import app

from yanta.kernel.jobs import running, schedule, worker
from yanta.kernel.jobs.declare import tick


@app.task(name=running.TASK)
def run(run_id: int) -> None:
    """One queued run."""
    running.execute(run_id)


@tick(seconds=20)
def start_scheduled() -> None:
    """Whatever the clock says is due."""
    schedule.start_due(at=timezone.now())


@tick(seconds=30)
def rescue_stalled() -> None:
    """Runs whose worker died go back to the queue."""
    worker.rescue_stalled()
