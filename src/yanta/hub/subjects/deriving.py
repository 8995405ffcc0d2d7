"""Subjects out of the models' own declarations."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from django.apps import apps
from django.db import models

from yanta.hub.subjects.shapes import Field, Kind, Level, Subject
from yanta.kernel.base import Refused
from yanta.kernel.base.fields import SealedField
from yanta.kernel.base.models import Record
from yanta.kernel.codes.bindings import Binding, bindings, standard_of
from yanta.kernel.codes.fields import CodeField
from yanta.kernel.people.models import Person

# Who a person is beyond name and number is protected more (GB/T 35273 annex B).
PERSONAL = ("former_name", "birth_on", "id_type", "nationality", "ethnic", "political_status", "native_place", "email")  # fmt: skip
PLUMBING = frozenset({"created_at", "updated_at", "path", "depth", "numchild"})
KINDS: tuple[tuple[type[models.Field[Any, Any]], Kind], ...] = (
    (models.DateTimeField, "instant"),
    (models.DateField, "date"),
    (models.BooleanField, "flag"),
    (models.IntegerField, "integer"),
    (models.DecimalField, "decimal"),
    (models.CharField, "text"),
    (models.TextField, "text"),
    (SealedField, "text"),
)


@cache
def all_subjects() -> tuple[Subject, ...]:
    """Every subject of the installation, in the order of installation."""
    bound = {(one.model, one.field): one for one in bindings()}
    models_ = (model for model in apps.get_models() if issubclass(model, Record) and standard_of(model))
    return tuple(_subject(model, bound) for model in models_)


def subject(name: str) -> Subject:
    """The subject of that name; refuses an unknown one in words."""
    for one in all_subjects():
        if one.name == name:
            return one
    raise Refused(f"没有名为“{name}”的数据主题")


def _subject(model: type[Record], bound: dict[tuple[Any, str], Binding]) -> Subject:
    declared = standard_of(model)
    assert declared is not None  # noqa: S101  # asked for above
    found: dict[str, Field] = {}
    for field in _own(model, "", "", bound):
        found.setdefault(field.name, field)
    for field in _linked(model, bound):
        found.setdefault(field.name, field)
    title = str(model._meta.verbose_name)
    owner = declared.owner or getattr(apps.get_app_config(model._meta.app_label), "owner", "")
    return Subject(
        declared.subject.rpartition(".")[2], title, model, owner, key_of(model), tuple(found.values())
    )


def key_of(model: type[models.Model]) -> str:
    """The unique text by which people call a row, else `id`."""
    for field in model._meta.concrete_fields:
        if field.unique and isinstance(field, models.CharField) and field.name not in PLUMBING:
            return field.name
    return "id"


def _own(
    model: type[models.Model], path: str, prefix: str, bound: dict[tuple[Any, str], Binding]
) -> Iterator[Field]:
    """The model's columns; `path` leads to it, `prefix` goes before a name that would be ambiguous."""
    for column in model._meta.concrete_fields:
        kind = _kind(column)
        if kind is not None and column.name not in PLUMBING and _is_told(model, column):
            yield _field(model, column, kind, path, prefix, bound)


def _is_told(model: type[models.Model], column: models.Field[Any, Any]) -> bool:
    """What people enter, what names a row, the state that verbs give it, and what its Standard gives a level."""
    levels = getattr(getattr(model, "Standard", None), "levels", {})
    return bool(column.editable or column.unique or column.choices or column.name in levels)


def _kind(column: models.Field[Any, Any]) -> Kind | None:
    if column.primary_key or column.is_relation:
        return None
    return next((kind for family, kind in KINDS if isinstance(column, family)), None)


def _field(
    model: type[models.Model], column: models.Field[Any, Any], kind: Kind, path: str, prefix: str,
    bound: dict[tuple[Any, str], Binding],
) -> Field:  # fmt: skip
    binding = bound.get((model, column.name))
    choices = tuple((str(code), str(label)) for code, label in column.flatchoices)
    element = f"{binding.subset}.{binding.identifier}".lstrip(".") if binding else ""
    return Field(
        f"{prefix}{column.name}", str(column.verbose_name), f"{path}{column.name}", kind, _level(model, column),
        binding.owner if binding else "", element, binding.source if binding else "",
        column.set_id if isinstance(column, CodeField) else "", choices, isinstance(column, SealedField),
    )  # fmt: skip


def _level(model: type[models.Model], column: models.Field[Any, Any]) -> Level:
    told: dict[str, int] = getattr(vars(model).get("Standard"), "levels", {})
    if column.name in told:
        return Level(told[column.name])
    if isinstance(column, SealedField):
        return Level.HIGH
    if model is Person and column.name in PERSONAL:
        return Level.SENSITIVE
    return Level.PUBLIC if getattr(model, "person_path", None) is None else Level.INTERNAL


def _linked(model: type[models.Model], bound: dict[tuple[Any, str], Binding]) -> Iterator[Field]:
    """The person's own fields where there is a person, and code and name of whatever else is pointed to."""
    for link in model._meta.concrete_fields:
        target = link.remote_field and link.remote_field.model
        if not (target and issubclass(target, Record) and link.editable) or link.name in PLUMBING:
            continue
        if target is Person and getattr(model, "person_path", None) == link.name:
            for field in _own(Person, f"{link.name}__", "", bound):
                yield _named(field, "person_number", "人员号") if field.name == "number" else field
        else:
            yield from _named_by(model, link, target, bound)


def _named(field: Field, name: str, title: str) -> Field:
    return Field(name, title, *(getattr(field, slot) for slot in Field.__slots__[2:]))


def _named_by(
    model: type[models.Model], link: Any, target: type[models.Model], bound: dict[tuple[Any, str], Binding]
) -> Iterator[Field]:
    key = key_of(target)
    if key == "id":
        return
    binding = bound.get((model, link.name))
    element = f"{binding.subset}.{binding.identifier}".lstrip(".") if binding else ""
    level = Level.PUBLIC if getattr(model, "person_path", None) is None else Level.INTERNAL
    owner, standard = (binding.owner, binding.source) if binding else ("", "")
    title = str(link.verbose_name)
    refers = target._meta.label_lower
    path = f"{link.name}__{key}"
    yield Field(link.name, title, path, "text", level, owner, element, standard, refers=refers)
    if any(column.name == "name" for column in target._meta.concrete_fields) and key != "name":
        yield Field(f"{link.name}_name", f"{title}名称", f"{link.name}__name", "text", level, owner)
