"""Who may look at a matter: those it concerns, whoever was asked or told, and clerks within their scope."""

from __future__ import annotations

from django.db.models import Q
from django.http import Http404

from yanta.kernel.base import Actor
from yanta.kernel.files import readable
from yanta.kernel.files.models import StoredFile
from yanta.kernel.workflow.models import Copy, Instance, Step, WorkItem

OPINION_FILES = "workflow.opinion"


def may_see(instance: Instance, actor: Actor) -> bool:
    """The trace of a matter tells opinions, so it is for those in it."""
    if actor.is_system or _is_in(instance, actor):
        return True
    return bool(Instance.objects.visible_to(actor).filter(pk=instance.pk).exists())


def _is_in(instance: Instance, actor: Actor) -> bool:
    person = actor.person_id
    if person is None:
        return False
    if person in (instance.applicant_id, instance.started_by_id):
        return True
    asked = WorkItem.objects.filter(Q(person_id=person) | Q(for_person_id=person), instance=instance)
    return asked.exists() or Copy.objects.filter(instance=instance, person_id=person).exists()


def instance_for(pk: int, actor: Actor) -> Instance:
    """The matter, or 404: who is not in it learns not even that it exists."""
    rows = Instance.objects.select_related("applicant", "version__process", "unit")
    found = rows.filter(pk=pk).first()
    if found is None or not may_see(found, actor):
        raise Http404("没有这件事，或它不在您的办理范围内")
    return found


def item_for(pk: int, actor: Actor) -> WorkItem:
    """An item of a matter that the actor may see."""
    rows = WorkItem.objects.select_related(
        "instance__applicant", "instance__version__process", "instance__unit", "person", "for_person"
    )
    found = rows.filter(pk=pk).first()
    if found is None or not may_see(found.instance, actor):
        raise Http404("没有这项待办，或它不是交给您的")
    return found


@readable(OPINION_FILES)
def with_the_matter(file: StoredFile, actor: Actor) -> bool:
    """What was attached to an opinion is read by those who may read the opinion."""
    step = Step.objects.filter(attachments__contains=[file.pk]).select_related("instance").first()
    return step is not None and may_see(step.instance, actor)
