"""Loaded rows are looked at."""

from yanta.hub import events
from yanta.hub.quality.services import runs
from yanta.kernel.base import Actor
from yanta.kernel.events import on


@on(events.DataLoaded)
def check_quality_of_load(event: events.DataLoaded, *, actor: Actor) -> None:
    runs.after_load(event.subject, event.pipeline, actor=actor)
