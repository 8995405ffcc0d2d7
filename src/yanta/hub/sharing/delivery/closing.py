"""Ending a grant in every way of delivery at once."""

from __future__ import annotations

from yanta.hub.sharing import telling
from yanta.hub.sharing.delivery import schemas
from yanta.hub.sharing.models import FileDelivery, Grant
from yanta.kernel.files import storing


def end(grant: Grant, state: str, reason: str) -> None:
    """In one transaction: the state that every request and push asks for, the view and its role, the files.

    A suspended grant keeps its subscription and position: what it missed is pushed when it is resumed.
    """
    grant.state, grant.reason = state, reason[:200]
    grant.save(update_fields=["state", "reason", "updated_at"])
    schemas.close(grant)
    if state != Grant.State.SUSPENDED:
        clear_files(grant)
    telling.grant_changed(grant)


def clear_files(grant: Grant) -> None:
    """What was made and not fetched is fetched no more."""
    for delivery in grant.files.exclude(state=FileDelivery.State.GONE).select_related("file"):
        file, delivery.file, delivery.state = delivery.file, None, FileDelivery.State.GONE
        delivery.save(update_fields=["file", "state", "updated_at"])
        if file is not None:
            storing.remove(file)
