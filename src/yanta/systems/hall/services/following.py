"""What the hall does when it hears of others."""

from __future__ import annotations

from yanta.kernel import notify
from yanta.kernel.access.models import RoleGrant
from yanta.kernel.base import Actor
from yanta.kernel.workflow.models import Instance
from yanta.kernel.workflow.offering import service_of_process
from yanta.kernel.workflow.versions import base_of_key
from yanta.systems.hall.models import Matter, Rating
from yanta.systems.hall.services import handing_in, settling


def enter(instance_id: int) -> None:
    """Enter a matter that was not handed in through the hall, if its process decides a service."""
    instance = Instance.objects.filter(pk=instance_id).first()
    service = service_of_process(base_of_key(instance.process)) if instance else None
    if instance is not None and service is not None:
        handing_in.record_started(instance, service)


def matter_of(noun: str, row_id: int) -> Matter | None:
    """The matter of a row; entered now if the hall has not yet heard of its process."""
    rows = Matter.objects.filter(subject_type=noun, subject_id=row_id).select_related("rating")
    if not rows.exists():
        for instance in Instance.objects.filter(subject_type=noun, subject_id=row_id):
            enter(instance.pk)
    return rows.first()


def end(instance_id: int, outcome: str, *, actor: Actor) -> None:
    """A process is over; so is its matter."""
    matter = Matter.objects.filter(instance_id=instance_id).first()
    if matter is not None:
        settling.follow(matter, outcome, actor=actor)


def tell_department(rating_id: int) -> None:
    """Those who must answer a low rating hear of it at once."""
    rating = Rating.objects.select_related("matter__department").get(pk=rating_id)
    if rating.answer_due_on is None:
        return
    unit = rating.matter.department
    grants = RoleGrant.objects.filter(
        org_unit=unit, role__in=("clerk", "head"), account__person__isnull=False
    )
    notify.send(
        "hall.to_answer", to=sorted(set(grants.values_list("account__person_id", flat=True))),
        link=f"/hall/rating/{rating.pk}/answer/", once=str(rating.pk),
        context={"title": rating.title, "stars": rating.stars, "text": rating.text, "due": f"{rating.answer_due_on:%Y-%m-%d}"},
    )  # fmt: skip
