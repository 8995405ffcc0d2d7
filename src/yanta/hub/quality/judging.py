"""Rules carried out: each subject is read once into the engine of the process, each rule is one expression over it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import ibis
import pyarrow as pa
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone
from ibis import ir

from yanta.hub import subjects
from yanta.hub.elements import SENSITIVE
from yanta.hub.quality import checks
from yanta.hub.quality.checks import APPLIES, CLEAR, FAILS, Spec
from yanta.hub.quality.world import School
from yanta.hub.subjects import Subject
from yanta.hub.subjects.showing import shown
from yanta.kernel.base import Refused
from yanta.kernel.base.texts import masked

log = logging.getLogger(__name__)
# Departments are the second level of the tree: its path is that of the school and one step more.
STEP = 4
SAMPLE, SAMPLE_PER_UNIT = 200, 40
MEMORY = "1GB"


@dataclass(frozen=True, slots=True)
class Asked:
    """One rule to carry out: who asks is told by `key`; rows in `exempt` break it with leave."""

    key: int
    spec: Spec
    exempt: frozenset[int] = frozenset()


@dataclass(slots=True)
class Verdict:
    """What came of it. `failing` are all ids with the unit's place; `sample` the rows to show; `units` path → (checked, failed)."""

    key: int
    checked: int = 0
    exempted: int = 0
    failing: dict[int, str] = field(default_factory=dict)
    units: dict[str, tuple[int, int]] = field(default_factory=dict)
    seconds: float = 0.0
    judged: frozenset[int] | None = None
    error: str = ""

    @property
    def failed(self) -> int:
        return len(self.failing)


@dataclass(frozen=True, slots=True)
class Shown:
    """A failing row as people read it, sensitive values masked."""

    row_id: int
    key: str
    unit_path: str
    values: dict[str, str]


@dataclass(frozen=True, slots=True)
class Part:
    """Which rows of a subject are looked at: a share in hundredths, or only these ids."""

    share: int = 100
    ids: frozenset[int] | None = None

    @property
    def is_whole(self) -> bool:
        return self.share >= 100 and self.ids is None


WHOLE = Part()


@contextmanager
def engine() -> Iterator[Any]:
    backend = ibis.duckdb.connect(threads=2, memory_limit=MEMORY)
    try:
        yield backend
    finally:
        backend.disconnect()


class Reader:
    """The subjects' rows in one engine, each read once."""

    def __init__(self, backend: Any, asked: Sequence[Spec]) -> None:
        self._backend = backend
        self._needs: dict[str, tuple[set[str], set[str]]] = {}
        self._tables: dict[tuple[str, bool], ir.Table] = {}
        for spec in asked:
            needs = checks.needs_of(spec)
            names, clear = self._needs.setdefault(spec.subject.name, (set(), set()))
            names |= {*needs.fields, *_key_name(spec.subject)}
            clear |= set(needs.clear)

    def table(self, subject: Subject, part: Part) -> ir.Table:
        found = self._tables.get((subject.name, part.is_whole))
        if found is None:
            found = self._tables[subject.name, part.is_whole] = self._read(subject, part)
        return found

    def _read(self, subject: Subject, part: Part) -> ir.Table:
        names, clear = self._needs[subject.name]
        rows = chosen(subject, part)
        name = f"{subject.name}_{len(self._tables)}"
        self._create(name, subjects.read(subject, sorted(names), rows))
        if not clear:
            return self._backend.table(name)
        self._create(f"{name}{CLEAR}", subjects.read(subject, sorted(clear), rows, clear=True))
        opened = self._backend.table(f"{name}{CLEAR}")
        opened = opened.select(_row=opened.id, **{f"{one}{CLEAR}": opened[one] for one in sorted(clear)})
        closed = self._backend.table(name)
        return closed.inner_join(opened, closed.id == opened["_row"]).drop("_row")

    def _create(self, name: str, reader: pa.RecordBatchReader) -> None:
        # Batch by batch in this thread: DuckDB would pull the stream in one of its own, past the caller's transaction.
        connection = self._backend.con
        connection.register("incoming", reader.schema.empty_table())
        connection.execute(f'CREATE TABLE "{name}" AS SELECT * FROM incoming')
        for batch in reader:
            connection.register("incoming", pa.Table.from_batches([batch]))
            connection.execute(f'INSERT INTO "{name}" SELECT * FROM incoming')
        connection.unregister("incoming")


def chosen(subject: Subject, part: Part) -> QuerySet[Any]:
    """A sample is the same rows each time, so that two runs of it can be compared."""
    rows = subject.rows()
    if part.ids is not None:
        return rows.filter(pk__in=part.ids)
    if part.share < 100:
        table = subject.model._meta.db_table
        share = RawSQL(f'abs(hashint8("{table}"."id")::bigint) %% 100', ())  # noqa: S611 - a table's own name
        return rows.alias(_share=share).filter(_share__lt=part.share)
    return rows


def _key_name(subject: Subject) -> tuple[str, ...]:
    return () if subject.key == "id" else (subject.key,)


def judge(
    asked: Sequence[Asked], *, now: datetime, parts: Mapping[str, Part] | None = None,
    step: Callable[[int, int, str], None] = lambda *_: None,
) -> Iterator[tuple[Asked, Verdict, Callable[[Sequence[int]], list[Shown]]]]:  # fmt: skip
    """Rule by rule: the verdict, and a way to the rows as shown, open until the next one is asked for."""
    school, parts = School(now=now), parts or {}
    with engine() as backend:
        reader = Reader(backend, [one.spec for one in asked])
        for number, one in enumerate(asked):
            step(number, len(asked), checks.sentence(one.spec)[:120])
            part = parts.get(one.spec.subject.name, WHOLE)
            yield one, *_judged(backend, reader, school, one, part)


def _judged(
    backend: Any, reader: Reader, school: School, one: Asked, part: Part
) -> tuple[Verdict, Callable[[Sequence[int]], list[Shown]]]:
    started = time.perf_counter()
    template = checks.template_of(one.spec.template)
    try:
        table = reader.table(one.spec.subject, WHOLE if template.whole else part)
        judged = checks.compiled(table, one.spec, school)
        verdict, kept = _counted(backend, judged, one, part if template.whole else WHOLE)
    except Refused as refusal:
        return Verdict(one.key, error=refusal.message), lambda ids: []
    except Exception:
        # One rule that cannot be carried out (a field that is no more) must not silence the others.
        log.exception("quality rule %s", one.key)
        return Verdict(one.key, error="执行出错，已记录日志，请信息中心查看"), lambda ids: []
    verdict.judged = None if part.is_whole else kept.judged()
    verdict.seconds = time.perf_counter() - started
    return verdict, kept.shown


class _Kept:
    """The judged rows of one rule, in the engine until the next rule replaces them."""

    def __init__(self, backend: Any, judged: ir.Table, spec: Spec) -> None:
        self.spec, self._extra = spec, checks.template_of(spec.template).shown
        names = [*_key_name(spec.subject), *checks.needs_of(spec).fields]
        columns = dict.fromkeys(["id", "unit_path", FAILS, *names, *(name for name, _ in self._extra)])
        clear = [f"{name}{CLEAR}" for name in names if f"{name}{CLEAR}" in judged.columns]
        picked = judged.filter(judged[APPLIES]).select(*columns, *clear)
        backend.create_table("judged", picked, temp=True, overwrite=True)
        self._connection = backend.con

    def rows(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """What is asked of `judged`, which has `id`, `unit_path`, `_fails` and the values looked at."""
        found: list[tuple[Any, ...]] = self._connection.execute(sql, list(parameters)).fetchall()
        return found

    def judged(self) -> frozenset[int]:
        return frozenset(key for (key,) in self.rows("SELECT id FROM judged"))

    def shown(self, ids: Sequence[int]) -> list[Shown]:
        """Those rows with the values that the rule looked at."""
        if not ids:
            return []
        sql = "SELECT * FROM judged WHERE id IN (SELECT unnest(?::BIGINT[])) ORDER BY id"
        found = self._connection.execute(sql, [list(ids)]).to_arrow_table().to_pylist()
        return [self._shown(row) for row in found]

    def _shown(self, row: dict[str, Any]) -> Shown:
        subject = self.spec.subject
        values = {
            one.title: shown(
                one, row.get(f"{one.name}{CLEAR}", row[one.name]), is_clear=f"{one.name}{CLEAR}" in row
            )
            for one in (subject.field(name) for name in checks.needs_of(self.spec).fields)
            if one.name != subject.key
        }
        for name, title in self._extra:
            values[title] = _extra_shown(self.spec, name, row[name])
        key = str(row["id"]) if subject.key == "id" else str(row[subject.key])
        return Shown(row["id"], key, row["unit_path"] or "", values)


def _extra_shown(spec: Spec, name: str, value: Any) -> str:
    if value is None:
        return "（从未）" if name == "_last" else "（空）"
    if spec.text("element") in SENSITIVE:
        return masked(str(value))
    return f"{timezone.localtime(value):%Y-%m-%d %H:%M}" if isinstance(value, datetime) else str(value)


_COUNTED = f"""
SELECT left(coalesce(unit_path, ''), {2 * STEP}) AS unit, count(*), count(*) FILTER (WHERE {FAILS} AND NOT excused),
    count(*) FILTER (WHERE {FAILS} AND excused)
FROM (SELECT *, id IN (SELECT unnest(?::BIGINT[])) AS excused FROM judged) GROUP BY unit"""
_FAILING = f"""
SELECT id, left(coalesce(unit_path, ''), {2 * STEP}) FROM judged
WHERE {FAILS} AND id NOT IN (SELECT unnest(?::BIGINT[]))"""


def _counted(backend: Any, judged: ir.Table, one: Asked, part: Part) -> tuple[Verdict, _Kept]:
    if part.ids is not None:
        wanted = ibis.memtable(pa.table({"row": pa.array(sorted(part.ids), pa.int64())}))
        judged = judged.filter(judged.id.isin(wanted["row"]))
    kept = _Kept(backend, judged, one.spec)
    verdict, exempt = Verdict(one.key), sorted(one.exempt)
    for unit, checked, failed, exempted in kept.rows(_COUNTED, exempt):
        verdict.units[unit] = (checked, failed)
        verdict.checked += checked
        verdict.exempted += exempted
    verdict.failing = dict(kept.rows(_FAILING, exempt))
    return verdict, kept


def sample_of(failing: Mapping[int, str], fresh: frozenset[int]) -> list[int]:
    """The rows to keep for people: new ones first, no unit crowding out the others."""
    given: dict[str, int] = {}
    picked: list[int] = []
    for key in sorted(failing, key=lambda key: (key not in fresh, key)):
        unit = failing[key]
        if given.get(unit, 0) < SAMPLE_PER_UNIT:
            given[unit] = given.get(unit, 0) + 1
            picked.append(key)
        if len(picked) == SAMPLE:
            break
    return picked
