"""A run has loaded rows: they go up at once."""

from yanta.hub.events import DataLoaded
from yanta.hub.nodes import jobs, levels, pushing
from yanta.kernel.base import Actor
from yanta.kernel.events import on


@on(DataLoaded)
def send_increment(event: DataLoaded, *, actor: Actor) -> None:
    """The event only wakes the pusher; which rows changed is read from their history."""
    if levels.own().reports:
        pushing.look_anew(event.subject)
        jobs.wake_after_commit()
