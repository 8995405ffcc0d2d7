"""A drawn pipeline of ordinary steps, a million rows into a record with history, beside COPY into the same table."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

import psycopg
import pyarrow as pa

ROWS = 1_000_000
BATCH = 50_000


class Generated:
    """Rooms as a foreign system would have them, made up on the fly; one in a hundred is faulty."""

    def __init__(self, rows: int, seats: int = 60) -> None:
        self.rows, self.seats = rows, seats

    def read(self, table: str, **_: Any) -> Any:
        from yanta.hub.exchange.public import Reading

        schema = pa.schema([(name, pa.string()) for name in ("FJH", "FJMC", "JZWH", "FJLC", "ZWS", "MJ")])
        return Reading(schema, (self._batch(first, schema) for first in range(0, self.rows, BATCH)))

    def _batch(self, first: int, schema: pa.Schema) -> pa.RecordBatch:
        numbers = range(first, min(first + BATCH, self.rows))
        cells = [
            [f" b-{n:07}" for n in numbers], [f"教室　{n}" for n in numbers],
            ["1A" if n % 3 else "一号教学楼" for n in numbers], ["２" if n % 4 == 0 else str(n % 20) for n in numbers],
            ["六十" if n % 100 == 0 else str(self.seats) for n in numbers], [f"{n % 900}.5㎡" for n in numbers],
        ]  # fmt: skip
        return pa.RecordBatch.from_arrays([pa.array(column, pa.string()) for column in cells], schema=schema)

    def close(self) -> None:
        return None


def run(rows: int = ROWS, *, address: str) -> dict[str, Any]:
    pipeline, actor = _school()
    with _served(Generated(rows)):
        first, first_run = _timed(lambda: _go(pipeline, actor))
        same, same_run = _timed(lambda: _go(pipeline, actor))
    with _served(Generated(rows, seats=61)):
        changed, changed_run = _timed(lambda: _go(pipeline, actor))
    copied = _copied(address)
    return {
        "rows": rows, "first_seconds": round(first, 1), "copy_seconds": round(copied, 1), "ratio": round(first / copied, 2),
        "same_seconds": round(same, 1), "all_changed_seconds": round(changed, 1), "first": first_run.counts,
        "steps": first_run.timings, "same_steps": same_run.timings, "same": same_run.counts, "changed": changed_run.counts,
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }  # fmt: skip


def _school() -> tuple[Any, Any]:
    from yanta.hub.pipelines.tests.factories import SYSTEM, make_pipeline
    from yanta.kernel.testing.factories import OrgUnitFactory
    from yanta.masterdata.models import Building, Campus

    OrgUnitFactory(code="9900", name="测试大学")
    campus = Campus.objects.create(code="1", name="雁塔校区")
    Building.objects.create(code="1A", name="一号教学楼", campus=campus, floors=5)
    _rules()
    return make_pipeline(), SYSTEM


def _rules() -> None:
    """Four quality rules, one of which keeps about a row in a thousand out."""
    from yanta.hub.quality import services
    from yanta.hub.quality.models import Severity
    from yanta.kernel.base import Actor
    from yanta.kernel.organisation.models import OrgUnit

    owner, actor = OrgUnit.objects.get(code="9900"), Actor.system("bench")
    for template, field, parameters, severity in (
        ("range", "area", {"least": "1"}, Severity.BLOCKING), ("unique", "name", {}, Severity.BLOCKING),
        ("refers", "building", {"other": "building", "target": "code"}, Severity.SEVERE), ("filled", "seats", {}, Severity.NORMAL),
    ):  # fmt: skip
        services.define(
            actor=actor, title=f"{template} {field}", template=template, subject="room", owner=owner, fields=field,
            parameters=parameters, severity=severity,
        )  # fmt: skip


@contextmanager
def _served(source: Generated) -> Any:
    from yanta.hub.exchange import public as exchange

    kept = exchange.connector, exchange.remember
    exchange.connector, exchange.remember = (lambda connection: source), (lambda *_, **__: None)  # type: ignore[assignment]
    try:
        yield
    finally:
        exchange.connector, exchange.remember = kept


def _go(pipeline: Any, actor: Any) -> Any:
    from yanta.hub.pipelines.running.carrying import Wish
    from yanta.hub.pipelines.services import runs

    return runs.carry_out(pipeline, actor=actor, wish=Wish())


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    done = work()
    return time.perf_counter() - started, done


def _copied(address: str) -> float:
    """The rows as they are now into the emptied table, constraints, keys and history as before."""
    with psycopg.connect(address) as connection:
        cursor = connection.cursor()
        with cursor.copy("COPY masterdata_room TO STDOUT (FORMAT binary)") as out:
            blocks = [bytes(block) for block in out]
        cursor.execute("DELETE FROM masterdata_room")
        connection.commit()
        started = time.perf_counter()
        with cursor.copy("COPY masterdata_room FROM STDIN (FORMAT binary)") as into:
            for block in blocks:
                into.write(block)
        connection.commit()
        return time.perf_counter() - started
