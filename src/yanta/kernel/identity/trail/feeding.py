"""Handing a log on, from where the last delivery ended; the position moves only when the receiver took it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import transaction

from yanta.kernel.base.ciphers import sm3_hex
from yanta.kernel.identity.trail import logs, sealing, syslog
from yanta.kernel.identity.trail.logs import Log
from yanta.kernel.identity.trail.models import FeedReceipt, LogFeed

ROWS_AT_ONCE = 500
DELIVERIES_A_ROUND = 40


def feed_all(*, at: datetime) -> int:
    """Every open feed, one after another; a receiver that is down keeps no other waiting for long."""
    return sum(send(pk, at=at) for pk in LogFeed.objects.filter(is_open=True).values_list("pk", flat=True))


def send(pk: int, *, at: datetime) -> int:
    """What is sealed and not yet sent; 0 when somebody else is sending this feed now."""
    total = 0
    for _ in range(DELIVERIES_A_ROUND):
        count, more = _deliver_once(pk, at=at)
        total += count
        if not more:
            break
    return total


def _deliver_once(pk: int, *, at: datetime) -> tuple[int, bool]:
    """Position, receipt and delivery stand in one transaction: killed in between, the same rows go again."""
    with transaction.atomic():
        feed = LogFeed.objects.select_for_update(skip_locked=True, no_key=True).filter(pk=pk).first()
        if feed is None or feed.log not in dict(logs.choices()):
            return 0, False
        log = logs.log_named(feed.log)
        rows, reached = _waiting(log, feed)
        if reached == feed.position:
            return 0, False
        try:
            if rows:
                _hand_over(feed, log, rows, at=at)
        except syslog.NotDeliveredError as error:
            LogFeed.objects.filter(pk=feed.pk).update(error=str(error))
            return 0, False
        feed.position, feed.error, feed.sent = reached, "", feed.sent + len(rows)
        feed.save(update_fields=["position", "error", "sent", "sent_at", "updated_at"])
        return len(rows), reached < sealing.sealed_to(log)


def _waiting(log: Log, feed: LogFeed) -> tuple[list[Any], int]:
    """The next rows, filtered, and how far the position may move when they are taken."""
    end = sealing.sealed_to(log)
    span = log.model.objects.filter(pk__gt=feed.position, pk__lte=end).order_by("pk")
    wanted = [one.strip() for one in feed.outcomes.split(",") if one.strip()]
    chosen = span.filter(outcome__in=wanted) if wanted else span
    rows = list(chosen.select_related(*log.joined)[:ROWS_AT_ONCE])
    return rows, rows[-1].pk if len(rows) == ROWS_AT_ONCE else max(end, feed.position)


def _hand_over(feed: LogFeed, log: Log, rows: list[Any], *, at: datetime) -> None:
    messages = list(_messages(log, rows))
    syslog.deliver(
        messages, transport=feed.transport, host=feed.host, port=feed.port, authority=feed.authority
    )
    feed.sent_at = at
    FeedReceipt.objects.create(
        feed=feed, first_id=rows[0].pk, last_id=rows[-1].pk, rows=len(rows), digest=sm3_hex(b"\n".join(messages)),
        sent_at=at,
    )  # fmt: skip


def _messages(log: Log, rows: list[Any]) -> Iterator[bytes]:
    host = syslog.own_host()
    return (syslog.as_syslog(log, row, host=host) for row in rows)
