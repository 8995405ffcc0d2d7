"""Reading messages, and knowing who has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from yanta.kernel.base import Actor, Refused

if TYPE_CHECKING:
    from yanta.kernel.notify.models import Message

# The bell shows 99+; counting further helps nobody.
COUNTED = 100


@dataclass(frozen=True, slots=True)
class Receipt:
    """How many people got a message and how many opened it."""

    sent: int
    read: int
    unread_person_ids: tuple[int, ...]
    unconfirmed_person_ids: tuple[int, ...] = ()


def unread_of(actor: Actor) -> int:
    """How many messages the person has not read, at most a hundred; one look at a partial index."""
    from yanta.kernel.notify.models import Message

    if actor.person_id is None:
        return 0
    return len(Message.objects.filter(person_id=actor.person_id, read_at=None).values_list("pk")[:COUNTED])


def mark_read(message: Message, *, actor: Actor) -> None:
    """Only the recipient's own reading counts."""
    if message.person_id == actor.person_id and message.read_at is None:
        message.read_at = timezone.now()
        message.save(update_fields=["read_at", "updated_at"])
        _forget_count(actor)


def mark_all_read(*, actor: Actor, rows: Any = None) -> int:
    """Everything of the person's, or of these rows of theirs; what is to be confirmed is opened one by one."""
    from yanta.kernel.notify.models import Message

    if actor.person_id is None:
        return 0
    now = timezone.now()
    wanted = Message.objects.all() if rows is None else rows
    unread = wanted.filter(person_id=actor.person_id, read_at=None)
    count: int = unread.exclude(needs_confirmation=True, confirmed_at=None).update(
        read_at=now, updated_at=now
    )
    _forget_count(actor)
    return count


def confirm(message: Message, *, actor: Actor) -> None:
    """“I have taken note”: only the recipient's own word counts, and it is given once."""
    if message.person_id != actor.person_id:
        raise Refused("只有收件人本人可以确认", rule="notify.confirm")
    if message.recalled_at is not None:
        raise Refused("这条通知已被撤回，不用确认", rule="notify.confirm")
    if not message.needs_confirmation:
        raise Refused("这条消息不需要确认", rule="notify.confirm")
    if message.confirmed_at is None:
        now = timezone.now()
        message.confirmed_at, message.read_at = now, message.read_at or now
        message.save(update_fields=["confirmed_at", "read_at", "updated_at"])
        _forget_count(actor)


def receipt_of(code: str, once: str) -> Receipt:
    """Who got, who read and who confirmed what was sent under this key."""
    from yanta.kernel.notify.models import Message

    rows = list(Message.objects.filter(template=code, once=once))
    unread = tuple(row.person_id for row in rows if row.read_at is None)
    unconfirmed = tuple(row.person_id for row in rows if row.awaits_confirmation)
    return Receipt(len(rows), len(rows) - len(unread), unread, unconfirmed)


def _forget_count(actor: Actor) -> None:
    from yanta.kernel.portal.shell import forget_counts

    if actor.account_id is not None:
        forget_counts(actor.account_id)
