"""Middle tables on record: what was taken, what is to be answered, so that neither is done twice."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

import pyarrow as pa
from django.db import transaction
from django.utils import timezone

from yanta.hub.exchange import opening, rules
from yanta.hub.exchange.connectors.base import Connector, Reading
from yanta.hub.exchange.connectors.databases import SqlConnector
from yanta.hub.exchange.connectors.middle import Answer, Columns, MiddleTable, Result, Taken
from yanta.hub.exchange.connectors.mysql_log import value_of
from yanta.hub.exchange.models import MiddleRow, Table
from yanta.kernel.base import Refused

State, Way = MiddleRow.State, MiddleRow.Way
_NAMES = ("key", "status", "message", "handled_at", "pending", "done", "failed")


def columns_of(text: str) -> Columns:
    """The agreement as written down in the table's form."""
    given = rules.settings_of(text)
    if unknown := [name for name in given if name not in _NAMES]:
        raise Refused(f"中间库约定不认识“{'、'.join(unknown)}”；可用：{'、'.join(_NAMES)}", field="middle")
    if not given.get("key") or not given.get("status"):
        raise Refused("中间库约定须写明 key（主键列）与 status（状态列）", field="middle")
    return Columns(**given)


def middle_of(table: Table, connector: Connector) -> MiddleTable:
    if table.connection.kind not in ("postgresql", "mysql"):
        raise Refused("中间库方式用于 PostgreSQL 与 MySQL / MariaDB", field="middle")
    return MiddleTable(cast(SqlConnector, connector), table.name, columns_of(table.middle))


def taking(
    table: Table, connector: Connector, *, columns: Sequence[str] | None, after: str | None
) -> Reading:
    """The pending rows; what was answered before but not yet written back goes back first.

    The watermark names the batch: given back (or remembered) it answers every row of it that has no other answer.
    """
    if after:
        settle(table, after)
    middle = middle_of(table, connector)
    send(table, middle)
    schema = cast(SqlConnector, connector).arrow_schema(table.name)
    names = [name for name in (columns or middle.names) if name in middle.names]
    wanted = pa.schema([schema.field(name) for name in names])
    made = Reading(wanted, iter(()), watermark=after)
    made.batches = _taken(table, middle, wanted, made)
    return made


def _taken(table: Table, middle: MiddleTable, schema: pa.Schema, made: Reading) -> Iterator[pa.RecordBatch]:
    token, last = uuid.uuid4().hex, None
    while rows := middle.pending(after=last):
        _note(table, rows, token)
        columns = [pa.array([_value(t.row[f.name], f.type) for t in rows], f.type) for f in schema]
        made.rows += len(rows)
        yield pa.record_batch(columns, schema=schema)
        last = rows[-1].key
    made.watermark = token if made.rows else None


def _value(value: Any, arrow: pa.DataType) -> Any:
    if pa.types.is_timestamp(arrow) or isinstance(value, bool):
        return value
    return value_of(value, arrow)


def _note(table: Table, rows: Sequence[Taken], token: str) -> None:
    MiddleRow.objects.bulk_create(
        [MiddleRow(table=table, way=Way.TAKEN, key=t.key, digest=t.digest, token=token) for t in rows],
        update_conflicts=True,
        unique_fields=["table", "way", "key"],
        update_fields=["digest", "token", "state", "is_ok", "message", "settled_at"],
    )


def answer(table: Table, answers: Iterable[Answer]) -> None:
    """Decide outcomes in the caller's transaction; they are written back when it has committed."""
    for one in answers:
        MiddleRow.objects.filter(table=table, way=Way.TAKEN, key=one.key, state=State.WAITING).update(
            state=State.ANSWERED, is_ok=one.ok, message=one.message[:200]
        )
    transaction.on_commit(lambda: send_now(table))


def settle(table: Table, token: str) -> None:
    """Every row of a batch without an answer went well."""
    MiddleRow.objects.filter(table=table, way=Way.TAKEN, token=token, state=State.WAITING).update(
        state=State.ANSWERED, is_ok=True
    )
    transaction.on_commit(lambda: send_now(table))


def send_now(table: Table) -> None:
    """Write back at once; if the other side is away, the next read does it before it reads."""
    connector = opening.opened(table.connection)
    try:
        send(table, middle_of(table, connector))
    except Refused as refusal:
        rows = MiddleRow.objects.filter(table=table, way=Way.TAKEN, state=State.ANSWERED, message="")
        rows.update(message=f"尚未写回：{refusal.message}"[:200])
    finally:
        connector.close()


def send(table: Table, middle: MiddleTable) -> int:
    """Answers that wait are written back; a row that the vendor has changed since stays pending and comes anew."""
    waiting = list(MiddleRow.objects.filter(table=table, way=Way.TAKEN, state=State.ANSWERED).order_by("pk"))
    if not waiting:
        return 0
    now = timezone.now()
    plain = timezone.make_naive(now)
    said = {r.key: "" if r.message.startswith("尚未写回") else r.message for r in waiting}
    left = middle.answer([Answer(r.key, bool(r.is_ok), said[r.key], r.digest) for r in waiting], at=plain)
    changed = {one.key for one in left}
    for row in waiting:
        row.message, row.settled_at = said[row.key], now
        row.state = State.CHANGED if row.key in changed else State.SETTLED
    MiddleRow.objects.bulk_update(waiting, ["state", "message", "settled_at"], batch_size=500)
    return len(waiting) - len(changed)


def put(table: Table, rows: Sequence[Mapping[str, Any]], connector: Connector) -> tuple[int, int, int]:
    """Our rows into the vendor's table; answers (new, changed, unchanged)."""
    done = middle_of(table, connector).put(rows)
    MiddleRow.objects.bulk_create(
        [MiddleRow(table=table, way=Way.PUT, key=key) for key, what in done.items() if what != "unchanged"],
        update_conflicts=True,
        unique_fields=["table", "way", "key"],
        update_fields=["state", "is_ok", "message", "settled_at"],
    )
    counts = Counter(done.values())
    return counts["new"], counts["changed"], counts["unchanged"]


def collect(table: Table, connector: Connector) -> list[Result]:
    """What the vendor has marked since we last asked; each outcome is told once."""
    waiting = {r.key: r for r in MiddleRow.objects.filter(table=table, way=Way.PUT, state=State.WAITING)}
    found = middle_of(table, connector).results(sorted(waiting))
    now = timezone.now()
    for result in found:
        row = waiting[result.key]
        row.state, row.is_ok, row.message, row.settled_at = (
            State.SETTLED,
            result.ok,
            result.message[:200],
            now,
        )
    MiddleRow.objects.bulk_update(
        [waiting[result.key] for result in found], ["state", "is_ok", "message", "settled_at"], batch_size=500
    )
    return found
