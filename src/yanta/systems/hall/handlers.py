"""Matters follow the processes of other nouns; departments hear of low ratings."""

from yanta.kernel.base import Actor
from yanta.kernel.events import on
from yanta.kernel.files import readable
from yanta.kernel.files.models import StoredFile
from yanta.kernel.workflow.events import InstanceEnded, InstanceStarted
from yanta.kernel.workflow.views.access import may_see
from yanta.systems.hall import events
from yanta.systems.hall.models import Attachment
from yanta.systems.hall.services import following


@on(InstanceStarted)
def enter(event: InstanceStarted, *, actor: Actor) -> None:
    following.enter(event.instance_id)


@on(InstanceEnded)
def follow(event: InstanceEnded, *, actor: Actor) -> None:
    following.end(event.instance_id, event.outcome, actor=actor)


@on(events.MatterRated)
def tell_department(event: events.MatterRated, *, actor: Actor) -> None:
    following.tell_department(event.rating_id)


@readable("hall.answer")
def reads_attachment(file: StoredFile, actor: Actor) -> bool:
    """Whoever the matter asks or has asked reads what was handed in with it."""
    rows = Attachment.objects.filter(file=file).select_related("matter__instance")
    return any(one.matter.instance is not None and may_see(one.matter.instance, actor) for one in rows)
