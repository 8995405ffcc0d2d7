"""All declared nouns, and what each role gets from them."""

from __future__ import annotations

from collections.abc import Set

from django.db.models import Model

from yanta.kernel import search
from yanta.kernel.access import roles
from yanta.kernel.resource.declare import Resource

_resources: dict[str, Resource] = {}
_apps: set[str] = set()


def register(declared: type[Resource]) -> type[Resource]:
    """Class decorator: put the noun into menu, search, API, permissions and the conformance suite."""
    resource = declared()
    if resource.key in _resources:
        raise ValueError(f"{resource.key} is declared twice")
    _resources[resource.key] = resource
    _apps.add(resource.model._meta.app_label)
    _grant(resource)
    if resource.search and resource.in_menu and resource.in_search:
        search.register(
            resource.model,
            body=resource.search,
            label=resource.label,
            icon=resource.icon,
            address=resource.base_url,
            is_reference=resource.is_reference,
        )
    return declared


def _grant(resource: Resource) -> None:
    actions = {action.name: action for action in resource.actions}
    every = (*resource.verbs, *actions)
    for role, verbs in resource.access.items():
        wanted = every if verbs == "*" else verbs.split()
        roles.allow(role, (resource.permission(verb) for verb in wanted))
    for action in actions.values():
        for role in action.roles:
            roles.allow(role, [action.permission])
    for verb in every:
        roles.own(resource.permission(verb), resource.owning_department)


def resources() -> list[Resource]:
    """In the order of declaration."""
    return list(_resources.values())


def apps_with_nouns() -> Set[str]:
    """The labels of the apps that declare one."""
    return _apps


def resource_of(model: type[Model] | str) -> Resource | None:
    """By model or by key `app.model`."""
    key = model if isinstance(model, str) else model._meta.label_lower
    return _resources.get(key)
