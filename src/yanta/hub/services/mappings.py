"""Confirming how the columns of a layout are read."""

from __future__ import annotations

from django.utils import timezone

from yanta.hub.models import Mapping
from yanta.kernel.base import Actor, Refused
from yanta.kernel.operation import operation


@operation("确认映射", icon="check", when=lambda mapping: mapping.status == Mapping.Status.PROPOSED)
def confirm(mapping: Mapping, *, actor: Actor) -> None:
    """From now on files of this layout are read without asking; the version before retires."""
    if mapping.status != Mapping.Status.PROPOSED:
        raise Refused("这份映射已经确认过了")
    place = mapping.document.get("place", "")
    earlier = Mapping.objects.filter(
        source=mapping.source, status=Mapping.Status.CONFIRMED, document__place=place
    )
    for one in earlier.exclude(pk=mapping.pk):
        one.status = Mapping.Status.RETIRED
        one.save(update_fields=["status", "updated_at"])
    mapping.status, mapping.confirmed_by, mapping.confirmed_at = (
        Mapping.Status.CONFIRMED,
        actor.signature,
        timezone.now(),
    )
    mapping.document = {**mapping.document, "confirmed_by": actor.signature, "version": mapping.version}
    mapping.save()
