"""Where a pipeline writes: the columns of a subject's own model, with what each of them demands."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from django.db import connection, models

from yanta.hub import subjects
from yanta.kernel.base import Refused
from yanta.kernel.base.fields import BlindIndexField, SealedField
from yanta.kernel.codes.fields import CodeField
from yanta.kernel.people.models import Person

PLUMBING = frozenset({"created_at", "updated_at"})
# By what a person can be known when no number is delivered, in the order of trust.
FACTS = {
    "id_number": "身份证件号",
    "number": "人员号",
    "phone": "手机号",
    "name": "姓名",
    "birth_on": "出生日期",
}
RULES = (("id_number",), ("number",), ("name", "birth_on"), ("name", "phone"))


@dataclass(frozen=True, slots=True)
class TargetField:
    """One column of the target table. `refers` is the model whose row it points to, found by `refers_key`."""

    name: str
    title: str
    kind: str
    column: str
    required: bool
    element: str = ""
    standard: str = ""
    code_set: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    max_length: int | None = None
    lowest: int | None = None
    highest: int | None = None
    places: int = 0
    refers: type[models.Model] | None = None
    refers_key: str = ""
    refers_title: str = ""
    is_sealed: bool = False
    index: str = ""
    is_nullable: bool = True
    default: Any = None
    level: int = 1
    is_identity: bool = False

    @property
    def is_looked_up(self) -> bool:
        return bool(self.code_set or self.choices or self.refers)

    @property
    def is_person(self) -> bool:
        return self.refers is Person


@dataclass(frozen=True, slots=True)
class Target:
    name: str
    title: str
    model: type[models.Model]
    owner: str
    key: str
    fields: tuple[TargetField, ...]

    def field(self, name: str) -> TargetField:
        for one in self.fields:
            if one.name == name:
                return one
        raise Refused(f"“{self.title}”没有可写入的字段“{name}”")

    @property
    def table(self) -> str:
        return self.model._meta.db_table

    @property
    def needed(self) -> list[TargetField]:
        """What a new row cannot do without."""
        return [one for one in self.fields if one.required]


def targets() -> list[tuple[str, str]]:
    """(name, title) of every subject that a pipeline may write."""
    return [(one.name, one.title) for one in subjects.all_subjects() if _is_flat(one.model)]


def _is_flat(model: type[models.Model]) -> bool:
    """Trees keep their own order of rows, and what has no key of its own cannot be compared."""
    return not hasattr(model, "numchild") and subjects.deriving.key_of(model) != "id"


@cache
def target(name: str) -> Target:
    """The target of a subject; Refused for one that cannot be written set at a time."""
    found = subjects.subject(name)
    if not _is_flat(found.model):
        raise Refused(f"“{found.title}”不能由管道写入")
    known = {one.path: one for one in found.fields}
    fields = tuple(
        made
        for column in found.model._meta.concrete_fields
        if (made := _field(column, known, key=found.key)) is not None
    )
    return Target(found.name, found.title, found.model, found.owner, found.key, fields)


def _field(column: Any, known: dict[str, Any], *, key: str) -> TargetField | None:
    skipped = column.primary_key or column.name in PLUMBING or isinstance(column, BlindIndexField)
    if skipped or not (column.editable or column.name == key):
        return None
    if column.is_relation:
        return _link(column, known)
    about = known.get(column.name)
    if about is None or about.kind == "instant":
        return None
    return TargetField(
        column.name, str(column.verbose_name), about.kind, column.column, _is_required(column) or column.name == key,
        about.element, about.standard, about.code_set,
        about.choices if not isinstance(column, CodeField) else (), level=int(about.level), **_limits(column),
        is_identity=about.element.endswith("SFZJH"),
    )  # fmt: skip


def _link(column: Any, known: dict[str, Any]) -> TargetField | None:
    refers = column.remote_field.model
    key = subjects.deriving.key_of(refers)
    if key == "id":
        return None
    about = known.get(f"{column.name}__{key}")
    return TargetField(
        column.name, str(column.verbose_name), "text", column.column, _is_required(column),
        about.element if about else "", about.standard if about else "", refers=refers, refers_key=key,
        refers_title=str(refers._meta.verbose_name), is_nullable=column.null, level=int(about.level) if about else 2,
    )  # fmt: skip


def _is_required(column: Any) -> bool:
    return not (column.null or column.blank or column.has_default())


def _limits(column: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"is_nullable": column.null}
    if column.has_default():
        found["default"] = _written(column.get_default())
    if isinstance(column, models.IntegerField):
        found["lowest"], found["highest"] = connection.ops.integer_field_range(column.get_internal_type())
        if column.get_internal_type().startswith("Positive"):
            found["lowest"] = 0
    elif isinstance(column, models.DecimalField):
        found["places"] = column.decimal_places
        found["max_length"] = column.max_digits
    elif isinstance(column, SealedField):
        found.update(
            is_sealed=True, max_length=column.max_length, index=column.index_name if column.indexed else ""
        )
    elif isinstance(column, models.CharField):
        found["max_length"] = column.max_length
    return found


def _written(value: Any) -> str | None:
    """A default as COPY writes it."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "t" if value else "f"
    return format(value, "f") if isinstance(value, Decimal) else str(value)
