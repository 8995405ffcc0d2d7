"""A button on a row whose process is under way is the step of that process, by whichever door it is pressed (ADR 32)."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from yanta.kernel.base import Actor, Refused
from yanta.kernel.base.models import Record
from yanta.kernel.operation import Operation, detour
from yanta.kernel.workflow.declare import decides_about
from yanta.kernel.workflow.verbs import Verb

OPINIONS = ("opinion", "reason", "note")


@detour
def as_step(operation: Operation[..., Any], subject: Any, actor: Actor, parameters: dict[str, Any]) -> bool:
    """Whether the verb was a step of the running process and has been acted on as such.

    Refused when it is a step and not the actor's turn; a verb that no node names is nobody's step.
    """
    if actor.is_system or actor.has_role("workflow") or not isinstance(subject, Record):
        return False
    return decides_about(subject) and _acted(operation, subject, actor, parameters)


def _acted(operation: Any, subject: Any, actor: Actor, parameters: dict[str, Any]) -> bool:
    from yanta.kernel.workflow import acting
    from yanta.kernel.workflow.drawing import drawing_of
    from yanta.kernel.workflow.models import Instance

    permission = operation.permission
    running = Instance.objects.filter(subject_type=subject._meta.label_lower, subject_id=subject.pk)
    for instance in running.exclude(state=Instance.State.ENDED):
        drawing = drawing_of(instance.version_id)
        if permission not in _steps(drawing):
            continue
        target = _target(instance, drawing, permission, actor)
        if target is None:
            return _refused(operation, subject, actor, parameters, instance)
        words = next((str(parameters[name]) for name in OPINIONS if parameters.get(name)), "")
        values = {name: value for name, value in parameters.items() if name not in (*OPINIONS, "actor")}
        acting.act(target[0], acting.Request(target[1], actor, words, values=values))
        subject.refresh_from_db()
        return True
    return False


def _steps(drawing: Any) -> set[str]:
    """The verbs that the drawing names."""
    settings = drawing.settings
    named = {name for node in drawing.people_nodes() for name in (node.operation, node.refuse)}
    return (named | {settings.refuse, settings.withdraw}) - {""}


def _target(instance: Any, drawing: Any, permission: str, actor: Actor) -> tuple[Any, Verb] | None:
    """The item or the matter that the verb acts on, and how; None when it is not the actor's turn."""
    from yanta.kernel.workflow.models import WorkItem

    if permission == drawing.settings.withdraw:
        return instance, Verb.WITHDRAW
    mine = WorkItem.objects.filter(
        Q(person_id=actor.person_id) | Q(for_person_id=actor.person_id),
        instance=instance,
        state=WorkItem.State.TODO,
    )
    for item in mine.select_related("instance"):
        node = drawing.node(item.node)
        if permission == node.operation:
            return item, Verb.APPROVE
        if permission == (node.refuse or drawing.settings.refuse):
            return item, Verb.REFUSE
    return None


def _refused(operation: Any, subject: Any, actor: Actor, parameters: dict[str, Any], instance: Any) -> bool:
    """Not the actor's turn: who may not or does not see it is told so by the verb, else who has it."""
    rows = type(subject).objects.visible_to(actor, operation.permission)
    if not actor.may(operation.permission) or not rows.filter(pk=subject.pk).exists():
        return False
    operation.try_out(subject, actor, parameters)
    subject.refresh_from_db()
    raise Refused(f"这件事正在办理中，{_waiting_for(instance)}", rule="workflow")


def _waiting_for(instance: Any) -> str:
    """Who has it, in words."""
    from yanta.kernel.workflow.models import WorkItem

    rows = WorkItem.objects.filter(instance=instance, state__in=WorkItem.OPEN).exclude(person=None)
    found = [f"{name}（{node}）" for name, node in rows.values_list("person__name", "node_title")[:3]]
    return f"现在由{'、'.join(found)}办理" if found else "还没有轮到这一步"
