"""The background worker (`yanta work`), its heartbeat, and what a dead one leaves behind."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection
from procrastinate.contrib.django import app

STALLED_SECONDS = 40


def work(*, concurrency: int = 4, queues: Iterable[str] | None = None, wait: bool = True) -> None:
    """Run queued work until stopped by a signal, or, with `wait=False`, until the queue is empty."""
    with app.replace_connector(app.connector.get_worker_connector()) as worker_app:  # type: ignore[attr-defined]  # DjangoConnector's own method
        worker_app.run_worker(
            concurrency=concurrency,
            queues=list(queues) if queues else None,
            wait=wait,
            delete_jobs="successful",
            shutdown_graceful_timeout=20,
        )


def workers_alive() -> int:
    """How many workers gave a sign of life lately."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - make_interval(secs => %s)",
            [STALLED_SECONDS],
        )
        return int(cursor.fetchone()[0])


def rescue_stalled() -> int:
    """Queue again what a dead worker was doing; jobs bear being run again."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT procrastinate_prune_stalled_workers_v1(%s)", [STALLED_SECONDS])
        cursor.execute(
            "SELECT procrastinate_retry_job_v1(id, now(), NULL, NULL, NULL) FROM procrastinate_jobs"
            " WHERE status = 'doing' AND worker_id IS NULL"
        )
        return len(cursor.fetchall())
