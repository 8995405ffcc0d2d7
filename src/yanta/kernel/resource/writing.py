"""Adding, changing and deleting rows: permission, scope before and after, audit, all or nothing."""

from __future__ import annotations

from typing import Any

import pghistory
from django.db import IntegrityError, models, transaction

from yanta.kernel import audit
from yanta.kernel.base import Actor, Refused
from yanta.kernel.base.fields import SealedField
from yanta.kernel.base.refused import NotAllowed, OutOfScope
from yanta.kernel.resource.declare import Resource
from yanta.kernel.resource.paths import field_of, with_related_rows


def require(resource: Resource, actor: Actor, verb: str) -> None:
    """Raises NotAllowed unless the noun knows the verb and the actor has it."""
    if verb not in resource.verbs or not actor.may(resource.permission(verb)):
        raise NotAllowed(f"您没有权限对“{resource.label}”做此操作", rule=resource.permission(verb))


def row_for(resource: Resource, actor: Actor, pk: Any, verb: str = "view") -> Any:
    """The row if it is in scope; raises OutOfScope in the same words whether it exists or not."""
    require(resource, actor, verb) if verb in resource.verbs else None
    own = [field.name for field in resource.model._meta.concrete_fields if isinstance(field, SealedField)]
    rows = with_related_rows(resource.model, resource.visible_to(actor, verb), ["__str__", *own])
    row = rows.filter(pk=pk).first()
    if row is None:
        raise OutOfScope(f"没有这条{resource.noun}，或它不在您的管理范围内")
    return row


def check_scope(resource: Resource, actor: Actor, verb: str, keys: list[Any]) -> None:
    """Rolls the transaction back when a written row has left the actor's scope."""
    if resource.visible_to(actor, verb).filter(pk__in=keys).count() < len(set(keys)):
        raise OutOfScope(f"这条{resource.noun}保存后会超出您的管理范围，未保存")


def changes_of(row: models.Model, before: models.Model | None) -> dict[str, Any]:
    """Old and new of every changed field, sealed values hidden."""
    changes = {}
    for field in row._meta.concrete_fields:
        if not field.editable and not field.primary_key:
            continue
        old = getattr(before, field.attname) if before is not None else None
        new = getattr(row, field.attname)
        if old != new and not field.primary_key:
            hidden = isinstance(field, SealedField)
            changes[field.name] = ["***", "***"] if hidden else [_plain(old), _plain(new)]
    return changes


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, int | str | bool) else str(value)


def save(resource: Resource, row: Any, *, actor: Actor) -> None:
    """Store a validated row; raises Refused when a constraint or the scope forbids it."""
    adding = row.pk is None
    verb = "add" if adding else "edit"
    require(resource, actor, verb)
    permission = resource.permission(verb)
    try:
        with transaction.atomic(), pghistory.context(operation=permission, actor=actor.name):
            before = None if adding else _held(resource, actor, row)
            resource.save(row, actor=actor, adding=adding)
            check_scope(resource, actor, verb, [row.pk])
            audit.record(
                permission,
                actor=actor,
                subject=row,
                summary=_summary(resource, adding),
                data=changes_of(row, before),
            )
    except IntegrityError as error:
        raise Refused(constraint_in_words(resource.model, error)) from error


def _summary(resource: Resource, adding: bool) -> str:
    return f"{'新增' if adding else '修改'}{resource.noun}"


def _held(resource: Resource, actor: Actor, row: Any) -> Any:
    """The stored row, locked, if the actor reaches it and it may be changed now."""
    stored = resource.model._base_manager.select_for_update(of=("self",), no_key=True).get(pk=row.pk)
    row_for(resource, actor, row.pk, "edit")
    refusal = resource.refusal_to_edit(stored)
    if refusal:
        raise Refused(refusal)
    return stored


def delete(resource: Resource, row: Any, *, actor: Actor) -> None:
    """Remove a row that nothing else refers to."""
    require(resource, actor, "delete")
    row_for(resource, actor, row.pk, "delete")
    refusal = resource.refusal_to_delete(row)
    if refusal:
        raise Refused(refusal)
    permission = resource.permission("delete")
    try:
        with transaction.atomic(), pghistory.context(operation=permission, actor=actor.name):
            audit.record(permission, actor=actor, subject=row, summary=f"删除{resource.noun}")
            row.delete()
    except (models.ProtectedError, models.RestrictedError) as error:
        raise Refused(f"“{row}”已被其他数据引用，不能删除") from error


def note_export(resource: Resource, actor: Actor, query: str) -> None:
    """Who took which rows out."""
    audit.record(
        resource.permission("export"), actor=actor, summary=f"导出{resource.label}", data={"query": query}
    )


def constraint_in_words(model: type[models.Model], error: IntegrityError) -> str:
    """What the database refused, in the user's words."""
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") or ""
    for constraint in model._meta.constraints:
        if constraint.name == name:
            return str(
                constraint.get_violation_error_message()
                if _has_words(constraint)
                else _default_words(model, constraint)
            )
    labels = [str(f.verbose_name) for f in model._meta.concrete_fields if f.unique and f.column in name]
    return f"{'、'.join(labels) or '这条数据'}已存在，不能重复"


def _has_words(constraint: Any) -> bool:
    return str(constraint.violation_error_message) != str(constraint.default_violation_error_message)


def _default_words(model: type[models.Model], constraint: Any) -> str:
    fields = (field_of(model, name) for name in getattr(constraint, "fields", ()))
    labels = "、".join(str(field.verbose_name) for field in fields)
    return f"相同的{labels}已存在，不能重复" if labels else "数据不符合规则，未保存"
