"""What `yanta check` says about declarations, each with a number and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core import checks
from django.core.exceptions import FieldDoesNotExist

from yanta.kernel.access import roles
from yanta.kernel.base.models import Record
from yanta.kernel.operation import Operation
from yanta.kernel.resource.declare import VERBS, Column, Resource
from yanta.kernel.resource.paths import field_of
from yanta.kernel.resource.registry import resources


def _error(number: int, message: str, hint: str, where: Any) -> checks.Error:
    return checks.Error(message, hint=hint, obj=where, id=f"resource.E{number:03d}")


@checks.register
def check_resources(**_: Any) -> list[checks.CheckMessage]:
    """Every declared noun and its verbs."""
    return [message for resource in resources() for message in _of(resource)] + list(_of_models())


def _of(resource: Resource) -> Iterator[checks.CheckMessage]:
    yield from _paths(resource)
    yield from _access(resource)
    yield from _actions(resource)
    if not resource.columns:
        yield _error(
            1, f"{resource.key} has no columns", "Give `columns` at least one field.", resource.model
        )


def _named_paths(resource: Resource) -> Iterator[tuple[str, str]]:
    for part in ("columns", "filters", "search"):
        yield from ((part, name) for name in getattr(resource, part) if not isinstance(name, Column))
    yield from (("form", name) for name in resource.form_fields)
    yield from (
        ("facts", name)
        for section in resource.facts
        for name in section.fields
        if name not in resource.computed_columns
    )
    yield from (("sheet", name) for name in resource.sheet_columns)
    if resource.sheet:
        yield from (("sheet.key", name) for name in resource.sheet.key)


def _paths(resource: Resource) -> Iterator[checks.CheckMessage]:
    for part, name in _named_paths(resource):
        try:
            field_of(resource.model, name)
        except FieldDoesNotExist as fault:
            yield _error(
                2,
                f"{resource.key}: `{part}` names {name!r}: {fault}",
                "Name a field of the model.",
                resource.model,
            )
    for related in resource.related:
        try:
            target = field_of(related.model, related.path).related_model
        except FieldDoesNotExist:
            target = None
        if target is not resource.model:
            yield _error(
                3,
                f"{resource.key}: tab {related.title!r} does not lead back to it",
                "`path` is the link to this model.",
                resource.model,
            )


def _access(resource: Resource) -> Iterator[checks.CheckMessage]:
    # One mapping may serve all nouns of a system, so a verb of a neighbour is no mistake.
    neighbours = [one for one in resources() if one.config is resource.config]
    known = {*VERBS, "*", *(action.name for one in neighbours for action in one.actions)}
    for role, verbs in resource.access.items():
        if role not in roles.ROLES and role != roles.OWNER:
            yield _error(
                4, f"{resource.key}: no role {role!r}", f"One of {', '.join(roles.ROLES)}.", resource.model
            )
        unknown = set(verbs.split()) - known
        if unknown:
            yield _error(
                5,
                f"{resource.key}: {role} gets unknown verbs {sorted(unknown)}",
                f"One of {sorted(known)}.",
                resource.model,
            )


def _actions(resource: Resource) -> Iterator[checks.CheckMessage]:
    for action in resource.actions:
        if action.model is not resource.model:
            yield _error(
                6,
                f"{resource.key}: action {action.name} acts on {action.model.__name__}",
                "Declare it on that noun.",
                resource.model,
            )
        yield from _parameters(resource, action)


def _parameters(resource: Resource, action: Operation[..., Any]) -> Iterator[checks.CheckMessage]:
    for parameter in action.parameters:
        if parameter.label.isascii():
            hint = 'Write `Annotated[str, Label("…")]`, or name it like a field of the model.'
            yield _error(
                7,
                f"{action.permission}: parameter {parameter.name!r} has no Chinese label",
                hint,
                resource.model,
            )


def _of_models() -> Iterator[checks.CheckMessage]:
    for model in apps.get_models():
        if issubclass(model, Record) and model.org_path is None and not model.org_path_reason:
            hint = "Name the way to the owning unit in `org_path`, or say in `org_path_reason` why there is none."
            yield _error(
                8, f"{model._meta.label} says neither whose rows it holds nor why nobody's", hint, model
            )
