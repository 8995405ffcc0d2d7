"""A delivery taken through its steps to the fate of every row, in files; nothing is written to the target."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from yanta.hub.pipelines import engines, flow, lookups, matching
from yanta.hub.pipelines.documents import Document
from yanta.hub.pipelines.running import gating, holding, unreadable
from yanta.hub.pipelines.running.workspace import Extract, Workspace
from yanta.hub.pipelines.targets import Target

Told = Callable[[str], None]


@dataclass(slots=True)
class Part:
    """One part of the account."""

    name: str
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(flow.FATES, 0))
    differing: int = 0
    checksum: str = ""

    @property
    def read(self) -> int:
        return sum(self.counts.values())


@dataclass(slots=True)
class Found:
    """Where the result lies and what it amounts to."""

    result: Path
    parts: dict[str, Part]
    reasons: dict[str, int]
    held: int
    absent: int | None = None
    departed: int = 0
    gated: gating.Gated = field(default_factory=gating.Gated)
    timings: dict[str, float] = field(default_factory=dict)

    def total(self, fate: str) -> int:
        return sum(part.counts[fate] for part in self.parts.values())

    @property
    def read(self) -> int:
        return sum(part.read for part in self.parts.values())


def classify(
    engine: engines.Engine, workspace: Workspace, document: Document, target: Target, extract: Extract, *,
    captured: bool, whole: bool, told: Told, pipeline_id: int,
) -> Found:  # fmt: skip
    """Clean, look up, match, judge, compare, count."""
    clock = _Clock()
    source = engine.read(workspace.path("source"))
    told("清洗")
    clean_path = engine.write(
        flow.cleaned(source, document, extract.columns, captured=captured), workspace.fresh("clean.parquet")
    )
    clean_path = _with_digests(clean_path, document, target, workspace)
    clock.lap("clean")
    told("对照代码与匹配")
    lookup_path = _looked_up(engine, clean_path, document, target, workspace)
    found_path = _matched(clean_path, document, workspace, pipeline_id)
    clock.lap("look_up")
    told("读取现有数据")
    held_path = workspace.fresh("held.parquet")
    held = holding.write_held(document, target, held_path)
    clock.lap("read_target")
    told("校验与比对")
    clean = engine.read(clean_path)
    judged = flow.judged(
        clean, document, target, engine.read(lookup_path) if lookup_path else None,
        engine.read(found_path) if found_path else None,
    )  # fmt: skip
    compared = flow.compared(
        flow.singled(judged, target, captured=captured), engine.read(held_path), document, target
    )
    compared_path = engine.write(compared, workspace.fresh("compared.parquet"))
    clock.lap("compare")
    told("质量规则")
    gated = gating.judged(engine, workspace, compared_path, held_path, document, target)
    clock.lap("quality")
    departed_path = (
        _departed(engine, workspace, compared_path, held_path, document, target) if whole else None
    )
    result = _settled(engine, workspace, compared_path, gated, departed_path)
    found = Found(result, *_counted(engine, result), held, gated=gated)
    if whole:
        found.absent = _absent(engine, result, held_path, target)
        found.departed = found.parts[flow.DEPARTED].read if flow.DEPARTED in found.parts else 0
    unreadable.counted(workspace, found)
    clock.lap("count")
    found.timings = clock.laps
    return found


def _departed(
    engine: engines.Engine, workspace: Workspace, compared: Path, held: Path, document: Document, target: Target
) -> Path | None:  # fmt: skip
    """What a whole list no longer names, as deletions; None where the version leaves such rows alone."""
    if not document.is_whole or document.absent == "keep":
        return None
    read = engine.read(compared)
    beyond = int(engine.fetch(read.agg(last=read.place.max().fill_null(-1)))["last"][0].as_py()) + 1
    gone = flow.departed(read, engine.read(held), document, target, beyond=beyond)
    return engine.write(gone, workspace.fresh("departed.parquet"))


def _settled(
    engine: engines.Engine, workspace: Workspace, compared: Path, gated: gating.Gated, departed: Path | None
) -> Path:  # fmt: skip
    """What was compared, with what the rules and the whole list change about it; written again only if they do."""
    if not gated.keeps_out and departed is None:
        return compared
    settled = engine.read(compared)
    for path in gated.broken:
        settled = flow.barred(settled, engine.read(path))
    if departed is not None:
        # Engines number rows in integers of different widths.
        settled = settled.union(engine.read(departed).cast(settled.schema()))
    return engine.write(settled, workspace.fresh("result.parquet"))


class _Clock:
    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._since = perf_counter()

    def lap(self, name: str) -> None:
        now = perf_counter()
        self.laps[name] = round(now - self._since, 3)
        self._since = now


def _with_digests(path: Path, document: Document, target: Target, workspace: Workspace) -> Path:
    """Sealed values get the digest by which they are compared; the key never leaves this process."""
    sealed = [name for pair in document.confirmed if target.field(name := pair.field).is_sealed]
    if not sealed:
        return path
    into = workspace.fresh("digested.parquet")
    writer: pq.ParquetWriter | None = None
    for batch in engines.batches(path):
        for name in sealed:
            batch = batch.append_column(f"d_{name}", holding.digests(batch[f"f_{name}"]))
        writer = writer or pq.ParquetWriter(into, batch.schema, compression="snappy")
        writer.write_batch(batch)
    if writer is None:
        return path
    writer.close()
    return into


def _looked_up(
    engine: engines.Engine, clean_path: Path, document: Document, target: Target, workspace: Workspace
) -> Path | None:
    fields = lookups.fields_of(document, target)
    if not fields:
        return None
    written = engine.fetch(flow.written_values(engine.read(clean_path), fields))
    path = workspace.fresh("lookups.parquet")
    pq.write_table(lookups.judge(document, target, written), path)
    return path


def _matched(clean_path: Path, document: Document, workspace: Workspace, pipeline_id: int) -> Path | None:
    if not document.matches:
        return None
    path = workspace.fresh(matching.FILE)
    batches = engines.batches(clean_path, columns=["place", *matching.facts_of(document)])
    with pq.ParquetWriter(path, matching.SCHEMA) as writer:
        for batch in matching.matched(document, batches, pipeline_id=pipeline_id):
            writer.write_batch(batch)
    return path


def _counted(engine: engines.Engine, result: Path) -> tuple[dict[str, Part], dict[str, int]]:
    parts: dict[str, Part] = {}
    for row in engine.fetch(flow.counted(engine.read(result))).to_pylist():
        part = parts.setdefault(row["part"], Part(row["part"]))
        part.counts[row["fate"]] += row["rows"]
        part.differing += row["differing"] or 0
    for name, checksum in checksums(engines.batches(result, columns=["part", "digest"])).items():
        parts[name].checksum = checksum
    return dict(sorted(parts.items())), _reasons(result)


def _reasons(result: Path) -> dict[str, int]:
    """How often each reason is told; what differs from row to row counts as one."""
    told: dict[str, int] = {}
    for batch in engines.batches(result, columns=["reasons"], keep=pc.field("fate") == "quarantined"):
        for reasons in batch["reasons"].to_pylist():
            for reason in reasons.split("；"):
                kind = reason.split("：")[0]
                told[kind] = told.get(kind, 0) + 1
    return dict(sorted(told.items(), key=lambda item: -item[1])[:50])


def _absent(engine: engines.Engine, result: Path, held: Path, target: Target) -> int:
    missing = flow.absent(engine.read(result), engine.read(held), target)
    return int(engine.fetch(missing.aggregate(rows=missing.count()))["rows"][0].as_py())


def checksums(batches: Iterable[pa.RecordBatch]) -> dict[str, str]:
    """Per part the sum, modulo 2¹²⁸, of the MD5 of its rows as delivered: no order, no row twice unseen."""
    sums: dict[str, int] = {}
    for batch in batches:
        encoded = batch["part"].dictionary_encode()
        places = encoded.indices.to_numpy(zero_copy_only=False)
        words = _words(batch["digest"])
        for place, name in enumerate(encoded.dictionary.to_pylist()):
            mine = words[places == place]
            # 32 bits at a time, so that a batch's sum cannot overflow.
            added = sum(int(column) << (32 * (3 - turn)) for turn, column in enumerate(mine.sum(axis=0)))
            sums[name] = (sums.get(name, 0) + added) % (1 << 128)
    return {name: f"{value:032x}" for name, value in sums.items()}


def _words(digests: pa.Array) -> npt.NDArray[np.uint64]:
    text = b"".join(digests.cast(pa.binary()).to_pylist())
    cells = np.frombuffer(bytes.fromhex(text.decode()), dtype=">u4").reshape(-1, 4)
    return cells.astype(np.uint64)
