"""Sending: the portal at once, other channels when it is polite."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from yanta.kernel.notify import rules
from yanta.kernel.notify.channels import channel_named
from yanta.kernel.notify.declare import Template, template_named

if TYPE_CHECKING:
    from yanta.kernel.notify.models import Dispatch

log = logging.getLogger(__name__)
BATCH = 1000
PAUSES = (60, 600, 3600, 14400)


def send(
    code: str, *, to: Iterable[int], context: dict[str, Any] | None = None, link: str = "", once: str = ""
) -> int:
    """Say something to people (ids), in the current transaction; returns how many got it.

    With `once`, a person gets the message of this code only once, however often it is sent.
    """
    from yanta.kernel.notify.models import Message

    kind = template_named(code)
    title, body = kind.said(context or {})
    people = list(dict.fromkeys(to))
    sent = 0
    with transaction.atomic():
        for start in range(0, len(people), BATCH):
            part = people[start : start + BATCH]
            if once:
                known = Message.objects.filter(template=code, once=once, person_id__in=part)
                part = sorted(set(part) - set(known.values_list("person_id", flat=True)))
            rows = [
                Message(person_id=p, template=code, title=title, body=body, link=link, once=once)
                for p in part
            ]
            _queue(kind, Message.objects.bulk_create(rows, ignore_conflicts=bool(once)), once)
            sent += len(rows)
    return sent


def _queue(kind: Template, messages: list[Any], once: str) -> None:
    from yanta.kernel.notify.models import Dispatch, Message

    if not kind.channels or not messages:
        return
    if once:
        # Rows that lost a race were not written and have no id; ask for those that are there.
        people = [message.person_id for message in messages]
        messages = list(Message.objects.filter(template=kind.code, once=once, person_id__in=people))
    now = timezone.localtime()
    quiet = None if kind.urgent else rules.quiet_hours(getattr(settings, "YANTA_QUIET_HOURS", "22:00-07:00"))
    due = rules.next_polite(now, quiet=quiet)
    rows = [
        Dispatch(message=message, channel=code, due_at=due) for message in messages for code in kind.channels
    ]
    Dispatch.objects.bulk_create(rows, ignore_conflicts=True)


def dispatch_due() -> int:
    """Send what is due, one by one; returns how many were tried."""
    return sum(1 for _ in iter(_dispatch_next, False))


def _dispatch_next() -> bool:
    from yanta.kernel.notify.models import Dispatch

    with transaction.atomic():
        due = Dispatch.objects.filter(state=Dispatch.State.WAITING, due_at__lte=timezone.now()).order_by(
            "due_at"
        )
        row = due.select_for_update(skip_locked=True, of=("self",)).select_related("message__person").first()
        if row is None:
            return False
        _dispatch(row)
        row.attempts += 1
        row.save(update_fields=["state", "due_at", "sent_at", "attempts", "error"])
    return True


def _dispatch(row: Dispatch) -> None:
    way = channel_named(row.channel)
    address = way.address_of(row.message.person) if way else ""
    if way is None or not address:
        row.state = row.State.NOWHERE
        return
    try:
        way.deliver(address, row.message)
    except Exception as error:
        row.error = f"{type(error).__name__}: {error}"[:300]
        if row.attempts < len(PAUSES):
            row.due_at = timezone.now() + timedelta(seconds=PAUSES[row.attempts])
        else:
            row.state = row.State.FAILED
            log.error("message %s did not go out by %s: %s", row.message_id, row.channel, row.error)
    else:
        row.state, row.sent_at, row.error = row.State.SENT, timezone.now(), ""
