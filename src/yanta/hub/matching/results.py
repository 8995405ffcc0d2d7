"""The answer of a matching run as Arrow tables."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from . import explaining
from .clustering import Ints
from .comparisons import COMPARISONS
from .settings import Settings

DOUBTFUL = pa.schema(
    [
        ("left", pa.int64()),
        ("right", pa.int64()),
        ("probability", pa.float64()),
        ("verdict", pa.string()),
        ("reasons", pa.string()),
    ]
)


@dataclass(frozen=True)
class MatchResult:
    """clusters: row_id, person_key. doubtful: pairs for a person to decide, the likeliest first.

    decisions: every pair that was joined, refused or left in doubt, with level `lv_…` and bits `w_…` of
    each comparison; `explaining.sentence(row)` says it in words.
    """

    clusters: pa.Table
    doubtful: pa.Table
    decisions: pa.Table

    @property
    def persons(self) -> int:
        """How many people the rows were found to be."""
        return len(self.clusters.column("person_key").unique())


def collect(
    db: duckdb.DuckDBPyConnection,
    *,
    label: Ints,
    row_ids: Ints,
    keys: Mapping[int, str],
    prior: float,
    settings: Settings,
    same: Iterable[tuple[int, int]],
    different: Iterable[tuple[int, int]],
) -> MatchResult:
    """Read the scored pairs back in the light of the final clusters."""
    clusters = pa.table(
        {"row_id": pa.array(row_ids), "person_key": pa.array([keys[c] for c in label.tolist()], pa.string())}
    )
    _register(db, label, row_ids, same=same, different=different)
    decided = _decide(db, prior=prior, settings=settings)
    return MatchResult(
        clusters, _doubtful(db, decided, settings), decided.drop_columns(["cluster_l", "cluster_r"])
    )


def _register(
    db: duckdb.DuckDBPyConnection,
    label: Ints,
    row_ids: Ints,
    *,
    same: Iterable[tuple[int, int]],
    different: Iterable[tuple[int, int]],
) -> None:
    """Tables `final`, the cluster of each row, and `verdict_rows`, what people said."""
    db.register(
        "final",
        pa.table(
            {
                "i": pa.array(range(len(label)), pa.int32()),
                "row_id": pa.array(row_ids),
                "label": pa.array(label),
            }
        ),
    )
    verdicts = [(*pair, "same") for pair in sorted(same)] + [
        (*pair, "different") for pair in sorted(different)
    ]
    db.register(
        "verdict_rows",
        pa.table(
            {
                "l": pa.array([v[0] for v in verdicts], pa.int32()),
                "r": pa.array([v[1] for v in verdicts], pa.int32()),
                "said": pa.array([v[2] for v in verdicts], pa.string()),
            }
        ),
    )


def _decide(db: duckdb.DuckDBPyConnection, *, prior: float, settings: Settings) -> pa.Table:
    """Refused is a pair good enough by itself whose clusters contradict each other."""
    levels = ", ".join(f"lv_{each.name}, w_{each.name}" for each in COMPARISONS)
    return db.execute(f"""
        select a.row_id as "left", b.row_id as "right",
            case when said is not null then said
                 when a.label = b.label then 'joined'
                 when bits >= {settings.accept} and (own or named) then 'refused'
                 else 'doubtful' end as verdict,
            1 / (1 + pow(2, -bits)) as probability, bits, a.label as cluster_l, b.label as cluster_r, {levels}
        from (select *, (evidence + {prior})::float as bits from score) s
        join final a on a.i = l join final b on b.i = r
        left join verdict_rows v on v.l = s.l and v.r = s.r
        where bits >= {settings.doubt} or a.label = b.label or said is not null
    """).to_arrow_table()


def _doubtful(db: duckdb.DuckDBPyConnection, decided: pa.Table, settings: Settings) -> pa.Table:
    """The best pair of each two clusters, and not more of them per cluster than a person will read."""
    db.register("decided", decided)
    found = db.execute(f"""
        with best as (
            select * from decided
            where verdict in ('doubtful', 'refused')
              and (cluster_l, cluster_r) not in (select (cluster_l, cluster_r) from decided where verdict = 'different')
              and (cluster_r, cluster_l) not in (select (cluster_l, cluster_r) from decided where verdict = 'different')
            qualify row_number() over (
                partition by least(cluster_l, cluster_r), greatest(cluster_l, cluster_r)
                order by bits desc, "left", "right") = 1
        )
        select * from best
        qualify row_number() over (partition by cluster_l order by bits desc, "left", "right") <= {settings.doubts_per_row}
            and row_number() over (partition by cluster_r order by bits desc, "left", "right") <= {settings.doubts_per_row}
        order by probability desc, "left", "right"
    """).to_arrow_table()
    sentences = [explaining.sentence(pair) for pair in found.to_pylist()]
    shown = found.select(["left", "right", "probability", "verdict"])
    return shown.append_column("reasons", pa.array(sentences, pa.string())).cast(DOUBTFUL)
