"""Connections that lead somewhere harmless, and rows as connectors take and give them."""

from __future__ import annotations

from typing import Any

import factory
import pyarrow as pa

from yanta.hub.exchange.connectors.base import ColumnShape, Reading, TableShape
from yanta.hub.exchange.connectors.shapes import fingerprint, to_json
from yanta.hub.exchange.models import Connection, DriftProposal, Table
from yanta.kernel.testing.factories import OrgUnitFactory

EXAMPLES = {
    Connection: lambda n: {"code": f"legacy-{n}", "kind": "sqlite", "address": f"legacy-{n}.db", "settings": ""},
    Table: lambda n: {
        "name": f"t{n}", "title": f"样表{n}", "watermark_column": "", "middle": "", "shape": {}, "overlap": 0,
    },
}  # fmt: skip


class ConnectionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Connection

    code = factory.Sequence(lambda n: f"source-{n}")
    title = factory.Sequence(lambda n: f"一卡通旧库 {n}")
    kind = "sqlite"
    address = "card.db"
    owner = factory.SubFactory(OrgUnitFactory)


class TableFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Table

    class Params:
        columns = (("id", "integer"), ("name", "text"), ("changed_at", "instant"))

    connection = factory.SubFactory(ConnectionFactory)
    name = factory.Sequence(lambda n: f"people{n}")
    shape = factory.LazyAttribute(lambda o: to_json(shape_named(o.name, *o.columns)))
    fingerprint = factory.LazyAttribute(lambda o: fingerprint(shape_named(o.name, *o.columns)))


class DriftProposalFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = DriftProposal

    table = factory.SubFactory(TableFactory)
    change = "added"
    column = "phone"
    effect = "以后一并读取这一列"
    otherwise = "这一列不读"


def shape_named(name: str, *columns: tuple[str, str]) -> TableShape:
    made = tuple(ColumnShape(column, kind) for column, kind in columns)  # type: ignore[arg-type]
    return TableShape(name, made, key=(columns[0][0],) if columns else ())


def rows(reading: Reading) -> list[dict[str, Any]]:
    return reading.reader().read_all().to_pylist()


def batch(**columns: list[Any]) -> pa.RecordBatch:
    return pa.record_batch(columns)
