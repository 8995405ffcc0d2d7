"""A past day from the history tables: for one transaction, views of that day stand before the tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from yanta.hub.subjects import Subject
from yanta.kernel.base import Refused

DELETED = "delete"


@contextmanager
def standing(at: datetime, subjects: Iterable[Subject]) -> Iterator[dict[str, str]]:
    """While it lasts, reading these subjects reads that instant; answers subject name → what history cannot tell.

    A temporary view named like a table is found before the table (`pg_temp` stands first in the search path).
    """
    chosen = list(subjects)
    models = {model._meta.db_table: model for one in chosen for model in _models(one)}
    told = {table: model for table, model in models.items() if getattr(model, "history", False)}
    with transaction.atomic():  # what fails takes its views along
        for table, model in told.items():
            _check_reach(model, at)
            _shadow(table, model, at)
        yield {one.name: _gaps(one) for one in chosen}
        with connection.cursor() as cursor:
            for table in told:
                cursor.execute(f'DROP VIEW pg_temp."{table}"')


def _models(subject: Subject) -> Iterator[Any]:
    yield subject.model
    for field in subject.fields:
        model: Any = subject.model
        for step in field.via.split("__") if field.via else []:
            model = model._meta.get_field(step).remote_field.model
            yield model


def _events(model: Any) -> Any:
    return model._meta.get_field("history_events").related_model


def _check_reach(model: Any, at: datetime) -> None:
    """History that begins later than the rows it should tell of cannot give that day back."""
    first = _events(model).objects.order_by("pgh_created_at").values_list("pgh_created_at", flat=True).first()
    older = model._base_manager.filter(created_at__lte=at)
    if first is not None and first > at and older.exists():
        raise Refused(
            f"“{model._meta.verbose_name}”的变更历史从 {first:%Y-%m-%d} 才开始，追溯不到 {at:%Y-%m-%d}"
        )


def _shadow(table: str, model: Any, at: datetime) -> None:
    kept = {field.column for field in _events(model)._meta.concrete_fields}
    columns = ", ".join(
        f'e."{field.column}"' if field.column in kept else f'now_."{field.column}"'
        for field in model._meta.concrete_fields
    )
    events = _events(model)._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"""CREATE TEMPORARY VIEW "{table}" AS SELECT {columns} FROM (
                SELECT DISTINCT ON (pgh_obj_id) * FROM public."{events}" WHERE pgh_created_at <= '{at.isoformat()}'
                ORDER BY pgh_obj_id, pgh_created_at DESC, pgh_id DESC) e
            LEFT JOIN public."{table}" now_ ON now_.id = e.id WHERE e.pgh_label <> '{DELETED}'"""
        )


def _gaps(subject: Subject) -> str:
    """Which fields come from today because no history is kept of them."""
    found = []
    for field in subject.fields:
        model: Any = subject.model
        for step in field.via.split("__") if field.via else []:
            model = model._meta.get_field(step).remote_field.model
        column = model._meta.get_field(field.path.rpartition("__")[2])
        names = {one.column for one in _events(model)._meta.concrete_fields} if _is_told(model) else set()
        if column.column not in names:
            found.append(field.title)
    return f"这些字段没有历史，取自当前：{'、'.join(found)}" if found else ""


def _is_told(model: Any) -> bool:
    return bool(getattr(model, "history", False))
