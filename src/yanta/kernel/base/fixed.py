"""Queries whose shape never changes: written once per process by Django, planned once per connection by PostgreSQL.

What every request asks (whose session, whose token) costs more to phrase and to plan than to answer. Such a query is
declared once with `Given` where its values go; `cursor` does the same for a statement that is written by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any, Generic, TypeVar

import psycopg
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.backends.utils import CursorWrapper
from django.db.models import Expression, Field, Model, QuerySet
from django.db.models.query import get_related_populators

Row = TypeVar("Row", bound=Model)


class Given(Expression):
    """The place of a value that is named when the query is asked."""

    def __init__(self, name: str, field: Field[Any, Any]) -> None:
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return "%s", [self]


class Fixed(Generic[Row]):
    """A query, declared at import and phrased when it is first asked."""

    def __init__(self, phrased: Callable[[], QuerySet[Row]]) -> None:
        self.phrased = phrased

    def all(self, **given: Any) -> list[Row]:
        statement, params, made = self._compiled
        values = [given[one.name] if isinstance(one, Given) else one for one in params]
        with cursor() as asked:
            asked.execute(statement, values)
            return [made(row) for row in asked.fetchall()]

    def first(self, **given: Any) -> Row | None:
        return next(iter(self.all(**given)), None)

    @cached_property
    def _compiled(self) -> tuple[str, tuple[Any, ...], Callable[[tuple[Any, ...]], Row]]:
        compiler = self.phrased().query.get_compiler(DEFAULT_DB_ALIAS)
        statement, params = compiler.as_sql()
        return statement, params, _maker(compiler)


def _maker(compiler: Any) -> Callable[[tuple[Any, ...]], Any]:
    """From a row to the object and what comes with it, as `QuerySet` itself does it."""
    told = compiler.klass_info
    start, end = told["select_fields"][0], told["select_fields"][-1] + 1
    names = [chosen[0].target.attname for chosen in compiler.select[start:end]]
    populators = get_related_populators(told, compiler.select, DEFAULT_DB_ALIAS)  # type: ignore[call-arg]  # the stubs are Django 6's
    converters = compiler.get_converters(chosen[0] for chosen in compiler.select)

    def made(row: tuple[Any, ...]) -> Any:
        if converters:
            row = tuple(next(iter(compiler.apply_converters([row], converters))))
        found = told["model"].from_db(DEFAULT_DB_ALIAS, names, row[start:end])
        for populator in populators:
            populator.populate(row, found)
        return found

    return made


class _PlannedOnce(psycopg.Cursor[Any]):
    def execute(self, query: Any, params: Any = None, **_told: Any) -> _PlannedOnce:
        super().execute(query, params, prepare=True)
        return self


@contextmanager
def cursor() -> Iterator[CursorWrapper]:
    """Like `connection.cursor()`; PostgreSQL keeps the plan of what is executed for the next time."""
    with connection.cursor() as usual:
        raw = _PlannedOnce(usual.connection)
        with connection.wrap_database_errors, type(usual)(raw, connection) as asked:
            yield asked
