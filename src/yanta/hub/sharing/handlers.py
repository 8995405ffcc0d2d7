"""What a data run changed goes out to whoever subscribed."""

from yanta.hub import events as hub
from yanta.hub.sharing.delivery import pushing
from yanta.kernel.base import Actor
from yanta.kernel.events import on


@on(hub.DataLoaded)
def push_what_was_loaded(event: hub.DataLoaded, *, actor: Actor) -> None:
    pushing.follow_subject(event.subject)
