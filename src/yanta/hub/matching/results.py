"""The answer of a matching run as Arrow tables."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from . import explaining
from .clustering import SAME, Ints
from .comparisons import COMPARISONS
from .settings import Settings

DOUBTFUL = pa.schema(
    [("left", pa.int64()), ("right", pa.int64()), ("probability", pa.float64()), ("verdict", pa.string()), ("reasons", pa.string())]
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
    db: duckdb.DuckDBPyConnection, *, label: Ints, row_ids: Ints, keys: Mapping[int, str], prior: float,
    settings: Settings, same: Iterable[tuple[int, int]], different: Iterable[tuple[int, int]],
) -> MatchResult:
    """Read the scored pairs back in the light of the final clusters."""
    clusters = pa.table({"row_id": pa.array(row_ids), "person_key": pa.array([keys[c] for c in label.tolist()], pa.string())})
    db.register("label_rows", pa.table({"i": pa.array(range(len(label)), pa.int32()), "label": pa.array(label)}))
    verdicts = [(*pair, "same") for pair in sorted(same)] + [(*pair, "different") for pair in sorted(different)]
    db.register("verdict_rows", pa.table({
        "l": pa.array([v[0] for v in verdicts], pa.int32()), "r": pa.array([v[1] for v in verdicts], pa.int32()),
        "said": pa.array([v[2] for v in verdicts], pa.string()),
    }))
    _decide(db, prior=prior, settings=settings)
    levels = ", ".join(f"lv_{each.name}, w_{each.name}" for each in COMPARISONS)
    decisions = db.execute(f"""
        select a.row_id as "left", b.row_id as "right", verdict, probability, bits, {levels}
        from decided join feature a on a.i = l join feature b on b.i = r order by l, r
    """).to_arrow_table()
    return MatchResult(clusters, _doubtful(db, settings), decisions)


def _decide(db: duckdb.DuckDBPyConnection, *, prior: float, settings: Settings) -> None:
    """A pair of two valid identity numbers is refused, not doubted, unless all else says it is one person."""
    db.execute(f"""
        create or replace table decided as
        with final as (select * from label_rows)
        select score.*, a.label as cluster_l, b.label as cluster_r,
            (evidence + {prior})::float as bits,
            1 / (1 + pow(2, -greatest(least(evidence + {prior}, {SAME}), -{SAME}))) as probability,
            case when said is not null then said
                 when a.label = b.label then 'joined'
                 when evidence + {prior} >= {settings.accept} and not kin then 'refused'
                 else 'doubtful' end as verdict
        from score join final a on a.i = l join final b on b.i = r
        left join verdict_rows v on v.l = score.l and v.r = score.r
        where evidence + {prior} >= {settings.doubt} or a.label = b.label or said is not null
    """)


def _doubtful(db: duckdb.DuckDBPyConnection, settings: Settings) -> pa.Table:
    """The best pair of each two clusters, and not more of them per cluster than a person will read."""
    levels = ", ".join(f"lv_{each.name}, w_{each.name}" for each in COMPARISONS)
    found = db.execute(f"""
        with best as (
            select * from decided
            where verdict in ('doubtful', 'refused')
              and (cluster_l, cluster_r) not in (select (cluster_l, cluster_r) from decided where verdict = 'different')
              and (cluster_r, cluster_l) not in (select (cluster_l, cluster_r) from decided where verdict = 'different')
            qualify row_number() over (partition by least(cluster_l, cluster_r), greatest(cluster_l, cluster_r) order by bits desc, l, r) = 1
        )
        select a.row_id as "left", b.row_id as "right", probability, verdict, {levels}
        from best join feature a on a.i = l join feature b on b.i = r
        qualify row_number() over (partition by cluster_l order by bits desc, l, r) <= {settings.doubts_per_row}
            and row_number() over (partition by cluster_r order by bits desc, l, r) <= {settings.doubts_per_row}
        order by probability desc, a.row_id, b.row_id
    """).to_arrow_table()
    reasons = [explaining.sentence(pair) for pair in found.to_pylist()]
    return found.select(["left", "right", "probability", "verdict"]).append_column(
        pa.field("reasons", pa.string()), pa.array(reasons, pa.string())
    ).cast(DOUBTFUL)
