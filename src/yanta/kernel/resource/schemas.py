"""The shapes that OpenAPI publishes, made from models and operations."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Annotated, Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from ninja import Schema
from pydantic import ConfigDict, Field, WithJsonSchema, create_model

from yanta.kernel.base.fields import SealedField
from yanta.kernel.codes.fields import CodeField
from yanta.kernel.operation import Operation, Parameter
from yanta.kernel.resource.declare import Resource
from yanta.kernel.resource.paths import title_field
from yanta.kernel.resource.serialise import fields_of

LARGEST_KEY = 2**63 - 1


class Problem(Schema):
    """RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    errors: Any = None


# JSON Schema's `time` wants an offset, which a time of day has none.
TimeOfDay = Annotated[
    datetime.time,
    WithJsonSchema({"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$"}),
]
_TYPES: tuple[tuple[type[models.Field[Any, Any]], Any], ...] = (
    (SealedField, str), (models.BooleanField, bool), (models.DateTimeField, datetime.datetime),
    (models.DateField, datetime.date), (models.TimeField, TimeOfDay), (models.DecimalField, Decimal),
    (models.IntegerField, int), (models.FloatField, float), (models.ForeignKey, int), (models.JSONField, Any),
    (ArrayField, list[Any]),
)  # fmt: skip


def _type(field: models.Field[Any, Any]) -> Any:
    return next((kind for cls, kind in _TYPES if isinstance(field, cls)), str)


def _name(resource: Resource, suffix: str = "") -> str:
    return f"{resource.model._meta.app_label.title()}{resource.model.__name__}{suffix}"


def _described(field: models.Field[Any, Any]) -> str:
    code = f"（代码集 {field.set_id}）" if isinstance(field, CodeField) else ""
    return f"{field.verbose_name}{code}"


_row_schemas: dict[str, type[Schema]] = {}


def row_schema(resource: Resource) -> type[Schema]:
    """A row as the API answers it."""
    if resource.key not in _row_schemas:
        _row_schemas[resource.key] = create_model(_name(resource), __base__=Schema, **_row_fields(resource))
    return _row_schemas[resource.key]


def _row_fields(resource: Resource) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for field in fields_of(resource):
        kind = _type(field) | None if field.null and _type(field) is not Any else _type(field)
        name = field.attname if field.is_relation else field.name
        fields[name] = (kind, Field(description=_described(field)))
        titled = field.is_relation and title_field(field.related_model)  # type: ignore[arg-type]
        if titled or isinstance(field, CodeField):
            fields[f"{field.name}_name"] = (
                str | int | None,
                Field(None, description=f"{field.verbose_name}名称"),
            )
    return fields


def list_schema(resource: Resource) -> type[Schema]:
    shape: dict[str, Any] = {"count": (int, ...), "page": (int, ...), "page_size": (int, ...)}
    shape["items"] = (list[row_schema(resource)], ...)
    return create_model(_name(resource, "List"), __base__=Schema, **shape)


def input_schema(resource: Resource, *, partial: bool = False) -> type[Schema]:
    """What adding, or in part changing, takes; links by id, codes by code or name."""
    fields: dict[str, Any] = {}
    for name in resource.form_fields:
        field: Any = resource.model._meta.get_field(name)
        needed = not partial and not field.blank and not field.has_default()
        fields[name] = _input(field, needed=needed)
    config = ConfigDict(extra="forbid")
    return create_model(_name(resource, "Patch" if partial else "Input"), __config__=config, **fields)


def _input(field: Any, *, needed: bool) -> Any:
    kind = _type(field)
    limits: dict[str, Any] = {"description": _described(field)}
    if kind is int:
        limits |= {"ge": -LARGEST_KEY, "le": LARGEST_KEY}
    if needed:
        return (kind, Field(**limits))
    return (kind | None if kind is not Any else Any, Field(None, **limits))


def _parameter_type(parameter: Parameter) -> Any:
    if parameter.is_model:
        return int
    return str if parameter.is_choice or parameter.marker is not None else parameter.kind


def action_schema(action: Operation[..., Any]) -> type[Schema]:
    """The questions of an operation; an uploaded file is named by the id of a stored file."""
    fields: dict[str, Any] = {}
    for parameter in action.parameters:
        kind = _parameter_type(parameter)
        kind = list[kind] if parameter.many else kind  # type: ignore[valid-type]
        limits: dict[str, Any] = {"description": parameter.label}
        fields[parameter.name] = (
            (kind, Field(**limits))
            if parameter.required and not parameter.element
            else (kind | None, Field(None, **limits))
        )
    name = "".join(part.title() for part in action.permission.replace("_", ".").split("."))
    return create_model(f"{name}Action", __config__=ConfigDict(extra="forbid"), **fields)
