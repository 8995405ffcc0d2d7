"""好差评: once per matter, after its end; a department owes an answer to a low one."""

from __future__ import annotations

from typing import Annotated

from django.db import transaction
from django.utils import timezone

from yanta.kernel import audit, notify
from yanta.kernel.base import Actor, Refused
from yanta.kernel.events import publish
from yanta.kernel.operation import Label, Long, Unrecorded, operation
from yanta.systems.hall import events
from yanta.systems.hall.models import Matter, Rating
from yanta.systems.hall.rules import duties

Words = Annotated[str, Long(), Label("说说办得怎么样", "部门看不到是谁评的"), Unrecorded()]


@operation(
    "评价", icon="star", bulk=False, roles=("student", "teacher"),
    when=lambda matter: matter.ended_at is not None and not hasattr(matter, "rating"),
)  # fmt: skip
def rate(
    matter: Matter,
    *,
    actor: Actor,
    stars: Annotated[Rating.Stars, Label("满意程度"), Unrecorded()],
    text: Words = "",
) -> None:
    """The applicant's own word, which nobody can give in their stead."""
    rate_own(matter, stars=int(stars), text=text, actor=actor)


def rate_own(matter: Matter, *, stars: int, text: str, actor: Actor) -> None:
    """The same for whoever applied, whatever their roles."""
    if matter.applicant_id != actor.person_id:
        raise Refused("只有申请人本人可以评价")
    if matter.ended_at is None:
        raise Refused("办结以后才能评价")
    if Rating.objects.filter(matter=matter).exists():
        raise Refused("这个办件已经评价过了，每件只能评价一次")
    if stars <= duties.LOW and not text.strip():
        raise Refused("请说明哪里不满意，部门必须答复", field="text")
    with transaction.atomic():
        keep(matter, stars=stars, text=text, actor=actor)


def keep(matter: Matter, *, stars: int, text: str, actor: Actor) -> None:
    """Without the checks: the department hears of it, and owes an answer to a low one."""
    today = timezone.localdate()
    rating = Rating.objects.create(
        matter=matter, service=matter.service, title=matter.title, stars=stars, text=text.strip()[:500],
        rated_on=today, answer_due_on=duties.answer_due_on(stars, on=today),
    )  # fmt: skip
    # The audit names the matter, not the stars: who may read it is not told what was said.
    audit.record("hall.matter.rate", actor=actor, subject=matter, summary="评价")
    publish(events.MatterRated(rating_id=rating.pk, service=matter.service, stars=stars))


@operation(
    "答复",
    icon="message-reply",
    bulk=False,
    roles=("clerk", "head"),
    when=lambda rating: rating.answered_on is None,
)
def answer(rating: Rating, *, actor: Actor, text: Annotated[str, Long(), Label("答复")]) -> None:
    """The department's word, once; the writer is told."""
    if rating.answered_on is not None:
        raise Refused("这条评价已经答复过了")
    if not text.strip():
        raise Refused("请写明答复内容，评价人会收到", field="text")
    rating.answer, rating.answered_by = text[:500], actor.name
    rating.answered_on = timezone.localdate()
    rating.save(update_fields=["answer", "answered_by", "answered_on", "updated_at"])
    notify.send(
        "hall.answered", to=[rating.matter.applicant_id], link=f"/hall/mine/{rating.matter_id}/", once=str(rating.pk),
        context={"title": rating.title, "answer": rating.answer},
    )  # fmt: skip
