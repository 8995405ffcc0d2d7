"""Sealed documents afterwards."""

from __future__ import annotations

from django.utils import timezone

from yanta.kernel.base import Actor, Refused
from yanta.kernel.events import publish
from yanta.kernel.operation import operation
from yanta.sso.seals import events
from yanta.sso.seals.models import SignedDocument

State = SignedDocument.State


@operation(
    "撤回文件", icon="file-off", danger=True, bulk=False, roles=("head",), confirm="任何人验证时都会看到已撤回和原因",
    when=lambda document: document.state == State.VALID,
)  # fmt: skip
def withdraw_document(document: SignedDocument, *, actor: Actor, reason: str) -> None:
    """The document counts no more; whoever verifies it reads why."""
    if document.state != State.VALID:
        raise Refused("这份文件已经撤回")
    document.state, document.withdrawn_for, document.withdrawn_at = (
        State.WITHDRAWN,
        reason[:200],
        timezone.now(),
    )
    document.save(update_fields=["state", "withdrawn_for", "withdrawn_at", "updated_at"])
    publish(events.DocumentWithdrawn(document_id=document.pk, number=document.number))
