"""What the kernel derives from a system's declarations, as one page of text."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.apps import AppConfig, apps
from django.db import models

from yanta.kernel.access import roles
from yanta.kernel.base import System
from yanta.kernel.base.models import Record
from yanta.kernel.codes.bindings import standard_of
from yanta.kernel.events.declare import Event, handlers_of
from yanta.kernel.operation import Operation, operations_of
from yanta.kernel.resource import Resource, resource_of


def labels() -> list[str]:
    """Every installed package of ours."""
    return [config.label for config in apps.get_app_configs() if config.name.startswith("yanta.")]


def page(label: str) -> str:
    """The reference page of one system."""
    config = apps.get_app_config(label)
    parts = [*_head(config)]
    for model in config.get_models():
        if issubclass(model, Record):
            parts += _noun(model)
    parts += _events(config)
    return "\n".join(parts).rstrip() + "\n"


def _head(config: AppConfig) -> Iterator[str]:
    yield f"# {getattr(config, 'title', config.verbose_name)} `{config.label}`"
    yield ""
    if isinstance(config, System):
        yield from [f"{config.area} · {config.owner}", ""]
        yield from [config.summary, ""] if config.summary else []


def _noun(model: type[Record]) -> Iterator[str]:
    resource = resource_of(model)
    yield f"## {model._meta.verbose_name} `{model._meta.label_lower}`"
    yield ""
    yield f"- scope: {_scope(model)}"
    if resource:
        yield from _screens(resource)
    yield ""
    yield from _fields(model)
    for operation in operations_of(model):
        yield from _verb(operation)


def _scope(model: type[Record]) -> str:
    if not model.org_path:
        return f"whole school — {model.org_path_reason}"
    own = f"; a person's own rows by `{model.person_path}`" if model.person_path else ""
    return f"`{model.org_path}`{own}"


def _screens(resource: Resource) -> Iterator[str]:
    yield f"- owner: {resource.owning_department}"
    yield f"- pages: `{resource.base_url}` and the same under `/api/v1`"
    yield f"- verbs: {', '.join(f'`{verb}`' for verb in resource.verbs)}"
    if resource.filters:
        yield f"- filters: {', '.join(f'`{name}`' for name in resource.filters)}"
    if resource.search:
        yield f"- search: {', '.join(f'`{name}`' for name in resource.search)}"
    if resource.sheet:
        yield f"- sheet: key {', '.join(resource.sheet.key)}; columns {', '.join(resource.sheet_columns)}"
    for verb in resource.verbs:
        yield f"- `{resource.permission(verb)}`: {_allowed(resource.permission(verb))}"


def _allowed(permission: str) -> str:
    return (
        "、".join(
            role.title for role in roles.ROLES.values() if permission in roles.permissions_of(role.code)
        )
        or "—"
    )


def _fields(model: type[models.Model]) -> Iterator[str]:
    standard = standard_of(model)
    bound = standard.fields if standard else {}
    yield from ["| field | title | type | element |", "| --- | --- | --- | --- |"]
    for field in model._meta.local_fields:
        element = f"{bound[field.name]} ({standard.source})" if standard and field.name in bound else ""
        yield f"| {field.name} | {field.verbose_name} | {_kind(field)} | {element} |"
    yield ""


def _kind(field: Any) -> str:
    if field.related_model:
        return f"→ {field.related_model._meta.label_lower}"
    return getattr(field, "set_id", "") or str(field.get_internal_type())


def _verb(operation: Operation[..., Any]) -> Iterator[str]:
    yield f"### {operation.title} `{operation.permission}`"
    yield ""
    if operation.__doc__:
        yield operation.__doc__.strip()
        yield ""
    for parameter in operation.parameters:
        yield f"- `{parameter.name}` {parameter.label}"
    yield f"- {_allowed(operation.permission)}"
    yield ""


def _events(config: AppConfig) -> Iterable[str]:
    told = sorted(
        (found for found in _subclasses(Event) if found.__module__.startswith(config.name)), key=_wire
    )
    if told:
        yield "## Events"
        yield ""
    for event in told:
        heard = "、".join(handler.name for handler in handlers_of(event.wire)) or "nobody yet"
        yield f"- `{event.wire}`: {heard}"


def _subclasses(base: type[Event]) -> Iterator[type[Event]]:
    for found in base.__subclasses__():
        yield found
        yield from _subclasses(found)


def _wire(event: type[Event]) -> str:
    return event.wire
