"""Events: what happened, told after the commit to whoever listens."""

from yanta.kernel.events.declare import Event, Handler, on
from yanta.kernel.events.outbox import publish, replay

__all__ = ["Event", "Handler", "on", "publish", "replay"]
