"""One person, one number: finds the rows that speak of the same person."""

import math
import os
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from tempfile import TemporaryDirectory

import duckdb
import numpy as np
import pyarrow as pa

from yanta.hub.schema import CLEAN

from . import blocking, clustering, features, numbering, results, weighing
from .clustering import FORBIDDEN, SAME, Edges, Ints
from .comparisons import COMPARISONS
from .results import MatchResult
from .settings import DEFAULT, Settings


@dataclass(frozen=True)
class Decision:
    """A person's verdict on two rows; it binds every later run until it is withdrawn."""

    left: int
    right: int
    same: bool


def match(
    rows: pa.Table,
    *,
    settings: Settings = DEFAULT,
    decisions: Iterable[Decision] = (),
    assigned: Mapping[int, str] | None = None,
) -> MatchResult:
    """Group clean rows into people; `assigned` is the person key each row had before."""
    with TemporaryDirectory(prefix="matching-") as spill:
        threads = settings.threads or os.cpu_count() or 1
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": settings.memory_limit,
            "threads": threads,
            "temp_directory": spill,
        }
        with duckdb.connect(config=config) as db:
            db.execute("set preserve_insertion_order = false")
            # Work is shared out by row groups, of which a hundred thousand rows would be a single one.
            db.execute("attach ':memory:' as work (row_group_size 16384)")
            db.execute("use work")
            return _Run(db, rows, settings, tuple(decisions), dict(assigned or {})).result()


def _complete(rows: pa.Table) -> pa.Table:
    """Columns that the caller left out are empty; i numbers the rows by their row_id."""
    wanted = [field for field in CLEAN if field.name != "issues"]
    columns = [
        rows.column(field.name).cast(field.type)
        if field.name in rows.column_names
        else pa.nulls(rows.num_rows, field.type)
        for field in wanted
    ]
    place = np.empty(rows.num_rows, dtype=np.int32)
    place[np.argsort(rows.column("row_id").to_numpy(), kind="stable")] = np.arange(
        rows.num_rows, dtype=np.int32
    )
    return pa.table([*columns, pa.array(place)], names=[*(field.name for field in wanted), "i"])


class _Run:
    def __init__(
        self,
        db: duckdb.DuckDBPyConnection,
        rows: pa.Table,
        settings: Settings,
        decisions: tuple[Decision, ...],
        assigned: dict[int, str],
    ) -> None:
        self.db, self.settings, self.assigned = db, settings, assigned
        self.n = rows.num_rows
        db.register("clean", _complete(rows))
        self.persons = features.build(db)
        db.unregister("clean")
        self.row_ids: Ints = np.sort(rows.column("row_id").to_numpy())
        self.index = (
            {int(row_id): i for i, row_id in enumerate(self.row_ids)} if decisions or assigned else {}
        )
        self.same = self._verdicts(each for each in decisions if each.same)
        self.different = self._verdicts(each for each in decisions if not each.same)
        self.prior = -math.log2(self.persons)

    def _verdicts(self, decisions: Iterable[Decision]) -> set[tuple[int, int]]:
        """Pairs of positions, smaller first; rows that are not here have no say."""
        here = ((self.index.get(each.left), self.index.get(each.right)) for each in decisions)
        return {(min(a, b), max(a, b)) for a, b in here if a is not None and b is not None and a != b}

    def result(self) -> MatchResult:
        self._score()
        label = self._cluster()
        keys = self._keys(label)
        return results.collect(
            self.db,
            label=label,
            row_ids=self.row_ids,
            keys=keys,
            prior=self.prior,
            settings=self.settings,
            same=self.same,
            different=self.different,
        )

    def _score(self) -> None:
        self._hold_assigned()
        blocking.candidates(
            self.db, largest_bucket=self.settings.largest_bucket, new_only=self.settings.keep_assigned
        )
        weighing.compare(self.db, pairs="candidate", into="level")
        self.bits = weighing.weights(self.db, rows=self.n)
        weighing.score(self.db, levels="level", into="score", bits=self.bits)
        self.db.execute("drop table level; drop table candidate")

    def _hold_assigned(self) -> None:
        """With keep_assigned the rows of an earlier person are one, and its people are apart."""
        self.held: dict[str, list[int]] = defaultdict(list)
        if not self.settings.keep_assigned:
            return
        for row_id, key in self.assigned.items():
            if row_id in self.index:
                self.held[key].append(self.index[row_id])
        known = {i for members in self.held.values() for i in members}
        fresh = pa.table({"i": pa.array([i for i in range(self.n) if i not in known], pa.int32())})
        self.db.register("fresh_rows", fresh)
        self.db.execute("create or replace table fresh as select i from fresh_rows")
        for members in self.held.values():
            self.same.update((min(members), i) for i in members if i != min(members))
        self.same -= self.different

    def _edges(self, table: str, *, where: str, parts: bool = False) -> Edges:
        columns = [f"w_{each.name}" for each in COMPARISONS] if parts else []
        found = self.db.execute(f"""
            select {", ".join(["l, r, own, named", *columns])},
                case when forbidden then {FORBIDDEN} else evidence end as evidence
            from {table} where {where} order by l, r
        """).fetchnumpy()
        left, right, evidence = (
            found["l"].astype(np.int64),
            found["r"].astype(np.int64),
            found["evidence"].astype(float),
        )
        weights = np.column_stack([found[c] for c in columns]) if columns else np.zeros((len(left), 0))
        edges = Edges(left, right, evidence, found["own"].astype(bool), found["named"].astype(bool), weights)
        verdicts = [(a, b, SAME) for a, b in sorted(self.same - self.different)]
        verdicts += [(a, b, -SAME) for a, b in sorted(self.different)]
        if not verdicts:
            return edges
        return edges.and_verdicts(
            np.array([(a, b) for a, b, _ in verdicts], dtype=np.int64),
            np.array([said for *_, said in verdicts]),
        )

    def _cluster(self) -> Ints:
        edges = self._edges("score", where=f"evidence + {self.prior} >= {self.settings.doubt}")
        edges = edges.of(edges.evidence + self.prior >= self.settings.doubt)
        label = clustering.grow(self.n, edges, prior=self.prior, settings=self.settings)
        firm = edges.of(edges.own & (edges.evidence + self.prior >= self.settings.accept))
        pieces = clustering.components(self.n, firm.left, firm.right)
        suspects = np.union1d(self._suspects(label), self._loose(label, pieces))
        if not len(suspects):
            return label
        return clustering.divide(
            label,
            pieces,
            suspects,
            self._inside(suspects, label),
            prior=self.prior,
            settings=self.settings,
            person=self._bound(),
        )

    def _loose(self, label: Ints, pieces: Ints) -> Ints:
        """Components that fall apart without the pairs that share a number, account or address of their own."""
        together = np.bincount(label, minlength=self.n) <= self.settings.largest_component
        return np.unique(label[(pieces != label) & together[label]])

    def _bound(self) -> Ints:
        """Which earlier person each row is bound to; -1 for new rows."""
        person = np.full(self.n, -1, dtype=np.int64)
        for number, members in enumerate(self.held.values()):
            person[members] = number
        return person

    def _suspects(self, label: Ints) -> Ints:
        """Components with anything in them that one person would not have."""
        self.db.register(
            "label_rows", pa.table({"i": pa.array(range(self.n), pa.int32()), "label": pa.array(label)})
        )
        self.db.execute("create or replace table part as select * from label_rows")
        found = (
            self.db.execute(f"""
            select label from part join feature using (i) group by label
            having count(*) between 2 and {self.settings.largest_component} and (
                count(distinct id) > 1 or count(distinct birth) > 1 or count(distinct name) > 1
                or count(distinct sex_known) > 1 or count(distinct ug) > 1 or count(distinct staff) > 1
                or count(distinct month) > 1)
        """)
            .fetchnumpy()["label"]
            .astype(np.int64)
        )
        decided = {int(label[i]) for pair in self.different for i in pair}
        found = np.union1d(found, np.array(sorted(decided), dtype=np.int64))
        return np.union1d(found, self._mixed(label)) if self.held else found

    def _mixed(self, label: Ints) -> Ints:
        """Components of more than one earlier person, or of an earlier person and new rows."""
        person = self._bound()
        least, most = np.full(self.n, self.n), np.full(self.n, -1)
        np.minimum.at(least, label, person)
        np.maximum.at(most, label, person)
        return np.flatnonzero((least != most) & (least < self.n))

    def _inside(self, suspects: Ints, label: Ints) -> Edges:
        """Every pair of rows within the suspect components, whether or not it shares a key."""
        self.db.register("suspect_rows", pa.table({"label": pa.array(suspects)}))
        self.db.execute("""
            create or replace table suspect as select i, label from part semi join suspect_rows using (label);
            create or replace table inside as
            select a.i as l, b.i as r from suspect a join suspect b on a.label = b.label and a.i < b.i
            anti join score on score.l = a.i and score.r = b.i
        """)
        weighing.compare(self.db, pairs="inside", into="inside_level")
        weighing.score(self.db, levels="inside_level", into="inside_score", bits=self.bits)
        self.db.execute("""
            insert into inside_score select score.* from score
            join suspect a on a.i = score.l join suspect b on b.i = score.r and b.label = a.label
        """)
        inside = self._edges("inside_score", where="true", parts=True)
        return inside.of(np.isin(label[inside.left], suspects) & (label[inside.left] == label[inside.right]))

    def _keys(self, label: Ints) -> dict[int, str]:
        clusters: dict[int, list[int]] = defaultdict(list)
        for row_id, cluster in zip(self.row_ids.tolist(), label.tolist(), strict=True):
            clusters[cluster].append(row_id)
        return numbering.person_keys(clusters, assigned=self.assigned)
