"""The eleven sample rosters: from the files to one record per person, then the same files again."""

from __future__ import annotations

import time
from typing import Any


def run(*, address: str) -> dict[str, Any]:
    """Seconds of a first intake and of an identical one, with the receipts' counts; `ratio` is second to first."""
    first, counts, steps = _intake()
    again, same, _ = _intake()
    if same["new"] or same["changed"] or same["persons_new"]:
        raise AssertionError(f"the second run changed something: {same}")
    return {
        "seconds": round(first, 2),
        "again_seconds": round(again, 2),
        "ratio": round(again / first, 2),
        "rows_per_second": round(counts["read"] / first),
        "steps": steps,
        "counts": counts,
    }


def _intake() -> tuple[float, dict[str, Any], dict[str, Any]]:
    from yanta.hub.pipeline import SAMPLES
    from yanta.hub.services import runs
    from yanta.kernel.base import Actor

    started = time.perf_counter()
    run = runs.intake(SAMPLES, actor=Actor.system("bench"), accept_mapping=True)
    return time.perf_counter() - started, run.counts, run.timings
