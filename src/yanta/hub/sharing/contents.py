"""What a grant may read, now: the one place that decides fields, rows and how values are shown."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pyarrow as pa
from django.core.exceptions import EmptyResultSet
from django.db.models import Q, QuerySet

from yanta.hub import subjects
from yanta.hub.sharing import owners, rules
from yanta.hub.sharing.models import Consumer, Dataset, Grant
from yanta.hub.subjects import Subject, conditions

ROW_KEY = "_id"
TOKEN_LENGTH = 16


@dataclass(frozen=True)
class Contents:
    """Fields and rows of a grant; fields of the highest level come as tokens unless `clear`."""

    grant: Grant
    subject: Subject
    names: tuple[str, ...]
    condition: dict[str, Any]
    clear: bool

    @property
    def hidden(self) -> frozenset[str]:
        """The fields that are delivered as tokens."""
        if self.clear:
            return frozenset()
        return frozenset(n for n in self.names if self.subject.field(n).level >= rules.HIGH)

    def rows(self) -> QuerySet[Any]:
        """Every row of the grant, in the order of ids."""
        return self.subject.rows().filter(self.kept)

    @property
    def kept(self) -> Q:
        return conditions.q(self.subject, self.condition) & reach_of(self.grant.consumer, self.subject)

    def batches(self, rows: QuerySet[Any]) -> Iterator[pa.RecordBatch]:
        """The rows as columns, `id` and `unit_path` first, hidden values already tokens."""
        for batch in _read(self.subject, self.names, rows, clear=self.clear):
            for name in self.hidden:
                values = [self.token(value) for value in batch[name].to_pylist()]
                at = batch.schema.get_field_index(name)
                batch = batch.set_column(at, name, pa.array(values, pa.string()))
            yield batch

    def as_dicts(self, rows: QuerySet[Any]) -> list[tuple[int, dict[str, Any]]]:
        """(id, row as JSON can carry it) of so many rows."""
        found: list[tuple[int, dict[str, Any]]] = []
        decimals = [n for n in self.names if self.subject.field(n).kind == "decimal"]
        for batch in self.batches(rows):
            ids = batch["id"].to_pylist()
            for key, row in zip(ids, batch.select(list(self.names)).to_pylist(), strict=True):
                for name in decimals:
                    row[name] = _plain(row[name])
                found.append((key, {ROW_KEY: self.row_key(key), **row}))
        return found

    def row_key(self, key: int) -> str:
        """What this consumer calls a row; another consumer's name for it tells nothing."""
        return hashlib.sha256(f"{self.grant.salt}:{key}".encode()).hexdigest()[:TOKEN_LENGTH]

    def token(self, value: str | None) -> str | None:
        """Equal values have equal tokens within a grant, and nothing else can be told from them."""
        if not value:
            return None
        text = self.grant.salt + value.removeprefix("\\x")
        return "#" + hashlib.sha256(text.encode()).hexdigest()[:TOKEN_LENGTH]

    def persons_of(self, ids: Sequence[int]) -> list[int]:
        """Whom these rows are about."""
        path = self.subject.model.person_path
        if path is None or not ids:
            return []
        if path == "self":
            return list(ids)
        found = self.subject.model.objects.filter(pk__in=ids).order_by()
        return list(found.values_list(f"{path}_id", flat=True))


def _read(
    subject: Subject, names: Sequence[str], rows: QuerySet[Any], *, clear: bool
) -> Iterator[pa.RecordBatch]:
    try:
        rows.query.sql_with_params()
    except EmptyResultSet:  # a condition that nothing can meet, such as a unit that is gone
        return
    yield from subjects.read(subject, names, rows, clear=clear)


def contents_of(grant: Grant, *, clear: bool = False) -> Contents:
    """What the grant may read of its dataset as it is published now."""
    dataset: Dataset = grant.dataset
    names = tuple(rules.in_order(grant.names, dataset.names))
    condition = rules.all_of(dataset.condition, grant.condition)
    return Contents(grant, dataset.about, names, condition, clear)


def reach_of(consumer: Consumer, subject: Subject) -> Q:
    """The rows that the consumer's unit may get at all: a college its own, an office the school's."""
    path = subject.model.org_path
    if path is None or not owners.sees_own_rows_only(consumer.unit):
        return Q()
    return Q(**{f"{'' if path == 'self' else path + '__'}path__startswith": consumer.unit.path})


def reach_in_words(consumer: Consumer, subject: Subject) -> str:
    if subject.model.org_path is None or not owners.sees_own_rows_only(consumer.unit):
        return "全校"
    return f"仅{consumer.unit.name}（含下级）"


def _plain(value: Decimal | None) -> str | None:
    if value is None:
        return None
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
