"""Reading messages, and knowing who has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone

from yanta.kernel.base import Actor

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


def mark_all_read(*, actor: Actor) -> int:
    from yanta.kernel.notify.models import Message

    if actor.person_id is None:
        return 0
    now = timezone.now()
    count: int = Message.objects.filter(person_id=actor.person_id, read_at=None).update(
        read_at=now, updated_at=now
    )
    _forget_count(actor)
    return count


def receipt_of(code: str, once: str) -> Receipt:
    """Who got and who read what was sent under this key."""
    from yanta.kernel.notify.models import Message

    rows = list(Message.objects.filter(template=code, once=once).values_list("person_id", "read_at"))
    unread = tuple(person for person, read_at in rows if read_at is None)
    return Receipt(sent=len(rows), read=len(rows) - len(unread), unread_person_ids=unread)


def _forget_count(actor: Actor) -> None:
    from yanta.kernel.portal.shell import forget_counts

    if actor.account_id is not None:
        forget_counts(actor.account_id)
