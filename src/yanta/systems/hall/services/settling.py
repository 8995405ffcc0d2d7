"""What a process does to a matter of a designed service: the steps of its drawing name these verbs."""

from __future__ import annotations

from django.utils import timezone

from yanta.kernel import audit
from yanta.kernel.base import Actor, Refused
from yanta.kernel.events import publish
from yanta.kernel.operation import operation
from yanta.systems.hall import events
from yanta.systems.hall.models import Matter

State = Matter.State
# What a process came to, as the hall says it; whatever else a drawing ends with is done.
OUTCOMES = {"refused": State.REFUSED, "withdrawn": State.WITHDRAWN, "terminated": State.CLOSED}


def _over(matter: Matter, state: State, opinion: str = "") -> None:
    if not matter.is_under_way:
        raise Refused(f"这个办件{matter.get_state_display()}，不能再办理")
    matter.state, matter.ended_at = state, timezone.now()
    matter.opinion = opinion[:300] or matter.opinion
    matter.save(update_fields=["state", "ended_at", "opinion", "updated_at"])
    publish(events.MatterEnded(matter_id=matter.pk, service=matter.service, state=state.value))


@operation("办结", icon="check", bulk=False)
def settle(matter: Matter, *, actor: Actor, opinion: str = "") -> None:
    """Done as asked."""
    _over(matter, State.DONE, opinion)


@operation("不予办理", icon="x", danger=True, bulk=False)
def refuse(matter: Matter, *, actor: Actor, opinion: str = "") -> None:
    """Refused; the applicant reads why."""
    _over(matter, State.REFUSED, opinion)


@operation("退回补正", icon="arrow-back-up", bulk=False)
def send_back(matter: Matter, *, actor: Actor, opinion: str = "") -> None:
    """The applicant is to mend something and hand in again."""
    if matter.state != State.OPEN:
        raise Refused(f"这个办件{matter.get_state_display()}，不能退回")
    matter.state, matter.opinion = State.RETURNED, opinion[:300]
    matter.save(update_fields=["state", "opinion", "updated_at"])


@operation("重新提交", icon="send", bulk=False)
def hand_in_again(matter: Matter, *, actor: Actor) -> None:
    """Mended by the applicant, it goes on."""
    if matter.state != State.RETURNED:
        raise Refused("只有退回补正的办件可以重新提交")
    matter.state = State.OPEN
    matter.save(update_fields=["state", "updated_at"])


@operation("撤回办件", icon="arrow-back", bulk=False)
def take_back(matter: Matter, *, actor: Actor) -> None:
    """The applicant thinks better of it."""
    _over(matter, State.WITHDRAWN)


@operation("终止办件", icon="ban", danger=True, bulk=False)
def end(matter: Matter, *, actor: Actor, opinion: str = "") -> None:
    """Ended before it was decided."""
    _over(matter, State.CLOSED, opinion)


def follow(matter: Matter, outcome: str, *, actor: Actor) -> None:
    """The matter of another noun's process is over; nothing when it is known already."""
    if not matter.is_under_way:
        return
    _over(matter, OUTCOMES.get(outcome, State.DONE))
    audit.record(
        "hall.matter.follow", actor=actor, subject=matter, summary=f"流程结束：{matter.get_state_display()}"
    )
