"""The college hears of what came back."""

from yanta.kernel.base import Actor
from yanta.kernel.events import on
from yanta.systems.curricula import events, services


@on(events.PlanSentBack)
def tell_college(event: events.PlanSentBack, *, actor: Actor) -> None:
    services.tell_sent_back(event.plan_id, event.opinion)
