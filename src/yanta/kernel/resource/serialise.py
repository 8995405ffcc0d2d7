"""Rows as plain data for the API, straight from the columns: no instances on lists."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.db import models
from django.http import QueryDict

from yanta.kernel.base import Actor
from yanta.kernel.base.fields import BlindIndexField, SealedField
from yanta.kernel.base.texts import masked
from yanta.kernel.codes.fields import CodeField
from yanta.kernel.resource import lists
from yanta.kernel.resource.declare import Resource
from yanta.kernel.resource.paths import title_field

PAGE_SIZE, LARGEST_PAGE = 100, 500


@cache
def fields_of(resource: Resource) -> tuple[models.Field[Any, Any], ...]:
    """The columns that leave: everything but secrets, blind indexes and the tree's own."""
    hidden = {"path", "depth", "numchild"} if resource.model.org_path == "self" else set()
    hidden |= set(getattr(resource.model, "secret_fields", ()))
    return tuple(
        f for f in resource.model._meta.concrete_fields
        if not isinstance(f, BlindIndexField | models.BinaryField) or isinstance(f, SealedField)
        if f.name not in hidden
    )  # fmt: skip


@cache
def columns_of(resource: Resource) -> tuple[tuple[str, str, str], ...]:
    """(name in the answer, path in the query, kind) of every value of a row."""
    columns = []
    for field in fields_of(resource):
        kind = "sealed" if isinstance(field, SealedField) else "code" if isinstance(field, CodeField) else ""
        columns.append((field.attname if field.is_relation else field.name, field.attname, kind))
        title = title_field(field.related_model) if field.is_relation else None  # type: ignore[arg-type]
        if title is not None:
            columns.append((f"{field.name}_name", f"{field.name}__{title}", ""))
    return tuple(columns)


def _as_data(resource: Resource, values: tuple[Any, ...]) -> dict[str, Any]:
    data = {}
    for (name, _, kind), value in zip(columns_of(resource), values, strict=True):
        data[name] = masked(value) if kind == "sealed" and value else value
    for field in fields_of(resource):
        if isinstance(field, CodeField):
            data[f"{field.name}_name"] = field.name_of(data[field.name]) if data[field.name] else ""
    return data


def _query_paths(resource: Resource) -> list[str]:
    return [path for _, path, _ in columns_of(resource)]


def rows_as_data(resource: Resource, rows: Any) -> list[dict[str, Any]]:
    return [_as_data(resource, values) for values in rows.values_list(*_query_paths(resource))]


def row_as_data(resource: Resource, row: Any) -> dict[str, Any]:
    """One stored row, read afresh, so that the answer is what is kept."""
    return rows_as_data(resource, resource.model._base_manager.filter(pk=row.pk))[0]


def _size(query: QueryDict, name: str, default: int, most: int) -> int:
    text = query.get(name, "")
    return max(1, min(int(text), most)) if text.isdecimal() and len(text) < 10 else default


def page_of_rows(resource: Resource, actor: Actor, query: QueryDict) -> dict[str, Any]:
    """`{"count", "page", "page_size", "items"}`; the same filters, search and order as the screen's list."""
    rows = lists.selected(resource, actor, query)
    size = _size(query, "page_size", PAGE_SIZE, LARGEST_PAGE)
    page = _size(query, "page", 1, 10**8)
    items = rows_as_data(resource, rows[(page - 1) * size : page * size])
    return {"count": rows.order_by().values("pk").count(), "page": page, "page_size": size, "items": items}
