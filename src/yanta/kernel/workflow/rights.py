"""The right that an assignment gives: to see this one row and to carry out this one step on it (ADR 26)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from yanta.kernel.base import Actor, Refused
from yanta.kernel.base.actor import Grant
from yanta.kernel.base.scope import permission_of
from yanta.kernel.operation import Operation, Parameter, operations_of
from yanta.kernel.people.models import Person
from yanta.kernel.workflow import storing
from yanta.kernel.workflow.declare import declared
from yanta.kernel.workflow.drawing import drawing_of
from yanta.kernel.workflow.models import Copy, Instance, WorkItem

# What a step's operation may call the opinion of whoever carries it out.
OPINIONS = ("opinion", "reason", "note")


def with_right(actor: Actor, subject: Any, permissions: Iterable[str], title: str) -> Actor:
    """The same actor, with these permissions for this row and no other."""
    if actor.is_system:
        return actor
    grant = Grant(
        role="workflow", title="流程办理", reach="row", permissions=frozenset(permissions),
        row=(subject._meta.label_lower, subject.pk), reason=f"因流程“{title}”",
    )  # fmt: skip
    return replace(actor, grants=(*actor.grants, grant))


def as_person(person_id: int) -> Actor:
    """Somebody who decided before and is not asked again: the name, and no right but what the step adds."""
    person = Person.objects.only("name").get(pk=person_id)
    return Actor(account_id=None, person_id=person_id, name=person.name)


def standing(target: WorkItem | Instance, actor: Actor) -> Actor:
    """The actor, with the right to see (and at an open item to decide) the row; unchanged for whom nothing asks."""
    instance = target.instance if isinstance(target, WorkItem) else target
    own = WorkItem.objects.filter(instance=instance, person_id=actor.person_id)
    if actor.person_id is None or not (
        own.exists() or Copy.objects.filter(instance=instance, person_id=actor.person_id).exists()
    ):
        return actor
    subject = subject_of(instance)
    permissions = {permission_of(type(subject), "view")}
    if isinstance(target, WorkItem) and target.state == WorkItem.State.TODO:
        node = drawing_of(instance.version_id).node(target.node)
        permissions |= {node.operation, node.refuse} - {""}
    return with_right(actor, subject, permissions, instance.title)


def subject_of(instance: Instance) -> Any:
    """The row that is decided about."""
    model = declared(base_of(instance)).subject
    plain = model._meta.pk.column == "id" and not model._meta.parents
    return (storing.table(model) if plain else model._base_manager).get(pk=instance.subject_id)


def base_of(instance: Instance) -> str:
    """The declaration that a process rests on: its own key, or the one a drawn process was made for."""
    from yanta.kernel.workflow.versions import base_of_key

    return base_of_key(instance.process)


def operation_named(model: Any, permission: str) -> Operation[..., Any]:
    """`leave.leave.grant` among the verbs of the subject."""
    for one in operations_of(model):
        if one.permission == permission:
            return one
    raise Refused(f"流程里写的操作“{permission}”不存在", rule="bpmn")


def questions(operation: Operation[..., Any]) -> tuple[Parameter, ...]:
    """What the operation asks besides the opinion."""
    return tuple(one for one in operation.parameters if one.name not in OPINIONS)


def carry_out(
    permission: str, subject: Any, *, actor: Actor, title: str, opinion: str, values: Mapping[str, Any]
) -> None:
    """Call the step's operation as the actor, with the right that the assignment gives."""
    operation = operation_named(type(subject), permission)
    given: dict[str, Any] = {}
    for parameter in operation.parameters:
        if parameter.name in OPINIONS:
            if opinion or parameter.required:
                given[parameter.name] = opinion
        elif parameter.name in values:
            given[parameter.name] = values[parameter.name]
        elif parameter.required:
            raise Refused(f"请填写“{parameter.label}”", field=parameter.name, rule="values")
    operation(subject, actor=with_right(actor, subject, {permission}, title), **given)
