"""Messages for what happened; and what other systems ask."""

from __future__ import annotations

from collections.abc import Iterable

from yanta.kernel.base import Actor
from yanta.kernel.events import on
from yanta.systems.curricula.public import studying
from yanta.systems.offerings import events, services
from yanta.systems.offerings.queries import tasks


@on(events.ConfirmationOpened)
def tell_colleges(event: events.ConfirmationOpened, *, actor: Actor) -> None:
    services.tell_confirmation(event.season_id)


@studying
def studied_now(student_ids: list[int]) -> Iterable[tuple[int, int]]:
    """The required courses of the students' classes count as under way in a progress audit."""
    return tasks.studied_now(student_ids)
