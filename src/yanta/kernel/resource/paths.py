"""What a field path such as `student__department` means: its label, its kind, how its value reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils.timezone import localtime

from yanta.kernel.base.fields import SealedField
from yanta.kernel.base.models import Record
from yanta.kernel.base.texts import masked
from yanta.kernel.codes.fields import CodeField
from yanta.kernel.resource.declare import Column

KINDS: tuple[tuple[type[models.Field[Any, Any]], str], ...] = (
    (SealedField, "sealed"), (CodeField, "code"), (models.ForeignKey, "link"), (models.BooleanField, "bool"),
    (models.DateTimeField, "datetime"), (models.DateField, "date"), (models.TimeField, "time"),
    (models.DecimalField, "decimal"), (models.IntegerField, "number"), (models.FloatField, "number"),
    (models.TextField, "long"), (models.JSONField, "json"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Path:
    """One column or fact: how it is called, what kind of value it has, how to read it from a row."""

    name: str
    label: str
    kind: str
    read: Callable[[Any], Any]
    field: models.Field[Any, Any] | None = None

    @property
    def sortable(self) -> bool:
        return self.field is not None and self.kind not in ("sealed", "json")

    def raw(self, row: Any) -> Any:
        """The value as stored, unmasked."""
        return self.read(row)

    def text(self, row: Any) -> str:
        """The value as people read it; sealed values are masked."""
        return shown(self, self.read(row))


def _kind(field: models.Field[Any, Any]) -> str:
    if field.choices:
        return "choice"
    return next((kind for cls, kind in KINDS if isinstance(field, cls)), "text")


def _reader(name: str) -> Callable[[Any], Any]:
    steps = name.split("__")
    if len(steps) == 1:
        return lambda row: getattr(row, name)

    def read(row: Any) -> Any:
        for step in steps:
            if row is None:
                return None
            row = getattr(row, step)
        return row

    return read


def field_of(model: type[models.Model], name: str) -> models.Field[Any, Any]:
    """The last field of a path; raises FieldDoesNotExist."""
    *steps, last = name.split("__")
    for step in steps:
        related = model._meta.get_field(step).related_model
        if not isinstance(related, type):
            raise FieldDoesNotExist(f"{model.__name__}.{step} leads nowhere")
        model = related
    found: models.Field[Any, Any] = model._meta.get_field(last)  # type: ignore[assignment]
    return found


@cache
def path_of(model: type[models.Model], name: str | Column) -> Path:
    """The description of a path, computed once; a `Column` describes itself."""
    if isinstance(name, Column):
        return Path(name.name, name.label, name.kind, name.value)
    if name == "__str__":
        return Path(name, str(model._meta.verbose_name), "title", str)
    field = field_of(model, name)
    return Path(name, _label(model, name, field), _kind(field), _reader(name), field)


def _label(model: type[models.Model], name: str, field: models.Field[Any, Any]) -> str:
    """The name of somebody linked is called after the link: 保管人, not 姓名."""
    before, _, last = name.rpartition("__")
    named = field_of(model, before) if before and last in ("person", "name") else field
    return str(named.verbose_name)


def _code_name(path: Path, value: Any) -> str:
    field = path.field
    return field.name_of(value) if isinstance(field, CodeField) else str(value)


def _choice_name(path: Path, value: Any) -> str:
    return str(dict(path.field.flatchoices).get(value, value)) if path.field else str(value)


def _number(path: Path, value: Any) -> str:
    # Small integers are years, weeks and floors; a thousands comma in 2,023 would be wrong.
    return str(value) if isinstance(path.field, models.PositiveSmallIntegerField) else f"{value:,}"


def _decimal(path: Path, value: Any) -> str:
    places = getattr(path.field, "decimal_places", 2)
    return f"{Decimal(value):,.{places}f}"


def _date(_: Path, value: date) -> str:
    return value.isoformat()


def _datetime(_: Path, value: datetime) -> str:
    return localtime(value).strftime("%Y-%m-%d %H:%M")


def _bool(_: Path, value: Any) -> str:
    return "是" if value else "否"


def _sealed(_: Path, value: Any) -> str:
    return masked(str(value))


_SHOWN: dict[str, Callable[[Path, Any], str]] = {
    "code": _code_name, "choice": _choice_name, "number": _number, "decimal": _decimal, "date": _date,
    "datetime": _datetime, "bool": _bool, "sealed": _sealed,
}  # fmt: skip


def shown(path: Path, value: Any) -> str:
    """A stored value as people read it."""
    if value is None or value == "":
        return ""
    render = _SHOWN.get(path.kind)
    return render(path, value) if render else str(value)


def related_paths(model: type[models.Model], names: Sequence[str | Column]) -> list[str]:
    """What `select_related` must fetch so that no row asks again, titles of linked rows included."""
    wanted: list[str] = []
    for name in names:
        if isinstance(name, Column):
            wanted += name.needs
            continue
        if name == "__str__":
            wanted += getattr(model, "title_needs", ())
            continue
        field = field_of(model, name)
        if isinstance(field, models.ForeignKey):
            wanted += [name, *(f"{name}__{more}" for more in getattr(field.related_model, "title_needs", ()))]
        elif "__" in name:
            wanted.append(name.rpartition("__")[0])
    return wanted


def _unread_seals(
    model: type[models.Model], joined: Sequence[str], names: Sequence[str | Column]
) -> list[str]:
    """Sealed columns that nobody will read: opening them costs more than all the rest of a row."""
    steps = {"", *joined, *(path.rpartition("__")[0] for path in joined)}
    unread = []
    for step in steps:
        target: Any = field_of(model, step).related_model if step else model
        prefix = f"{step}__" if step else ""
        unread += [f"{prefix}{f.name}" for f in target._meta.concrete_fields if isinstance(f, SealedField)]
    return [path for path in unread if path not in names]


def with_related_rows(model: type[models.Model], rows: Any, names: Sequence[str | Column]) -> Any:
    """The rows with everything joined in that these columns read, and no seal opened in vain."""
    joined = related_paths(model, names)
    rows = rows.select_related(*joined) if joined else rows
    unread = _unread_seals(model, joined, names)
    return rows.defer(*unread) if unread else rows


def title_field(model: type[models.Model]) -> str | None:
    """The column that names a row where no instance is at hand."""
    names = {field.name for field in model._meta.concrete_fields}
    return next((name for name in ("name", "title", "number", "code") if name in names), None)


def is_record(model: Any) -> bool:
    return isinstance(model, type) and issubclass(model, Record)
