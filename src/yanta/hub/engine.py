"""Between the pure pipeline and the database: what was delivered, what is remembered, who is who."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.compute as pc

from yanta.hub import pipeline
from yanta.hub.cleaning.rows import Cleaned, clean_rows
from yanta.hub.cleaning.verdicts import REASONS
from yanta.hub.cleaning.vocabulary import load_vocabulary
from yanta.hub.intake.extraction import original_cells
from yanta.hub.intake.mapping import MappingStore, confirm
from yanta.hub.matching import Decision, MatchResult, match, sentence
from yanta.hub.merging.authority import Authority, read_authority
from yanta.hub.merging.golden import golden_values
from yanta.hub.schema import CLEAN
from yanta.hub.storing.delivery import Delivery, Doubt, Golden, Line, Part
from yanta.kernel.base import ciphers

VERSION = "1.0"
Step = Callable[[int, int, str], None]
STEPS = 6


@dataclass
class Memory:
    """What the database knows before the run: rows of sources that are not delivered, persons, people's words."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    assigned: dict[int, str] = field(default_factory=dict)
    decisions: list[Decision] = field(default_factory=list)


# Asked once the delivered rows are read: it tells what else takes part.
Recall = Callable[[list[Line], set[str]], Memory]


@dataclass
class Reading:
    """The files as read: their parts, and every row clean or held back."""

    backend: Any
    parts: list[Part]
    lines: list[Line]
    clean: pa.Table


def run(
    folder: Path, *, store: MappingStore, recall: Recall, accept_mapping: bool = False, step: Step = lambda *_: None
) -> Delivery:  # fmt: skip
    """Read a folder and settle who is who; raises `UnconfirmedError` when a layout waits for a person."""
    delivery = Delivery()
    with _timed(delivery, "read"):
        reading = read(folder, store=store, accept_mapping=accept_mapping, step=step)
    delivery.parts, delivery.lines = reading.parts, reading.lines
    authority = read_authority(pipeline.find_authority(folder))
    settle(delivery, reading, authority=authority, recall=recall, step=step)
    return delivery


def read(folder: Path, *, store: MappingStore, accept_mapping: bool, step: Step) -> Reading:
    """Find or propose the mapping of every sheet, read and clean all of them as one set."""
    step(1, STEPS, "识别文件与列")
    reference = folder / "reference"
    vocabulary = load_vocabulary(reference if reference.is_dir() else pipeline.SAMPLES / "reference")
    unreadable: dict[str, str] = {}
    planned = pipeline.plan(folder, vocabulary=vocabulary, store=store, unreadable=unreadable)
    pending = [one for one in planned if not one.mapping.confirmed]
    if pending and not accept_mapping:
        raise pipeline.UnconfirmedError(planned)
    planned = [_confirmed(one, store) for one in planned]
    backend = ibis.duckdb.connect()
    step(2, STEPS, "读取各部门文件")
    raw = pipeline.load_raw(backend, planned, vocabulary)
    step(3, STEPS, "清洗与校验")
    cleaned = clean_rows(backend, raw, vocabulary)
    return _reading(backend, cleaned, planned, folder)


def _confirmed(one: pipeline.Planned, store: MappingStore) -> pipeline.Planned:
    if one.mapping.confirmed:
        return one
    mapping = confirm(one.mapping, by="系统自动采纳", before=store.latest(one.mapping.place))
    store.save(mapping)
    return pipeline.Planned(one.grid, one.layout, mapping, one.drift)


def _reading(backend: Any, cleaned: Cleaned, planned: Sequence[pipeline.Planned], folder: Path) -> Reading:
    labels = {(one.grid.file, one.grid.sheet): one.layout.labels for one in planned}
    judged = cleaned.judged.to_pyarrow()
    clean = cleaned.clean.order_by("row_id").to_pyarrow()
    by_id = {row["row_id"]: row for row in clean.to_pylist()}
    data = judged.filter(pc.is_null(judged["skip_kind"])).sort_by(
        [("file", "ascending"), ("sheet", "ascending"), ("row", "ascending")]
    )
    lines = [
        _line(row, labels[row["file"], row["sheet"]], by_id.get(row["row_id"])) for row in data.to_pylist()
    ]
    skipped = (
        judged.filter(pc.is_valid(judged["skip_kind"]))
        .group_by(["file", "sheet"])
        .aggregate([("row_id", "count")])
    )
    passed = {(row["file"], row["sheet"]): row["row_id_count"] for row in skipped.to_pylist()}
    sizes = {
        path.name: (path.stat().st_size, ciphers.sm3_hex(path.read_bytes()))
        for path in pipeline.roster_files(folder)
    }
    parts = [
        Part(one.grid.file, one.grid.sheet, one.mapping.source, *sizes[one.grid.file], one.layout.labels,
             passed.get((one.grid.file, one.grid.sheet), 0))
        for one in planned
    ]  # fmt: skip
    return Reading(backend, parts, lines, clean)


def _line(row: dict[str, Any], labels: tuple[str, ...], clean: dict[str, Any] | None) -> Line:
    reason = row["reason"] or ""
    return Line(
        row["row_id"], row["source"], row["file"], row["sheet"], row["row"], original_cells(row["line"], labels),
        clean, reason, REASONS.get(reason, reason),
    )  # fmt: skip


def settle(delivery: Delivery, reading: Reading, *, authority: Authority, recall: Recall, step: Step) -> None:
    """Match delivered and remembered rows, hold back what names nobody, merge by authority."""
    memory = recall(delivery.lines, {part.source for part in delivery.parts})
    clean = reading.clean
    if memory.rows:
        clean = pa.concat_tables([clean, pa.Table.from_pylist(memory.rows, schema=CLEAN).cast(clean.schema)])
    step(4, STEPS, "人员匹配")
    with _timed(delivery, "match"):
        found = match(clean, decisions=memory.decisions, assigned=memory.assigned)
    keys = dict(
        zip(found.clusters["row_id"].to_pylist(), found.clusters["person_key"].to_pylist(), strict=True)
    )
    _hold_back_nameless(delivery, clean, keys)
    step(5, STEPS, "按权威来源归并")
    with _timed(delivery, "merge"):
        delivery.golden = list(_golden(reading.backend, clean, delivery.clusters, authority))
        delivery.scores = _scores(found)
        delivery.doubts = list(_doubts(found, delivery.clusters))
    delivery.clean = clean.filter(pc.is_in(clean["row_id"], pa.array(list(delivery.clusters), pa.int64())))


def _hold_back_nameless(delivery: Delivery, clean: pa.Table, keys: dict[int, str]) -> None:
    """A row that names nobody by itself and found nobody is held back."""
    weak = dict(zip(clean["row_id"].to_pylist(), clean["is_weak"].to_pylist(), strict=True))
    firm = {key for row_id, key in keys.items() if not weak[row_id]}
    delivery.clusters = {row_id: key for row_id, key in keys.items() if key in firm}
    delivery.lines = [
        line if line.reason or line.row_id in delivery.clusters
        else Line(**{**vars(line), "reason": "weak_identity", "sentence": REASONS["weak_identity"]})
        for line in delivery.lines
    ]  # fmt: skip


def _golden(
    backend: Any, clean: pa.Table, clusters: dict[int, str], authority: Authority
) -> Iterator[Golden]:
    rows = backend.create_table("settled_rows", clean, overwrite=True)
    matched = pa.table({"row_id": list(clusters), "person_key": list(clusters.values())})
    joined = backend.create_table("settled_people", matched, overwrite=True)
    best = golden_values(backend, rows, joined, authority).order_by("person_key", "element").to_pyarrow()
    for row in best.select(["person_key", "element", "value", "row_id", "basis"]).to_pylist():
        yield Golden(**row)


def _scores(found: MatchResult) -> dict[int, tuple[float, str]]:
    """For each row the strongest pair that holds it to its person."""
    pairs = found.decisions
    joined = pairs.filter(pc.is_in(pairs["verdict"], pa.array(["joined", "same"]))).sort_by(
        [("bits", "descending")]
    )
    best: dict[int, int] = {}
    ends = zip(joined["left"].to_pylist(), joined["right"].to_pylist(), strict=True)
    for place, pair in enumerate(ends):
        for row_id in pair:
            best.setdefault(row_id, place)
    needed = sorted(set(best.values()))
    texts = {p: sentence(row) for p, row in zip(needed, joined.take(needed).to_pylist(), strict=True)}
    odds = joined["probability"].to_pylist()
    return {row_id: (odds[place], texts[place]) for row_id, place in best.items()}


def _doubts(found: MatchResult, clusters: dict[int, str]) -> Iterator[Doubt]:
    for row in found.doubtful.to_pylist():
        if row["left"] in clusters and row["right"] in clusters:
            yield Doubt(
                row["left"], row["right"], row["probability"], row["reasons"],
                is_joined=clusters[row["left"]] == clusters[row["right"]],
            )  # fmt: skip


@contextmanager
def _timed(delivery: Delivery, name: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    delivery.timings[name] = round(time.perf_counter() - started, 2)
