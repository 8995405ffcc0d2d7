"""Subjects as they were: one statement over the history tables, deleted rows included, sealed values as their digests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa
from django.db import connection, models
from psycopg import sql

from yanta.hub.subjects import Field, Subject
from yanta.hub.subjects.reading import ID, TYPES, UNIT
from yanta.kernel.base import Refused
from yanta.kernel.base.fields import SealedField

DELETED = "delete"
ROOT = ""


def as_of(
    subject: Subject, at: datetime, names: Sequence[str] | None = None, rows: Sequence[int] | None = None
) -> pa.Table:
    """The subject's rows as they stood at an instant, like `subjects.read`: `id`, `unit_path`, then the fields.

    The tree of units is today's; what a link led to is read as of the same instant.
    """
    if not getattr(subject.model, "history", False):
        raise Refused(f"{subject.title}没有保留历史，无从回看")
    fields = [subject.field(name) for name in names] if names is not None else list(subject.fields)
    statement = _Statement(subject, at, rows)
    query = statement.selecting(fields)
    with connection.cursor() as cursor:
        cursor.execute(query.as_string(cursor.connection), statement.parameters)
        found = cursor.fetchall()
    schema = pa.schema(
        [(ID, pa.int64()), (UNIT, pa.string()), *((one.name, TYPES[one.kind]) for one in fields)]
    )
    columns = list(zip(*found, strict=True)) if found else [()] * len(schema)
    return pa.table(
        [pa.array(list(column), kind) for column, kind in zip(columns, schema.types, strict=True)],
        schema=schema,
    )


class _Statement:
    """The joins that the fields need, each model as it stood at the instant."""

    def __init__(self, subject: Subject, at: datetime, rows: Sequence[int] | None) -> None:
        self.subject, self.at, self.rows = subject, at, rows
        self.parameters: list[Any] = []
        self._joins: list[sql.Composable] = []
        self._aliases: dict[str, tuple[str, Any]] = {ROOT: ("t0", subject.model)}
        self._from = self._past(subject.model, rows)

    def selecting(self, fields: Sequence[Field]) -> sql.Composed:
        columns = [sql.SQL("t0.pgh_obj_id"), self._unit(), *(self._column(one) for one in fields)]
        return sql.SQL(
            "SELECT {columns} FROM {past} t0 {joins} WHERE t0.pgh_label <> 'delete' ORDER BY t0.pgh_obj_id"
        ).format(columns=sql.SQL(", ").join(columns), past=self._from, joins=sql.SQL(" ").join(self._joins))

    def _past(self, model: Any, rows: Sequence[int] | None = None) -> sql.Composable:
        """A model's rows as of the instant: of each, the last event until then."""
        table = model._meta.get_field("history_events").related_model._meta.db_table
        only = sql.SQL("")
        self.parameters.append(self.at)
        if rows is not None:
            only = sql.SQL("AND pgh_obj_id = ANY(%s)")
            self.parameters.append(list(rows))
        return sql.SQL(
            "(SELECT DISTINCT ON (pgh_obj_id) * FROM {table} WHERE pgh_created_at <= %s {only} ORDER BY pgh_obj_id, pgh_id DESC)"
        ).format(table=sql.Identifier(table), only=only)

    def _alias(self, path: str) -> tuple[str, Any]:
        """The alias of the model that a path of links leads to, joined on as needed."""
        if path not in self._aliases:
            above, _, step = path.rpartition("__")
            alias, model = self._alias(above)
            link = model._meta.get_field(step)
            target, name = link.remote_field.model, f"t{len(self._aliases)}"
            self._aliases[path] = (name, target)
            self._joins.append(self._join(alias, link.column, name, target))
        return self._aliases[path]

    def _join(self, alias: str, column: str, name: str, target: Any) -> sql.Composable:
        kept = getattr(target, "history", False)
        relation = self._past(target) if kept else sql.Identifier(target._meta.db_table)
        key = sql.SQL("pgh_obj_id") if kept else sql.Identifier(target._meta.pk.column)
        return sql.SQL("LEFT JOIN {relation} {name} ON {name}.{key} = {alias}.{column}").format(
            relation=relation,
            name=sql.Identifier(name),
            key=key,
            alias=sql.Identifier(alias),
            column=sql.Identifier(column),
        )

    def _column(self, field: Field) -> sql.Composable:
        alias, model = self._alias(field.via)
        column: models.Field[Any, Any] = model._meta.get_field(field.path.rpartition("__")[2])
        if column.column not in _kept_columns(model):
            return sql.SQL("NULL")
        if isinstance(column, SealedField):
            name = column.index_name if column.indexed else column.column
            return sql.SQL("{}.{}::text").format(sql.Identifier(alias), sql.Identifier(name))
        return sql.SQL("{}.{}").format(sql.Identifier(alias), sql.Identifier(column.column))

    def _unit(self) -> sql.Composable:
        """The place of the owning unit in today's tree."""
        path = self.subject.model.org_path
        if path is None:
            return sql.SQL("NULL::text")
        above, _, last = path.rpartition("__")
        alias, model = self._alias(above)
        column = (
            sql.SQL("pgh_obj_id") if path == "self" else sql.Identifier(model._meta.get_field(last).column)
        )
        return sql.SQL("(SELECT u.path FROM organisation_orgunit u WHERE u.id = {}.{})").format(
            sql.Identifier(alias), column
        )


def _kept_columns(model: Any) -> set[str]:
    history = (
        model._meta.get_field("history_events").related_model if getattr(model, "history", False) else model
    )
    return {one.column for one in history._meta.concrete_fields}


@dataclass(frozen=True, slots=True)
class Difference:
    """A subject at two instants: keys that came, went and changed, with the fields that differ."""

    before: int
    after: int
    came: list[tuple[int, str]]
    gone: list[tuple[int, str]]
    changed: list[tuple[int, str, list[str]]]


def difference(
    subject: Subject, earlier: datetime, later: datetime, names: Sequence[str] | None = None
) -> Difference:
    """What differs between two instants, row by row."""
    wanted = list(
        dict.fromkeys(
            [*([] if subject.key == "id" else [subject.key]), *(names or [f.name for f in subject.fields])]
        )
    )
    old, new = (_by_id(as_of(subject, at, wanted)) for at in (earlier, later))
    titles = {one.name: one.title for one in subject.fields}

    def named(row: dict[str, Any]) -> str:
        return str(row.get(subject.key) or row[ID])

    changed = [
        (key, named(new[key]), [titles[name] for name in wanted if old[key][name] != new[key][name]])
        for key in sorted(old.keys() & new.keys())
        if any(old[key][name] != new[key][name] for name in wanted)
    ]
    return Difference(
        len(old), len(new), [(key, named(new[key])) for key in sorted(new.keys() - old.keys())],
        [(key, named(old[key])) for key in sorted(old.keys() - new.keys())], changed,
    )  # fmt: skip


def _by_id(table: pa.Table) -> dict[int, dict[str, Any]]:
    return {row[ID]: row for row in table.to_pylist()}
