"""Carrying events from the outbox to their handlers: at least once, each handler by itself."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from yanta.kernel.base import Actor
from yanta.kernel.events.declare import event_class, handler_named, handlers_of
from yanta.kernel.events.models import Delivery, OutboxEvent

log = logging.getLogger(__name__)
BATCH = 500
# Seconds until the next attempt; after the last one the delivery is dead and waits for a person.
PAUSES = (2, 10, 60, 300, 1800, 7200, 28800)


class Unheard(LookupError):  # noqa: N818 - a state of affairs
    """The event or its handler is no longer in the code."""


def deliver_all() -> int:
    """Fan out and deliver until nothing is due; safe in any number of workers at once."""
    count = 0
    while True:
        taken = fan_out()
        delivered = sum(1 for _ in iter(deliver_next, False))
        if not taken and not delivered:
            return count
        count += delivered


def fan_out() -> int:
    """Give each waiting event one delivery per handler; returns how many events were taken."""
    with transaction.atomic():
        waiting = OutboxEvent.objects.filter(fanned_out_at=None).order_by("pk")
        rows = list(waiting.select_for_update(skip_locked=True).values_list("pk", "name")[:BATCH])
        now = timezone.now()
        deliveries = [
            Delivery(event_id=pk, handler=h.name, due_at=now) for pk, name in rows for h in handlers_of(name)
        ]
        Delivery.objects.bulk_create(deliveries, ignore_conflicts=True)
        OutboxEvent.objects.filter(pk__in=[pk for pk, _ in rows]).update(fanned_out_at=now)
    return len(rows)


def deliver_next() -> bool:
    """Deliver the next one that is due, in one transaction with its receipt; False when none is."""
    with transaction.atomic():
        due = Delivery.objects.filter(state=Delivery.State.WAITING, due_at__lte=timezone.now())
        delivery = (
            due.select_for_update(skip_locked=True, of=("self",))
            .select_related("event")
            .order_by("due_at")
            .first()
        )
        if delivery is None:
            return False
        try:
            with transaction.atomic():
                _hear(delivery)
        except Exception as error:
            _failed(delivery, error)
        else:
            delivery.state, delivery.error = Delivery.State.DONE, ""
            delivery.finished_at = timezone.now()
        delivery.attempts += 1
        delivery.save(update_fields=["state", "attempts", "due_at", "finished_at", "error"])
    return True


def _hear(delivery: Delivery) -> None:
    handler, kind = handler_named(delivery.handler), event_class(delivery.event.name)
    if handler is None or kind is None:
        raise Unheard(f"{delivery.event.name} → {delivery.handler}")
    handler.react(kind.from_payload(delivery.event.payload), actor=Actor.system(handler.label))


def _failed(delivery: Delivery, error: Exception) -> None:
    delivery.error = f"{type(error).__name__}: {error}"[:2000]
    if delivery.attempts < len(PAUSES) and not isinstance(error, Unheard):
        delivery.due_at = timezone.now() + timedelta(seconds=PAUSES[delivery.attempts])
        log.warning("handler %s failed, trying again: %s", delivery.handler, delivery.error)
        return
    delivery.state, delivery.finished_at = Delivery.State.DEAD, timezone.now()
    log.error("handler %s gave up on %s", delivery.handler, delivery.event, exc_info=error)


def revive(delivery: Delivery) -> None:
    """Try a dead delivery again, from the first attempt."""
    delivery.state, delivery.attempts, delivery.due_at = Delivery.State.WAITING, 0, timezone.now()
    delivery.save(update_fields=["state", "attempts", "due_at"])


def forget_old(*, kept: timedelta) -> int:
    """Remove events delivered everywhere longer ago than `kept`; dead ones stay until somebody decides."""
    old = OutboxEvent.objects.filter(published_at__lt=timezone.now() - kept).exclude(fanned_out_at=None)
    unfinished = Delivery.objects.exclude(state=Delivery.State.DONE).values("event_id")
    return old.exclude(pk__in=unfinished).delete()[0]
