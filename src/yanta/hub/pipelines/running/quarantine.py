"""Rows that were held back: kept once, with their original sealed, closed when the source has put them right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import ibis
import orjson
import pyarrow as pa

from yanta.hub.pipelines import engines, flow, matching
from yanta.hub.pipelines.models import HeldRow, PipelineRun
from yanta.hub.pipelines.running import unreadable
from yanta.hub.pipelines.running.workspace import Extract
from yanta.hub.pipelines.running.writing import RefusedRow
from yanta.hub.storing.staging import execute, stage
from yanta.kernel.base import ciphers

AT_ONCE = 5_000
Held = dict[str, Any]


def rows_held_back(
    folder: Path, extract: Extract, result: Path, key: str, key_column: str = "", *, refused: list[RefusedRow] | None = None,
    limit: int | None = None,
) -> Iterator[Held]:  # fmt: skip
    """Place, key, reasons and original cells of every row held back, in the order of the delivery; unreadable lines last."""
    engine = engines.DuckEngine(folder / "reading")
    try:
        found = engine.read(result).select(
            "place", "fate", "op", "reasons", row_key=f"f_{key}", old_key=f"o_{key}"
        )
        told = {one.place: one.reason for one in refused or ()}
        held = found.fate == "quarantined"
        if told:
            held = held | found.place.isin(list(told))
        source = engine.read(folder / "source")
        source = source.drop("op") if "op" in source.columns else source
        joined = found.filter(held).left_join(source, "place").order_by("place")
        table = engine.fetch(joined.limit(limit) if limit is not None else joined)
    finally:
        engine.close()
    doubts = matching.doubts(folder)
    for batch in table.to_batches(max_chunksize=AT_ONCE):
        for row in batch.to_pylist():
            yield _held(row, extract, told, doubts, key_column)
    yield from unreadable.held(folder, extract.columns)


def _held(
    row: dict[str, Any], extract: Extract, told: dict[int, str], doubts: dict[int, matching.Doubt], key_column: str
) -> Held:  # fmt: skip
    cells = {name: row[f"s{turn}"] for turn, name in enumerate(extract.columns)}
    row_key, doubt = row["row_key"] or row["old_key"] or "", doubts.get(row["place"])
    is_gone = row["op"] == "d" and row["reasons"] == flow.GONE_REASON
    if is_gone and key_column:
        cells |= {key_column: row_key}
    return {
        "kind": "removal" if is_gone else "doubt" if doubt else "row", "place": row["place"], "row_key": row_key,
        "reasons": told.get(row["place"]) or row["reasons"], "original": cells,
        "facts": doubt.facts if doubt else "", "candidates": doubt.candidates if doubt else [],
    }  # fmt: skip


def keep(run: PipelineRun, rows: Iterator[Held]) -> int:
    """Write them down; the same row, delivered again, stays one and the clerk's decision on it stands."""
    seen: Counter[str] = Counter()

    def staged() -> Iterator[tuple[Any, ...]]:
        for row in rows:
            text = orjson.dumps(row["original"], option=orjson.OPT_SORT_KEYS).decode()
            digest = ciphers.blind_index(text).hex()
            seen[digest] += 1
            mine = digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"
            candidates = orjson.dumps(row.get("candidates", [])).decode()
            yield (
                row["row_key"][:200], row["place"], mine, ciphers.seal(text), row["reasons"], row["kind"], row.get("facts", ""),
                candidates,
            )  # fmt: skip

    stage(
        "run_held", "row_key text, place bigint, digest text, original bytea, reasons text, kind text, facts text, candidates text",
        staged(),
    )  # fmt: skip
    return execute(
        """INSERT INTO pipelines_heldrow
        (pipeline_id, run_id, row_key, place, digest, original, reasons, kind, facts, candidates, state, note, decided_by,
         created_at, updated_at)
        SELECT %s, %s, row_key, place, digest, original, reasons, kind, facts, candidates::jsonb, 'open', '', '', now(), now()
        FROM run_held
        ON CONFLICT (pipeline_id, digest) DO UPDATE SET run_id = excluded.run_id, place = excluded.place,
            reasons = excluded.reasons, kind = excluded.kind, facts = excluded.facts, candidates = excluded.candidates,
            updated_at = now(),
            state = CASE WHEN pipelines_heldrow.state IN ('replayed', 'resolved') THEN 'open' ELSE pipelines_heldrow.state END""",
        [run.pipeline_id, run.pk],
    )


def resolve(run: PipelineRun, folder: Path, result: Path, key: str, *, at: datetime) -> int:
    """Rows of earlier runs whose key now came in well: the source has put them right."""
    waiting = HeldRow.objects.filter(pipeline=run.pipeline_id, state__in=("open", "corrected")).exclude(
        run=run
    )
    keys = [one for one in waiting.values_list("row_key", flat=True).distinct() if one]
    if not keys:
        return 0
    engine = engines.DuckEngine(folder / "reading")
    try:
        asked = ibis.memtable(pa.table({"k": keys}))
        found = engine.read(result)
        good = found.filter(found.fate.isin(["new", "changed", "unchanged"]))
        known = engine.fetch(good.semi_join(asked, good[f"f_{key}"] == asked.k).select(k=f"f_{key}"))[
            "k"
        ].to_pylist()
    finally:
        engine.close()
    return waiting.filter(row_key__in=known).update(
        state=HeldRow.State.RESOLVED, note=f"运行 {run.pk} 时来源已改正", decided_at=at, decided_by="系统"
    )


def settle(run: PipelineRun, items: list[HeldRow], rows: Iterator[Held], *, at: datetime) -> int:
    """After a replay: what went in is done, what did not waits again with its new reasons."""
    refused = {row["place"]: row for row in rows}
    for place, item in enumerate(items):
        if place in refused:
            again = refused[place]
            item.state, item.reasons, item.kind = HeldRow.State.OPEN, again["reasons"], again["kind"]
            item.facts, item.candidates = again["facts"], again["candidates"]
        else:
            item.state, item.decided_at = HeldRow.State.REPLAYED, at
        item.run = run
    HeldRow.objects.bulk_update(
        items, ["state", "reasons", "kind", "facts", "candidates", "decided_at", "run"]
    )
    return len(items) - len(refused)
