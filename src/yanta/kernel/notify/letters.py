"""What did not go out: seen, and sent again."""

from __future__ import annotations

from django.utils import timezone

from yanta.kernel.base import Actor, Refused
from yanta.kernel.notify.models import Dispatch
from yanta.kernel.operation import operation

DEAD = (Dispatch.State.FAILED, Dispatch.State.NOWHERE)


@operation("重新发送", icon="refresh", when=lambda row: row.state in DEAD)
def retry(dispatch: Dispatch, *, actor: Actor) -> None:
    """Once more from the start, as soon as the queue comes to it."""
    if dispatch.state not in DEAD:
        raise Refused("只有没发出去的可以重新发送")
    if dispatch.message.recalled_at is not None:
        raise Refused("消息已撤回，不能再发送")
    dispatch.state, dispatch.attempts, dispatch.error = Dispatch.State.WAITING, 0, ""
    dispatch.due_at = timezone.now()
    dispatch.save(update_fields=["state", "attempts", "error", "due_at", "updated_at"])
