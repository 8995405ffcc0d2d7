"""From a directory of rosters to people: read, map, clean, match, merge, and an honest receipt."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import ibis
import pyarrow as pa
import pyarrow.compute as pc
from ibis.backends.duckdb import Backend

from yanta.hub.cleaning.rows import Cleaned, clean_rows
from yanta.hub.cleaning.verdicts import REASONS, SKIPS
from yanta.hub.cleaning.vocabulary import Vocabulary, load_vocabulary
from yanta.hub.intake.detectors import detectors
from yanta.hub.intake.extraction import RAW, place_meaning, raw_batches
from yanta.hub.intake.formats import UnreadableError, open_grids
from yanta.hub.intake.grids import Grid
from yanta.hub.intake.layout import Layout, detect_layout
from yanta.hub.intake.mapping import (
    Drift,
    Mapping,
    MappingStore,
    MemoryStore,
    confirm,
    drift,
    fingerprint_of,
    place_of,
)
from yanta.hub.intake.proposal import propose, sample_columns
from yanta.hub.intake.sources import recognise_source
from yanta.hub.merging.affiliations import affiliations
from yanta.hub.merging.authority import Authority, read_authority
from yanta.hub.merging.golden import golden_values

SAMPLES = Path(__file__).parent / "samples" / "rosters"

_ROWS_AT_ONCE = 50_000

Matcher = Callable[[pa.Table], pa.Table]
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Planned:
    """One grid with its layout and mapping, ready to be read or to be confirmed by a person."""

    grid: Grid
    layout: Layout
    mapping: Mapping
    drift: Drift | None = None


class UnconfirmedError(Exception):
    """Some layouts have no confirmed mapping; `planned` is what a person must look at."""

    def __init__(self, planned: list[Planned]) -> None:
        super().__init__(f"有 {len(planned)} 个表的列对应关系还没有人确认")
        self.planned = planned


@dataclass(frozen=True)
class RunResult:
    """Everything a run found. `receipts` has a line a sheet: read = accepted + quarantined + skipped."""

    accepted: pa.Table
    quarantined: pa.Table
    skipped: pa.Table
    clusters: pa.Table
    golden: pa.Table
    affiliations: pa.Table
    receipts: pa.Table
    planned: tuple[Planned, ...] = ()
    unreadable: dict[str, str] = field(default_factory=dict)


def plan(
    directory: Path, *, vocabulary: Vocabulary, store: MappingStore, unreadable: dict[str, str] | None = None
) -> list[Planned]:
    """Open every file and find or propose the mapping of each of its sheets."""
    tests = detectors(vocabulary)
    planned: list[Planned] = []
    for path in roster_files(directory):
        try:
            grids = open_grids(path)
        except UnreadableError as fault:
            if unreadable is not None:
                unreadable[path.name] = str(fault)
            continue
        planned += _one_source([_planned(grid, tests, store) for grid in grids])
    return planned


def roster_files(directory: Path) -> list[Path]:
    """The files of the directory itself, notes and programs aside; a lone authority table is no roster."""
    left = {".md", ".py", ".json", ".log", ".zip"}
    return sorted(
        path
        for path in directory.iterdir()
        if path.is_file()
        and path.suffix.lower() not in left
        and not path.name.startswith((".", "~$", "authority"))
    )


def _planned(grid: Grid, tests: tuple, store: MappingStore) -> Planned:
    layout = detect_layout(grid)
    place = place_of(grid.file, grid.sheet)
    fingerprint = fingerprint_of(place, layout.labels)
    if known := store.find(fingerprint):
        return Planned(grid, layout, known)
    columns = propose(layout.labels, sample_columns(grid, layout), tests)
    carried = [column.element for column in columns if column.element]
    source = recognise_source(grid.file, [grid.sheet, *layout.titles], layout.labels, carried)
    before = store.latest(place)
    changed = drift(before, layout.labels) if before else None
    version = before.version + 1 if before else 1
    return Planned(grid, layout, Mapping(fingerprint, place, source, columns, version), changed)


def _one_source(planned: list[Planned]) -> list[Planned]:
    """The sheets of one file come from one department: the kind most of its sheets show."""
    people = [one for one in planned if one.mapping.source != "other" and not one.mapping.confirmed]
    if not people:
        return planned
    kinds = [one.mapping.source for one in people]
    usual = max(sorted(set(kinds)), key=kinds.count)
    return [
        one
        if one.mapping.confirmed
        else Planned(one.grid, one.layout, Mapping(**{**vars(one.mapping), "source": usual}), one.drift)
        for one in planned
    ]


def run_rosters(
    directory: Path,
    *,
    mapping_store: MappingStore | None = None,
    matcher: Matcher | None = None,
    accept_mapping: bool = False,
    reference: Path | None = None,
    authority: Path | None = None,
    on: date | None = None,
    database: Path | None = None,
    progress: Progress = lambda done, total, text: None,
) -> RunResult:
    """Run the whole intake of a directory without touching any database but its own scratch one."""
    progress(0, 5, "读取参考代码")
    store = mapping_store or MemoryStore()
    vocabulary = load_vocabulary(reference or _near(directory, "reference"))
    unreadable: dict[str, str] = {}
    planned = plan(directory, vocabulary=vocabulary, store=store, unreadable=unreadable)
    pending = [one for one in planned if not one.mapping.confirmed]
    if pending and not accept_mapping:
        raise UnconfirmedError(pending)
    planned = [_confirmed(one, store) for one in planned]
    backend = ibis.duckdb.connect(database or ":memory:")
    progress(1, 5, "读取各部门文件")
    raw = load_raw(backend, planned, vocabulary)
    progress(2, 5, "清洗与校验")
    cleaned = clean_rows(backend, raw, vocabulary, on=on)
    progress(3, 5, "人员匹配")
    clusters = _clusters(cleaned.clean.order_by("row_id").to_pyarrow(), matcher or _default_matcher())
    progress(4, 5, "按权威来源归并")
    rules = read_authority(authority or find_authority(directory))
    result = _result(backend, cleaned, clusters, rules, planned, unreadable)
    progress(5, 5, "完成")
    return result


def _near(directory: Path, name: str) -> Path:
    found = directory / name
    return found if found.is_dir() else SAMPLES / name


def find_authority(directory: Path) -> Path:
    """The agreed authority table beside the rosters, else the one shipped with the product."""
    near = (
        directory / "authority.csv",
        directory / "reference" / "authority.csv",
        directory / "truth" / "authority.csv",
    )
    return next((path for path in near if path.is_file()), SAMPLES / "authority.csv")


def _confirmed(one: Planned, store: MappingStore) -> Planned:
    if one.mapping.confirmed:
        return one
    mapping = confirm(one.mapping, by="系统自动采纳", before=store.latest(one.mapping.place))
    store.save(mapping)
    return Planned(one.grid, one.layout, mapping, one.drift)


def _default_matcher() -> Matcher:
    from yanta.hub.matching import match

    return lambda rows: match(rows).clusters


def load_raw(backend: Backend, planned: Iterable[Planned], vocabulary: Vocabulary) -> ibis.Table:
    """Append the rows of every grid to one table, a bounded number at a time."""
    backend.create_table("raw_rows", schema=ibis.Schema.from_pyarrow(RAW), overwrite=True)
    for group in _grouped(batch for one in planned for batch in _batches(one, vocabulary)):
        backend.insert("raw_rows", pa.Table.from_batches(group))
    return backend.table("raw_rows")


def _batches(one: Planned, vocabulary: Vocabulary) -> Iterator[pa.RecordBatch]:
    place = place_meaning(one.grid, one.layout, vocabulary)
    return raw_batches(one.grid, one.layout, one.mapping, place)


def _grouped(batches: Iterable[pa.RecordBatch]) -> Iterator[list[pa.RecordBatch]]:
    """Small sheets together: an insert costs more than its rows."""
    group: list[pa.RecordBatch] = []
    for batch in batches:
        group.append(batch)
        if sum(one.num_rows for one in group) >= _ROWS_AT_ONCE:
            yield group
            group = []
    if group:
        yield group


def _clusters(clean: pa.Table, matcher: Matcher) -> pa.Table:
    """row_id and person_key; a row the matcher leaves out is a person of its own."""
    found = matcher(clean).select(["row_id", "person_key"])
    missing = clean.filter(pc.invert(pc.is_in(clean["row_id"], found["row_id"])))["row_id"]
    alone = pa.table(
        {"row_id": missing, "person_key": pc.binary_join_element_wise("row", missing.cast(pa.string()), "-")}
    )
    return pa.concat_tables([found.cast(alone.schema), alone])


def _result(
    backend: Backend,
    cleaned: Cleaned,
    clusters: pa.Table,
    authority: Authority,
    planned: list[Planned],
    unreadable: dict[str, str],
) -> RunResult:
    joined = backend.create_table("clusters", clusters, temp=True, overwrite=True)
    rows = cleaned.clean.inner_join(joined, "row_id")
    firm = rows.group_by("person_key").agg(firm=(~rows.is_weak).any())
    strong = joined.inner_join(firm.filter(firm.firm), "person_key").select("row_id", "person_key")
    strong = backend.create_table("strong", strong, temp=True, overwrite=True)
    accepted = cleaned.clean.semi_join(strong, "row_id").order_by("file", "sheet", "row")
    judged = _judged(cleaned, strong)
    held = judged.filter(judged.reason.notnull()).drop("skip_kind")
    skipped = judged.filter(judged.skip_kind.notnull()).drop("reason", "line")
    return RunResult(
        accepted=accepted.to_pyarrow(),
        quarantined=_with_sentences(held.order_by("file", "sheet", "row").to_pyarrow(), "reason", REASONS),
        skipped=_with_sentences(skipped.order_by("file", "sheet", "row").to_pyarrow(), "skip_kind", SKIPS),
        clusters=strong.order_by("person_key", "row_id").to_pyarrow(),
        golden=golden_values(backend, cleaned.clean, strong, authority)
        .order_by("person_key", "element")
        .to_pyarrow(),
        affiliations=affiliations(cleaned.clean, strong).order_by("person_key", "row_id").to_pyarrow(),
        receipts=_receipts(judged).to_pyarrow(),
        planned=tuple(planned),
        unreadable=unreadable,
    )


def _judged(cleaned: Cleaned, strong: ibis.Table) -> ibis.Table:
    """Every line with its final verdict: rows that name nobody and found nobody are held back."""
    judged = cleaned.judged
    kept = strong.select(kept_id="row_id")
    joined = judged.left_join(kept, judged.row_id == kept.kept_id)
    lost = joined.kept_id.isnull() & joined.skip_kind.isnull() & joined.reason.isnull()
    reason = ibis.ifelse(lost, "weak_identity", joined.reason)
    return joined.select(*[name for name in judged.columns if name != "reason"], reason=reason)


def _with_sentences(table: pa.Table, column: str, sentences: dict[str, str]) -> pa.Table:
    words = [sentences.get(code, code) for code in table[column].to_pylist()]
    return table.append_column("sentence", pa.array(words, pa.string()))


def _receipts(judged: ibis.Table) -> ibis.Table:
    """One line a sheet; the three outcomes exclude each other, so they add up to what was read."""
    held, skipped = judged.reason.notnull(), judged.skip_kind.notnull()
    return (
        judged.group_by("source", "file", "sheet")
        .agg(
            read=judged.count(),
            accepted=(~held & ~skipped).sum(),
            quarantined=held.sum(),
            skipped=skipped.sum(),
        )
        .order_by("file", "sheet")
    )


def write_scorer_files(
    result: RunResult,
    *,
    clusters: Path | None = None,
    quarantine: Path | None = None,
    golden: Path | None = None,
) -> None:
    """The three files that compare a run with a truth: who each row is, what was held back, the merged records."""
    if clusters:
        people = dict(
            zip(*(result.clusters[name].to_pylist() for name in ("row_id", "person_key")), strict=True)
        )
        rows = zip(
            *(result.accepted[name].to_pylist() for name in ("file", "sheet", "row", "row_id")), strict=True
        )
        _write(clusters, ("file", "sheet", "row", "person_id"), ([*row[:3], people[row[3]]] for row in rows))
    if quarantine:
        _write_columns(
            quarantine, result.quarantined, {name: name for name in ("file", "sheet", "row", "reason")}
        )
    if golden:
        names = {"person_key": "person_id", "element": "element", "value": "value"}
        _write_columns(golden, result.golden, names)


def _write_columns(path: Path, table: pa.Table, names: dict[str, str]) -> None:
    _write(path, tuple(names.values()), zip(*(table[name].to_pylist() for name in names), strict=True))


def _write(path: Path, header: tuple[str, ...], rows: Iterable[Iterable[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(header)
        writer.writerows(rows)
