"""Person matching against Splink: the same invented rows, the same process, seconds and pairwise F1."""

import gc
import resource
import time
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any, TypeVar

from bench import people
from bench.splink_peer import Peer
from yanta.hub.matching import match

T = TypeVar("T")

# Splink is given the threshold that suits it best on these very rows.
THRESHOLDS = (0.5, 0.9, 0.95, 0.99, 0.999, 0.9999)


def run(records: int = 100_000, *, seed: int = 7, dirt: float = 1.0) -> dict[str, Any]:
    """Seconds and accuracy of both; `ratio` is our seconds over Splink's."""
    roster = people.roster(records=records, seed=seed, dirt=dirt)
    result, seconds = _timed(lambda: match(roster.rows))
    ids = result.clusters.column("row_id").to_pylist()
    ours = score(roster, dict(zip(ids, result.clusters.column("person_key").to_pylist(), strict=True)))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    del result
    gc.collect()
    theirs, splink_seconds, threshold = _splink(roster)
    return {
        "records": records, "seconds": round(seconds, 2), "splink_seconds": round(splink_seconds, 2),
        "ratio": round(seconds / splink_seconds, 3), **ours,
        **{f"splink_{name}": value for name, value in theirs.items()}, "splink_threshold": threshold,
        "peak_mb": round(peak), "records_per_second": round(records / seconds),
    }


def _splink(roster: people.Roster) -> tuple[dict[str, float], float, float]:
    peer, setting_up = _timed(lambda: Peer(roster.rows))
    _, predicting = _timed(peer.predict)
    best: tuple[dict[str, float], float, float] = ({"f1": -1.0}, 0.0, 0.0)
    for threshold in THRESHOLDS:
        clusters, clustering = _timed(lambda at=threshold: peer.cluster(threshold=at))
        figures = score(roster, clusters)
        if figures["f1"] > best[0]["f1"]:
            best = figures, setting_up + predicting + clustering, threshold
    return best


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    begun = time.perf_counter()
    return work(), time.perf_counter() - begun


def score(roster: people.Roster, found: Mapping[int, str]) -> dict[str, float]:
    """By pairs of rows: precision over all joined, recall over those that share a key at all."""
    keys = [found[row_id] for row_id in roster.rows.column("row_id").to_pylist()]
    joined, right = _pairs(keys), _pairs(zip(keys, roster.person, strict=True))
    required, reached = _pairs(roster.group), _pairs(zip(keys, roster.group, strict=True))
    precision, recall = right / max(joined, 1), reached / max(required, 1)
    f1 = 2 * precision * recall / max(precision + recall, 1e-9)
    return {"f1": round(f1, 5), "precision": round(precision, 5), "recall": round(recall, 5)}


def _pairs(labels: Iterable[Hashable]) -> int:
    return sum(n * (n - 1) // 2 for n in Counter(labels).values())
