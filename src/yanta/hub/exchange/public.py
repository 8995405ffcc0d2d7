"""What other packages may ask of the exchange: an opened connector, what there is, and what was remembered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from yanta.hub.exchange.connectors.base import (
    OPERATION,
    Broken,
    ChangeBatch,
    ColumnShape,
    Connector,
    DriftStop,
    NoCapture,
    Reading,
    SnapshotNeeded,
    TableShape,
    Written,
)
from yanta.hub.exchange.connectors.middle import Answer, Result

__all__ = [
    "OPERATION",
    "Answer",
    "Broken",
    "ChangeBatch",
    "ColumnShape",
    "ConnectionView",
    "Connector",
    "DriftStop",
    "NoCapture",
    "Reading",
    "Result",
    "SnapshotNeeded",
    "TableShape",
    "TableView",
    "Written",
    "answer",
    "collect",
    "connection",
    "connections",
    "connector",
    "put",
    "remember",
]


@dataclass(frozen=True, slots=True)
class TableView:
    """A registered table: its accepted shape and how far it was read."""

    name: str
    title: str
    shape: TableShape
    watermark_column: str
    watermark: str
    position: str


@dataclass(frozen=True, slots=True)
class ConnectionView:
    """A connection as other packages see it: never its secrets."""

    id: int
    code: str
    title: str
    kind: str
    owner_id: int
    can_write: bool
    can_capture: bool
    tables: tuple[TableView, ...]


def connections() -> list[ConnectionView]:
    """Every connection in use, by title."""
    from yanta.hub.exchange import queries

    return queries.connection_views()


def connection(connection_id: int | str) -> ConnectionView:
    """One connection by id or code; Refused for an unknown one."""
    from yanta.hub.exchange import queries

    return queries.connection_view(connection_id)


def connector(connection_id: int | str) -> Connector:
    """The connection, opened when first asked. Its registered tables are guarded: drift is noticed and recorded."""
    from yanta.hub.exchange import queries

    return queries.open_connection(connection_id)


def remember(
    connection_id: int | str, table: str, *, watermark: str | None = None, position: str | None = None
) -> None:
    """Keep how far a table was read; call it in the transaction that stores the rows.

    For a drop it counts the files of the watermark as taken, for a middle table its rows as done. Of a table that is
    not registered nothing is remembered.
    """
    from yanta.hub.exchange import queries

    queries.remember(connection_id, table, watermark=watermark, position=position)


def answer(connection_id: int | str, table: str, answers: Iterable[Answer]) -> None:
    """Outcomes of single rows of a middle table; written back when the caller's transaction has committed."""
    from yanta.hub.exchange import middling, queries

    middling.answer(queries.table_of(connection_id, table), answers)


def put(connection_id: int | str, table: str, rows: Sequence[Mapping[str, Any]]) -> tuple[int, int, int]:
    """Rows of ours into a vendor's middle table: (new, changed, unchanged). Putting the same again does nothing."""
    from yanta.hub.exchange import middling, opening, queries

    kept = queries.table_of(connection_id, table)
    return middling.put(kept, rows, opening.opened(kept.connection))


def collect(connection_id: int | str, table: str) -> list[Result]:
    """What the vendor has marked among the rows that were put, each outcome once."""
    from yanta.hub.exchange import middling, opening, queries

    kept = queries.table_of(connection_id, table)
    return middling.collect(kept, opening.opened(kept.connection))
