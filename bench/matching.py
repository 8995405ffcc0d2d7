"""Person matching against Splink: the same invented rows, the same process, seconds and pairwise F1."""

import gc
import logging
import resource
import time
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from typing import Any

import people
from splink_peer import Peer

from yanta.hub.matching import match

# Splink is given the threshold that suits it best on these very rows.
THRESHOLDS = (0.99, 0.5, 0.9, 0.95, 0.999, 0.9999)

# Other people, and rosters from tidy to wretched.
VARIED = ((11, 0.3), (12, 1.0), (13, 2.0), (14, 4.0))


def run(records: int = 100_000, *, address: str = "", repeats: int = 2) -> dict[str, Any]:
    """Best seconds and accuracy of both; `ratio` is our seconds over Splink's. The database is not needed."""
    figures = measure(records, seed=7, dirt=1.0, repeats=repeats)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    varied = {
        f"seed {seed}, dirt {dirt}": {
            name: value for name, value in measure(20_000, seed=seed, dirt=dirt).items() if "f1" in name
        }
        for seed, dirt in VARIED
    }
    return figures | {"peak_mb": round(peak), "varied_20000": varied}


def measure(records: int, *, seed: int, dirt: float, repeats: int = 1) -> dict[str, Any]:
    """Turn about, so that whatever else the machine does falls on both."""
    roster = people.roster(records=records, seed=seed, dirt=dirt)
    ours, theirs = [], []
    for _ in range(repeats):
        ours.append(_yanta(roster))
        theirs.append(_splink(roster))
    (seconds, processor, found), (splink_seconds, splink_processor, splink_found) = min(ours), min(theirs)
    return {
        "records": records,
        "seconds": round(seconds, 2),
        "splink_seconds": round(splink_seconds, 2),
        "ratio": round(seconds / splink_seconds, 3),
        "processor_seconds": round(processor, 2),
        "splink_processor_seconds": round(splink_processor, 2),
        **dict(found),
        **{f"splink_{name}": value for name, value in splink_found},
    }


Measured = tuple[float, float, tuple[tuple[str, float], ...]]


def _yanta(roster: people.Roster) -> Measured:
    gc.collect()
    begun, used = time.perf_counter(), time.process_time()
    clusters = match(roster.rows).clusters
    seconds, processor = time.perf_counter() - begun, time.process_time() - used
    found = dict(zip(clusters["row_id"].to_pylist(), clusters["person_key"].to_pylist(), strict=True))
    return seconds, processor, tuple(score(roster, found).items())


def _splink(roster: people.Roster) -> Measured:
    """Seconds to the clusters of one threshold; the others are tried off the clock."""
    gc.collect()
    logging.disable(logging.CRITICAL)  # it tells its progress line by line
    begun, used = time.perf_counter(), time.process_time()
    peer = Peer(roster.rows)
    peer.predict()
    tried = [peer.cluster(threshold=THRESHOLDS[0])]
    seconds, processor = time.perf_counter() - begun, time.process_time() - used
    tried += [peer.cluster(threshold=threshold) for threshold in THRESHOLDS[1:]]
    logging.disable(logging.NOTSET)
    best = max((score(roster, clusters) for clusters in tried), key=lambda figures: figures["f1"])
    return seconds, processor, tuple(best.items())


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
