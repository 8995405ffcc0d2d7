"""Source rows: what is new, changed, unchanged, gone; and the work list of those held back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import orjson

from yanta.hub.models import Source
from yanta.hub.storing.delivery import Delivery, Line
from yanta.hub.storing.keys import keyed
from yanta.hub.storing.staging import execute, fetch, stage
from yanta.kernel.base import ciphers


@dataclass
class StoredRows:
    """Database key and fate (new, changed, unchanged) of every delivered row."""

    ids: dict[int, int] = field(default_factory=dict)
    fates: dict[int, str] = field(default_factory=dict)


def store(delivery: Delivery, *, run_id: int, sources: dict[str, Source]) -> StoredRows:
    """Merge the delivered rows into what was delivered before."""
    stage(
        "run_line",
        "line_id bigint, source_id bigint, key text, file text, sheet text, row_no int, status text, name text,"
        " digest bytea, issues jsonb, reason text, sentence text",
        _staged(delivery.lines, sources),
    )
    stored = _classified()
    _write(delivery.lines, stored, run_id)
    _mark_gone(delivery, run_id, sources)
    _hold_back(run_id)
    return stored


def _staged(lines: Iterable[Line], sources: dict[str, Source]) -> Iterable[tuple[Any, ...]]:
    for line, key, digest in keyed(lines):
        clean = line.clean or {}
        yield (
            line.row_id, sources[line.source].pk, key, line.file, line.sheet, line.row,
            "quarantined" if line.reason else "accepted", str(clean.get("name") or "")[:120], digest,
            orjson.dumps(_issues(clean)).decode(), line.reason, line.sentence[:300],
        )  # fmt: skip


def _issues(clean: dict[str, Any]) -> list[dict[str, str]]:
    """What was doubted, without the original values: these stay in the sealed payload."""
    return [
        {"column": one["column"], "code": one["code"], "message": one["message"]}
        for one in clean.get("issues") or []
    ]


def _classified() -> StoredRows:
    execute(
        """DROP TABLE IF EXISTS run_row;
        CREATE TEMP TABLE run_row ON COMMIT DROP AS
        SELECT l.line_id, coalesce(r.id, nextval(pg_get_serial_sequence('hub_sourcerow', 'id'))) AS id,
               CASE WHEN r.id IS NULL THEN 'new'
                    WHEN r.digest = l.digest AND r.gone_run_id IS NULL
                         AND (r.status = l.status OR r.status <> 'skipped' AND q.state IN ('replayed', 'dismissed'))
                    THEN 'unchanged' ELSE 'changed' END AS fate
        FROM run_line l LEFT JOIN hub_sourcerow r ON r.source_id = l.source_id AND r.key = l.key
        LEFT JOIN hub_quarantinedrow q ON q.row_id = r.id"""
    )
    stored = StoredRows()
    for line_id, row_id, fate in fetch("SELECT line_id, id, fate FROM run_row"):
        stored.ids[line_id], stored.fates[line_id] = row_id, fate
    return stored


def payload(line: Line) -> str:
    """Original and clean cells as one text, to be sealed."""
    return orjson.dumps({"original": line.original, "clean": line.clean}, default=_plain).decode()


def _plain(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(type(value))


def _write(lines: list[Line], stored: StoredRows, run_id: int) -> None:
    touched = [line for line in lines if stored.fates[line.row_id] != "unchanged"]
    sealed = ciphers.seal_many([payload(line) for line in touched])
    rows = ((line.row_id, blob) for line, blob in zip(touched, sealed, strict=True))
    stage("run_payload", "line_id bigint, payload bytea", rows)
    execute(
        """INSERT INTO hub_sourcerow (id, source_id, key, file, sheet, "row", status, name, digest, payload, issues,
                                      first_run_id, changed_run_id, created_at, updated_at)
        SELECT n.id, l.source_id, l.key, l.file, l.sheet, l.row_no, l.status, l.name, l.digest, p.payload, l.issues,
               %s, %s, now(), now()
        FROM run_row n JOIN run_line l USING (line_id) JOIN run_payload p USING (line_id) WHERE n.fate = 'new'""",
        [run_id, run_id],
    )
    execute(
        """UPDATE hub_sourcerow r SET file = l.file, sheet = l.sheet, "row" = l.row_no, status = l.status, name = l.name,
                  digest = l.digest, payload = p.payload, issues = l.issues, changed_run_id = %s, gone_run_id = NULL,
                  updated_at = now()
        FROM run_row n JOIN run_line l USING (line_id) JOIN run_payload p USING (line_id)
        WHERE n.fate = 'changed' AND r.id = n.id""",
        [run_id],
    )
    # The same row may stand on another line of the next delivery.
    execute(
        """UPDATE hub_sourcerow r SET file = l.file, sheet = l.sheet, "row" = l.row_no
        FROM run_row n JOIN run_line l USING (line_id)
        WHERE n.fate = 'unchanged' AND r.id = n.id AND (r.file, r.sheet, r."row") IS DISTINCT FROM (l.file, l.sheet, l.row_no)"""
    )


def _mark_gone(delivery: Delivery, run_id: int, sources: dict[str, Source]) -> None:
    """A full delivery that lacks a row says that it is gone; the row stays."""
    delivered = [sources[name].pk for name in {part.source for part in delivery.parts}]
    execute(
        """UPDATE hub_sourcerow r SET gone_run_id = %s, updated_at = now()
        WHERE r.source_id = ANY(%s) AND r.gone_run_id IS NULL AND NOT EXISTS (SELECT 1 FROM run_row n WHERE n.id = r.id)""",
        [run_id, delivered],
    )
    execute(
        """UPDATE hub_quarantinedrow q SET state = 'withdrawn', updated_at = now()
        FROM hub_sourcerow r WHERE q.row_id = r.id AND r.gone_run_id = %s AND q.state IN ('open', 'corrected')""",
        [run_id],
    )


def _hold_back(run_id: int) -> None:
    """New doubts open a work item; a row that became good closes its own."""
    execute(
        """INSERT INTO hub_quarantinedrow (row_id, reason, sentence, state, run_id, decided_by, note, created_at, updated_at)
        SELECT n.id, l.reason, l.sentence, 'open', %s, '', '', now(), now()
        FROM run_row n JOIN run_line l USING (line_id) WHERE n.fate <> 'unchanged' AND l.status = 'quarantined'
        ON CONFLICT (row_id) DO UPDATE SET reason = excluded.reason, sentence = excluded.sentence, state = 'open',
            run_id = excluded.run_id, updated_at = now()""",
        [run_id],
    )
    execute(
        """UPDATE hub_quarantinedrow q SET state = 'withdrawn', updated_at = now()
        FROM run_row n JOIN run_line l USING (line_id)
        WHERE q.row_id = n.id AND n.fate = 'changed' AND l.status = 'accepted' AND q.state IN ('open', 'corrected')"""
    )
