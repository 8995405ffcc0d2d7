"""Pipelines from a source that is a list, and what a conformance check cannot invent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pytest

from yanta.hub.exchange import public as exchange
from yanta.hub.pipelines.documents import Document, Pair
from yanta.hub.pipelines.models import Pipeline, PipelineRun, Version
from yanta.hub.pipelines.running import carrying
from yanta.hub.pipelines.targets import target
from yanta.kernel.base import Actor
from yanta.kernel.organisation.models import OrgUnit

SYSTEM = Actor.system("test")
ROOMS = {"number": "FJH", "name": "FJMC", "building": "JZWH", "floor": "FJLC", "seats": "ZWS", "area": "MJ"}


class ListConnector:
    """A source in memory: rows, and changes with positions."""

    def __init__(
        self,
        rows: list[dict[str, Any]],
        changes: list[tuple[str, dict[str, Any]]] | None = None,
        *,
        broken: list[exchange.Broken] | None = None,
    ) -> None:
        self.rows, self.log, self.reads, self.fails = rows, changes or [], 0, 0
        self.broken = broken or []

    def names(self) -> list[str]:
        return list(
            dict.fromkeys(name for row in [*self.rows, *(row for _, row in self.log)] for name in row)
        )

    def tables(self) -> list[exchange.TableShape]:
        columns = tuple(exchange.ColumnShape(name, "text") for name in self.names())
        return [exchange.TableShape("rows", columns, len(self.rows))]

    def read(
        self,
        table: str,
        *,
        columns: Sequence[str] | None = None,
        after: str | None = None,
        by: str | None = None,
    ) -> exchange.Reading:
        self.reads += 1
        if self.fails:
            self.fails -= 1
            raise ConnectionError("the source is away")
        found = [row for row in self.rows if not (after and by) or str(row[by]) >= after]
        schema = pa.schema([(name, pa.string()) for name in columns or self.names()])
        reading = exchange.Reading(schema, iter(()), broken=list(self.broken), rejected=len(self.broken))

        def batches() -> Iterator[pa.RecordBatch]:
            yield pa.RecordBatch.from_pylist(
                [
                    {name: None if row.get(name) is None else str(row[name]) for name in schema.names}
                    for row in found
                ],
                schema=schema,
            )
            reading.watermark = max((str(row[by]) for row in found), default=after) if by else None
            reading.rows = len(found)

        reading.batches = batches()
        return reading

    def changes(self, table: str, *, position: str | None) -> Iterator[exchange.ChangeBatch]:
        at = int(position or 0)
        rows = [{exchange.OPERATION: op, **row} for op, row in self.log[at:]]
        if rows:
            schema = pa.schema([(name, pa.string()) for name in [exchange.OPERATION, *self.names()]])
            yield exchange.ChangeBatch(pa.RecordBatch.from_pylist(rows, schema=schema), str(len(self.log)))

    def close(self) -> None:
        return None


def serve(monkeypatch: pytest.MonkeyPatch, connector: ListConnector) -> ListConnector:
    """Every connection leads to this source."""
    monkeypatch.setattr(exchange, "connector", lambda connection: connector)
    monkeypatch.setattr(exchange, "remember", lambda *_, **__: None)
    return connector


def make_pipeline(
    code: str = "rooms",
    *,
    subject: str = "room",
    columns: dict[str, str | Pair] | None = None,
    unit: OrgUnit | None = None,
    **options: Any,
) -> Pipeline:
    """A pipeline with its published version; `options` are the document's, or the pipeline's where it has them."""
    from yanta.hub.pipelines.suggesting import steps_for
    from yanta.kernel.testing.factories import OrgUnitFactory

    goal = target(subject)
    own = {name: options.pop(name) for name in list(options) if hasattr(Pipeline, name)}
    owner = unit or OrgUnit.objects.first() or OrgUnitFactory()
    pipeline = Pipeline.objects.create(
        code=code, title=f"管道 {code}", connection="list", table="rows", subject=subject, owner=owner, **own
    )
    pairs = tuple(
        said if isinstance(said, Pair) else Pair(name, said, steps=steps_for(goal.field(name)))
        for name, said in (columns or ROOMS).items()
    )
    document = Document(goal.key, pairs, **options)
    Version.objects.create(
        pipeline=pipeline,
        number=1,
        document=document.as_json(),
        digest=document.digest,
        status=Version.Status.PUBLISHED,
    )
    return pipeline


def go(pipeline: Pipeline, kind: str = "manual", **wish: Any) -> Any:
    """A run, here and now."""
    from yanta.hub.pipelines.services import runs

    pipeline.refresh_from_db()
    return runs.carry_out(pipeline, actor=SYSTEM, wish=carrying.Wish(kind, **wish))


def counts(run: PipelineRun) -> tuple[int, ...]:
    """What was read, and what became of it."""
    return tuple(run.counts[name] for name in ("read", "new", "changed", "unchanged", "quarantined"))


def room(number: int, **cells: Any) -> dict[str, Any]:
    """A room as the assets department's system has it."""
    return {
        "FJH": f"1A-{number:03}", "FJMC": f"教室{number}", "JZWH": "1A", "FJLC": str(number // 100 + 1), "ZWS": "60",
        "MJ": "75.5", "GXSJ": f"2026-11-{number % 28 + 1:02}", **cells,
    }  # fmt: skip


EXAMPLES = {
    Pipeline: lambda serial: {"code": f"example-{serial}", "subject": "room"},
    Version: lambda serial: {"document": Document("number").as_json(), "number": serial},
}
