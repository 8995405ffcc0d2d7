"""Writing events down in the transaction, and waking the worker after the commit."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException

from yanta.kernel.events.declare import Event

log = logging.getLogger(__name__)
TASK = "events.deliver"


def publish(*events: Event) -> None:
    """Record what happened; it is delivered when, and only when, the current transaction commits."""
    from yanta.kernel.events.models import OutboxEvent

    rows = [OutboxEvent(name=event.wire, payload=event.payload()) for event in events]
    if len(rows) == 1:
        rows[0].save(force_insert=True)
    else:
        OutboxEvent.objects.bulk_create(rows, batch_size=1000)
    wake_after_commit()


def wake_after_commit() -> None:
    """Once per transaction is enough, for the worker drains the outbox."""
    if all(entry[1] is not wake for entry in connection.run_on_commit):
        transaction.on_commit(wake, robust=True)


def wake() -> None:
    """Ask a worker to look now; if this is lost, the next tick finds the event all the same."""
    try:
        app.configure_task(TASK, queueing_lock=TASK, queue="events").defer()
    except AlreadyEnqueued:
        return
    except (ConnectorException, DatabaseError):
        log.warning("could not wake the worker; the next tick delivers", exc_info=True)


def replay(*, name: str, handler: str, since: datetime, until: datetime) -> int:
    """Have one handler hear a period's events (again); returns how many."""
    from yanta.kernel.events.models import Delivery, OutboxEvent

    events = OutboxEvent.objects.filter(name=name, published_at__gte=since, published_at__lt=until)
    now = timezone.now()
    with transaction.atomic():
        known = Delivery.objects.filter(handler=handler, event__in=events)
        count = known.update(state=Delivery.State.WAITING, attempts=0, due_at=now, error="", finished_at=None)
        missing = events.exclude(deliveries__handler=handler).exclude(fanned_out_at=None)
        added = [
            Delivery(event_id=pk, handler=handler, due_at=now) for pk in missing.values_list("pk", flat=True)
        ]
        Delivery.objects.bulk_create(added, batch_size=1000, ignore_conflicts=True)
        wake_after_commit()
    return count + len(added)
