"""The statements of one action. They are put together once from the models: doing so anew costs more than running them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from functools import cache, cached_property
from typing import Any, Generic, TypeVar

import orjson
from django.db import connection, models

from yanta.kernel.workflow.models import Delegation, Instance, WorkItem

_DEPUTIES = (
    f'EXISTS (SELECT FROM "{Delegation._meta.db_table}" WHERE "ended_at" IS NULL AND "valid_to" >= %s)'
)
Statement = tuple[str, list[Any]]
M = TypeVar("M", bound=models.Model)
_AS_TEXT = (models.CharField, models.TextField)


def _json(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()


def _way_in(field: Any) -> Callable[[Any], Any] | None:
    """How a value becomes a parameter; a choice is text, whatever enumeration it came from."""
    if isinstance(field, models.JSONField):
        return _json
    return str if isinstance(field, _AS_TEXT) else None


def _way_out(field: Any) -> Callable[[Any], Any] | None:
    """How a column becomes a value: as the field itself would say, and JSON faster."""
    if type(field) is models.JSONField and field.decoder is None:
        return orjson.loads
    convert = getattr(field, "from_db_value", None)
    return None if convert is None else lambda value: convert(value, None, connection)


class Table(Generic[M]):
    """A model's rows, read and written without composing a query; what is written so, no signal of saving tells."""

    def __init__(self, model: type[M]) -> None:
        self.model, self.name = model, model._meta.db_table
        self.fields = list(model._meta.concrete_fields)
        self.attnames = [field.attname for field in self.fields]
        self.columns = ", ".join(f'"{self.name}"."{field.column}"' for field in self.fields)
        self._ways_out = [(at, way) for at, one in enumerate(self.fields) if (way := _way_out(one))]
        self._updates: dict[tuple[str, ...], str] = {}

    def row(self, values: Iterable[Any]) -> M:
        """The model's instance, from columns as they were selected."""
        given = list(values)
        for at, way in self._ways_out:
            if given[at] is not None:
                given[at] = way(given[at])
        made: M = self.model.from_db("default", self.attnames, given)
        return made

    def get(self, pk: int) -> M:
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT {self.columns} FROM "{self.name}" WHERE "id" = %s', [pk])
            found = cursor.fetchone()
        if found is None:
            raise self.model.DoesNotExist(f"{self.name} {pk}")  # type: ignore[attr-defined]  # every model has it
        return self.row(found)

    def insert(self, rows: Sequence[M], now: datetime) -> list[Statement]:
        """All of them by one statement; their keys are not asked for, and what none of them has stays out of it."""
        if not rows:
            return []
        for row in rows:
            row.created_at = row.updated_at = now  # type: ignore[attr-defined]  # every record has them
        new = [one for one in self._new if any(getattr(row, one[0]) is not None for row in rows)]
        given = [_given(row, attname, way) for row in rows for attname, _, way in new]
        one = f"({', '.join(['%s'] * len(new))})"
        columns = ", ".join(f'"{column}"' for _, column, _ in new)
        return [(f'INSERT INTO "{self.name}" ({columns}) VALUES {", ".join([one] * len(rows))}', given)]

    def update(self, row: M, names: tuple[str, ...], now: datetime) -> Statement:
        """These attributes of a row that is known by its key."""
        row.updated_at = now  # type: ignore[attr-defined]  # every record has it
        return self._update(names), [*(_given(row, name, self._ways[name][1]) for name in names), row.pk]

    @cached_property
    def _new(self) -> list[tuple[str, str, Callable[[Any], Any] | None]]:
        return [(one.attname, one.column, _way_in(one)) for one in self.fields if not one.primary_key]

    @cached_property
    def _ways(self) -> dict[str, tuple[str, Callable[[Any], Any] | None]]:
        return {one.attname: (one.column, _way_in(one)) for one in self.fields}

    def _update(self, names: tuple[str, ...]) -> str:
        if names not in self._updates:
            sets = ", ".join(f'"{self._ways[name][0]}" = %s' for name in names)
            self._updates[names] = f'UPDATE "{self.name}" SET {sets} WHERE "id" = %s'
        return self._updates[names]


def _given(row: models.Model, attname: str, way: Callable[[Any], Any] | None) -> Any:
    value = getattr(row, attname)
    return value if way is None or value is None else way(value)


@cache
def table(model: type[M]) -> Table[M]:
    return Table(model)


def write(statements: Iterable[Statement]) -> None:
    """All in one message to the database.

    Each gets its values by itself: how a short statement is cut is remembered, a long one would be cut anew each time.
    """
    with connection.cursor() as cursor:
        if whole := ";\n".join(cursor.mogrify(text, given) for text, given in statements):
            cursor.execute(whole.replace("%", "%%"), ())


def opening(process: str, subject_type: str, subject_id: int, today: date) -> tuple[bool, bool]:
    """Whether this row is under way in this process already, and whether anybody at all stands in for somebody today."""
    with connection.cursor() as cursor:
        cursor.execute(_opening(), [subject_type, subject_id, process, today])
        is_running, has_deputies = cursor.fetchone()
    return bool(is_running), bool(has_deputies)


@cache
def _opening() -> str:
    return (
        f'SELECT EXISTS (SELECT FROM "{table(Instance).name}" WHERE "subject_type" = %s AND "subject_id" = %s'
        f""" AND "process" = %s AND NOT "state" = 'ended'), {_DEPUTIES}"""
    )


def read(instance_id: int, today: date, *, locked: bool) -> tuple[Instance, list[WorkItem], bool]:
    """The instance, its items, and whether anybody at all stands in for somebody today.

    Two statements in one message: the items are those that stood when the lock was given, for each statement sees what
    was committed when its own turn came.
    """
    instances, items = table(Instance), table(WorkItem)
    with connection.cursor() as cursor:
        cursor.execute(_reading(locked=locked), [today, instance_id, instance_id])
        cursor.set_result(-2)  # from the end: history puts a result of its own before, and goes to the last
        found = cursor.fetchone()
        if found is None:
            raise Instance.DoesNotExist(f"workflow instance {instance_id}")
        cursor.set_result(-1)
        rows = [items.row(row) for row in cursor.fetchall()]
    *values, has_deputies = found
    instance = instances.row(values)
    for row in rows:
        row.instance = instance
    return instance, rows, bool(has_deputies)


@cache
def _reading(*, locked: bool) -> str:
    instances, items = table(Instance), table(WorkItem)
    return (
        f"SELECT {instances.columns}, {_DEPUTIES}"
        f' FROM "{instances.name}" WHERE "id" = %s {"FOR NO KEY UPDATE" if locked else ""};\n'
        f'SELECT {items.columns} FROM "{items.name}" WHERE "instance_id" = %s ORDER BY "serial"'
    )
