"""Rows of any model, made up from its fields, so that one suite can try every declared noun."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import apps
from django.db import models

from yanta.kernel.base.fields import SealedField
from yanta.kernel.codes import service as codes
from yanta.kernel.codes.fields import CodeField
from yanta.kernel.organisation.models import OrgUnit

Example = Mapping[str, Any] | Callable[[int], Mapping[str, Any]]
_serials = itertools.count(1)


@cache
def _examples() -> dict[type[models.Model], Example]:
    """What the packages' `tests/factories.py` say where a made-up value breaks a rule of the model."""
    found: dict[type[models.Model], Example] = {}
    for config in apps.get_app_configs():
        name = f"{config.name}.tests.factories"
        if config.name.startswith("yanta.") and find_spec(f"{config.name}.tests") and find_spec(name):
            found |= getattr(import_module(name), "EXAMPLES", {})
    return found


class RowMaker:
    """Makes rows that belong to a unit, and to a person where the model has one."""

    def __init__(self, *, person: Callable[[OrgUnit], Any]) -> None:
        self._person = person
        self._known = _examples()

    def make(self, model: type[models.Model], at: OrgUnit, *, saved: bool = True) -> Any:
        """A valid row in this unit; everything it must refer to is made in the same unit."""
        if model is OrgUnit:
            return at
        row = model(**self.values(model, at))
        if saved:
            row.save()
        return row

    def values(self, model: type[models.Model], at: OrgUnit) -> dict[str, Any]:
        serial = next(_serials)
        example = self._known.get(model, {})
        given = dict(example(serial) if callable(example) else example)
        needed = [f for f in model._meta.concrete_fields if f.name not in given and _is_needed(model, f)]
        return {**{field.name: self._value(model, field, at, serial) for field in needed}, **given}

    def _value(
        self, model: type[models.Model], field: models.Field[Any, Any], at: OrgUnit, serial: int
    ) -> Any:
        if isinstance(field, models.ForeignKey):
            target: Any = field.related_model
            if target is OrgUnit:
                return at
            return self._person(at) if target._meta.label_lower == "people.person" else self.make(target, at)
        return _plain_value(field, serial)


def _is_needed(model: Any, field: models.Field[Any, Any]) -> bool:
    """Fields that must be filled, and those that say whose row it is."""
    if field.primary_key or getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False):
        return False
    owners = {
        str(path).split("__")[0] for path in (model.org_path, model.person_path) if path not in (None, "self")
    }
    if field.name in owners:
        return True
    return not field.null and not field.blank and not field.has_default()


def _plain_value(field: models.Field[Any, Any], serial: int) -> Any:
    if isinstance(field, CodeField):
        return codes.choices(field.set_id)[0][0]
    if field.choices:
        return field.flatchoices[0][0]
    for kind, make in _MAKERS:
        if isinstance(field, kind):
            return make(field, serial)
    return f"样例{serial}"[: field.max_length or None]


def _text(field: models.Field[Any, Any], serial: int) -> str:
    width = field.max_length or 20
    return f"{serial:0{min(width, 6)}d}"[-width:]


_MAKERS: tuple[tuple[type[models.Field[Any, Any]], Callable[[Any, int], Any]], ...] = (
    (SealedField, lambda field, serial: f"1380000{serial:04d}"),
    (models.EmailField, lambda field, serial: f"sample{serial}@example.edu.cn"),
    (models.JSONField, lambda field, serial: {}),
    (models.BinaryField, lambda field, serial: b"sample"),
    (models.TextField, lambda field, serial: f"样例{serial}"),
    (models.BooleanField, lambda field, serial: False),
    (models.DateTimeField, lambda field, serial: datetime(2026, 9, 1, 8, tzinfo=UTC) + timedelta(hours=serial)),
    (models.DateField, lambda field, serial: date(2026, 9, 1) + timedelta(days=serial % 300)),
    (models.TimeField, lambda field, serial: time(8, 0)),
    (models.DecimalField, lambda field, serial: Decimal(1)),
    (models.IntegerField, lambda field, serial: 1 + serial % 100),
    (models.FloatField, lambda field, serial: 1.0),
    (models.CharField, _text),
)  # fmt: skip
