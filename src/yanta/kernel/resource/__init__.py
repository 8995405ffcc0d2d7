"""Nouns: list, detail, form, filters, sheets, API, permissions, search and navigation from one declaration."""

from yanta.kernel.resource.declare import Column, Related, Resource, Section, Sheet
from yanta.kernel.resource.registry import register, resource_of, resources

__all__ = ["Column", "Related", "Resource", "Section", "Sheet", "register", "resource_of", "resources"]
