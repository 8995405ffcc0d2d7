"""Connections, tables and their standing, as other packages and our pages see them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from yanta.hub.exchange import guarding, middling, opening, rules
from yanta.hub.exchange.connectors.base import Connector, TableShape
from yanta.hub.exchange.connectors.kinds import kind_named
from yanta.hub.exchange.connectors.shapes import KIND_WORDS
from yanta.hub.exchange.models import Connection, Table, TableRead
from yanta.hub.exchange.public import ConnectionView, TableView
from yanta.kernel.base import Refused

PREVIEW_ROWS = 20


def _row(connection: int | str) -> Connection:
    named = (
        {"pk": connection} if isinstance(connection, int) or connection.isdecimal() else {"code": connection}
    )
    found = Connection.objects.filter(**named).first()
    if found is None:
        raise Refused(f"没有数据连接“{connection}”")
    return found


def table_of(connection: int | str, table: str) -> Table:
    found = Table.objects.select_related("connection").filter(connection=_row(connection), name=table).first()
    if found is None:
        raise Refused(f"连接“{connection}”没有登记表“{table}”")
    return found


def connection_views() -> list[ConnectionView]:
    rows = Connection.objects.exclude(state=Connection.State.PAUSED).prefetch_related("tables")
    return [_view(row) for row in rows]


def connection_view(connection: int | str) -> ConnectionView:
    return _view(_row(connection))


def _view(row: Connection) -> ConnectionView:
    kind = kind_named(row.kind)
    return ConnectionView(
        row.pk, row.code, row.title, row.kind, row.owner_id, kind.can_write, kind.can_capture,
        tuple(_table_view(table) for table in row.tables.all()),
    )  # fmt: skip


def _table_view(table: Table) -> TableView:
    return TableView(
        table.name, table.title, table.accepted, table.watermark_column, table.watermark, table.position
    )


def open_connection(connection: int | str) -> Connector:
    return guarding.guarded(_row(connection))


def remember(connection: int | str, table: str, *, watermark: str | None, position: str | None) -> None:
    """Drops count their files as taken, middle tables their rows as done: in the same transaction."""
    named = {"connection_id": connection} if isinstance(connection, int) else {"connection__code": connection}
    kept = Table.objects.select_related("connection").filter(name=table, **named).first()
    if kept is None:
        return
    if watermark:
        if kept.connection.kind in ("folder", "sftp"):
            opening.DeliveryLedger(kept.connection).settle(table, watermark)
        elif kept.middle:
            middling.settle(kept, watermark)
    changed: dict[str, Any] = {"watermark": watermark, "position": position}
    changed = {name: value for name, value in changed.items() if value is not None}
    if changed:
        Table.objects.filter(pk=kept.pk).update(**changed, updated_at=timezone.now())


def preview(row: Connection, table: str) -> tuple[TableShape, list[list[str]]]:
    """The shape of a table and its first rows, whatever looks personal masked."""
    connector = opening.opened(row)
    try:
        shape = connector.shape(table)
        return shape, _first_rows(connector, shape) if shape.columns else []
    finally:
        connector.close()


def _first_rows(connector: Connector, shape: TableShape) -> list[list[str]]:
    reading = connector.read(shape.name)
    batch = next(reading.batches, None)
    if batch is None:
        return []
    names = reading.schema.names
    rows = batch.slice(0, PREVIEW_ROWS).to_pylist()
    return [[rules.shown_cell(name, row[name]) for name in names] for row in rows]


def shape_rows(shape: TableShape) -> list[dict[str, Any]]:
    """Columns for people."""
    return [
        {"name": c.name, "kind": KIND_WORDS[c.kind], "nullable": c.nullable, "is_key": c.name in shape.key}
        for c in shape.columns
    ]


def recent_reads(tables: Iterable[Table], most: int = 20) -> list[TableRead]:
    """The last passages of these tables, oldest first."""
    found = TableRead.objects.filter(table__in=tables).select_related("table").order_by("-pk")[:most]
    return list(found)[::-1]
