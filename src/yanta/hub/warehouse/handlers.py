"""Figures follow the data."""

from __future__ import annotations

from django.utils import timezone

from yanta.hub import events
from yanta.hub.warehouse.services import figures
from yanta.kernel.base import Actor
from yanta.kernel.events import on


@on(events.DataLoaded)
def follow_loaded_data(event: events.DataLoaded, *, actor: Actor) -> None:
    """What counts the loaded subject is counted again, and compared."""
    figures.follow(event.subject, on=timezone.localdate(), actor=actor)
