"""Whether an address that is kept as text leads a person somewhere: no page offers one that will be refused."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.urls import Resolver404, resolve

from yanta.kernel.base import Actor
from yanta.kernel.resource.registry import resource_of
from yanta.kernel.resource.views import ResourcePage


def opens(address: str, actor: Actor) -> bool:
    """Asks the noun that stands there, else the permission that the page names; a page that names none is open, and so is another site."""
    parts = urlsplit(address)
    if parts.netloc:
        return True
    try:
        match = resolve(parts.path)
    except Resolver404:
        return False
    view = getattr(match.func, "view_class", None)
    if isinstance(view, type) and issubclass(view, ResourcePage):
        return _shows(view.verb, actor, **match.kwargs)
    permission = getattr(view, "permission", "")
    return not permission or actor.may(permission)


def _shows(verb: str, actor: Actor, *, app: str, noun: str, pk: int | None = None, **_: Any) -> bool:
    resource = resource_of(f"{app}.{noun}")
    if resource is None or not actor.may(resource.permission(verb)):
        return False
    return pk is None or resource.visible_to(actor, verb).filter(pk=pk).exists()
