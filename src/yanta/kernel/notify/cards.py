"""The bell, and what is new on the home page."""

from yanta.kernel.base import Actor
from yanta.kernel.notify.models import Message
from yanta.kernel.notify.reading import unread_of
from yanta.kernel.portal.cards import CardContent, CardRow, card
from yanta.kernel.portal.formats import relative
from yanta.kernel.portal.todos import unread_count

SHOWN = 5


@unread_count
def unread_messages(actor: Actor) -> int:
    return unread_of(actor)


@card(title="最近消息", order=40, icon="bell")
def newest_messages(actor: Actor) -> CardContent | None:
    """What changed; the ones not opened yet stand out."""
    if actor.person_id is None:
        return None
    rows = [
        CardRow(
            title=one.title,
            url=f"/messages/{one.pk}/",
            end=relative(one.created_at),
            is_new=one.read_at is None,
        )
        for one in Message.objects.filter(person_id=actor.person_id)[:SHOWN]
    ]
    return CardContent(
        rows=rows, more_url="/messages/" if rows else "", empty="还没有消息。办理结果、到期提醒会出现在这里。"
    )
