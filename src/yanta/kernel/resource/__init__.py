"""Nouns: list, detail, form, filters, sheets, API, permissions, search and navigation from one declaration."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from yanta.kernel.resource.declare import Column, Related, Resource, Section, Sheet
    from yanta.kernel.resource.registry import register, resource_of, resources

__all__ = ["Column", "Related", "Resource", "Section", "Sheet", "register", "resource_of", "resources"]


def __getattr__(name: str) -> Any:
    """Looked up late: the package is imported before Django knows any model."""
    if name not in __all__:
        raise AttributeError(name)
    home = "registry" if name.islower() else "declare"
    return getattr(import_module(f"{__name__}.{home}"), name)
