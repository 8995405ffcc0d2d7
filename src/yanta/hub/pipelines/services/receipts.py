"""Both departments look at the account of a run."""

from __future__ import annotations

from django.utils import timezone

from yanta.hub.pipelines import queries
from yanta.hub.pipelines.models import ReceiptCopy
from yanta.kernel import notify
from yanta.kernel.base import Actor, Refused
from yanta.kernel.operation import operation

State = ReceiptCopy.State


@operation("确认无误", icon="check", when=lambda copy: copy.state != State.CONFIRMED)
def confirm(copy: ReceiptCopy, *, actor: Actor) -> None:
    """The department agrees with the account."""
    if copy.state == State.CONFIRMED:
        raise Refused("已经确认过")
    _decide(copy, State.CONFIRMED, actor, "")


@operation("提出异议", icon="flag", danger=True, when=lambda copy: copy.state != State.DISPUTED)
def dispute(copy: ReceiptCopy, *, actor: Actor, reason: str) -> None:
    """The figures do not agree with the department's own; the other side hears of it."""
    _decide(copy, State.DISPUTED, actor, reason)
    pipeline = copy.receipt.run.pipeline
    other = pipeline.receiver if copy.side == ReceiptCopy.Side.SENDER else pipeline.owner
    notify.send(
        "pipelines.disputed", to=queries.people_of(other, on=timezone.localdate()),
        context={"title": pipeline.title, "unit": copy.unit.name, "reason": reason}, link=f"/pipelines/runs/{copy.receipt.run_id}/",
    )  # fmt: skip


def _decide(copy: ReceiptCopy, state: ReceiptCopy.State, actor: Actor, note: str) -> None:
    copy.state, copy.note, copy.decided_by, copy.decided_at = state, note, actor.name, timezone.now()
    copy.save()
