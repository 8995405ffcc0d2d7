"""Another school's rows as a source of pipelines: signed questions, page after page, exactly what was agreed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlencode

import pyarrow as pa
from django.utils import timezone

from yanta.hub import subjects
from yanta.hub.exchange.connectors import kinds
from yanta.hub.exchange.connectors.base import Address, ColumnShape, DriftStop, Reading, ReadOnly, TableShape
from yanta.hub.nodes import public as nodes
from yanta.hub.sharing.agreements.talking import PATH
from yanta.hub.sharing.models import Agreement
from yanta.kernel.base import Refused

KIND, PAGE = "agreement", 2000


class AgreementConnector(ReadOnly):
    """One table: the dataset. Always read whole, so a full pipeline sees what is no longer there."""

    title = "校际协议"

    def __init__(self, number: str) -> None:
        self.number = number

    def tables(self) -> list[TableShape]:
        return [self.shape(self._agreement().dataset)]

    def shape(self, table: str) -> TableShape:
        one = self._agreement()
        if table != one.dataset:
            raise Refused(f"协议 {one.number} 没有“{table}”，只有“{one.dataset}”")
        about = subjects.subject(one.subject)
        columns = [ColumnShape("_id", "text", nullable=False)]
        columns += [
            ColumnShape(name, "flag" if about.field(name).kind == "flag" else "text") for name in one.names
        ]
        return TableShape(table, tuple(columns), key=("_id",))

    def _agreement(self) -> Agreement:
        one = Agreement.objects.filter(number=self.number, side=Agreement.Side.TAKES).first()
        if one is None:
            raise Refused(f"没有编号为“{self.number}”的协议；地址填写协议编号", field="address")
        if not one.runs_on(timezone.localdate()):
            raise Refused(
                f"与{one.partner}的协议{one.get_state_display()}，不能再取数", rule="sharing.agreement"
            )
        return one

    def read(
        self,
        table: str,
        *,
        columns: Sequence[str] | None = None,
        after: str | None = None,
        by: str | None = None,
    ) -> Reading:
        if by:
            raise Refused("校际协议按全量读取，不设水位列")
        one, shape = self._agreement(), self.shape(table)
        wanted = [shape.column(name) for name in columns or shape.names]
        if missing := [name for name in columns or () if shape.column(name) is None]:
            raise DriftStop(f"协议 {one.number} 不含字段 {'、'.join(missing)}")
        types = {"flag": pa.bool_(), "text": pa.string()}
        schema = pa.schema([(column.name, types[column.kind]) for column in wanted if column is not None])
        made = Reading(schema, iter(()))
        made.batches = self._batches(one, made)
        return made

    def _batches(self, one: Agreement, made: Reading) -> Iterator[pa.RecordBatch]:
        for rows in pages(one):
            made.rows += len(rows)
            arrays = [_array(rows, column) for column in made.schema]
            yield pa.RecordBatch.from_arrays(arrays, schema=made.schema)
        Agreement.objects.filter(pk=one.pk).update(read_at=timezone.now(), rows_read=made.rows, trouble="")


def pages(one: Agreement) -> Iterator[list[dict[str, Any]]]:
    """Each page is asked for and answered with a signature; a cursor that does not move is refused."""
    asked: dict[str, str] = {"limit": str(PAGE)}
    while True:
        page = nodes.ask(one.node, "GET", f"{PATH}/{one.number}/rows?{urlencode(asked)}")
        if page["rows"]:
            yield page["rows"]
        following = page["next"]
        if following is None:
            return
        if following == asked.get("cursor"):
            raise Refused(f"{one.partner}翻页后给出同一页，已停止")
        asked["cursor"] = following


def _array(rows: list[dict[str, Any]], column: Any) -> pa.Array:
    values = [row.get(column.name) for row in rows]
    if pa.types.is_boolean(column.type):
        return pa.array(values, pa.bool_())
    return pa.array(
        [value if value is None or isinstance(value, str) else str(value) for value in values], pa.string()
    )


def offer() -> None:
    """Called while the platform starts: a kind of connection whose address is the agreement's number."""
    kinds.offer(kinds.ConnectionKind(KIND, "校际协议", "number", _opened, icon="heart-handshake"))


def _opened(address: Address, around: kinds.Surroundings) -> AgreementConnector:
    return AgreementConnector(address.get("number"))
