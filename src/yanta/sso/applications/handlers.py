"""Whoever asked for an application hears of the decision."""

from yanta.kernel.base import Actor
from yanta.kernel.events import on
from yanta.sso.applications import events, services


@on(events.ApplicationDecided)
def tell_applicant(event: events.ApplicationDecided, *, actor: Actor) -> None:
    services.tell_decision(event.application_id, event.result)
