"""The bell."""

from yanta.kernel.base import Actor
from yanta.kernel.notify.reading import unread_of
from yanta.kernel.portal.todos import unread_count


@unread_count
def unread_messages(actor: Actor) -> int:
    return unread_of(actor)
