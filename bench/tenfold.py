"""Ten million rows beside one million: does the time grow in step, does the memory stay?"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import importing
import psycopg

from yanta.hub.loading import Landing, generated, land

SIZES = (1_000_000, 10_000_000)


def run(*, address: str, sizes: tuple[int, ...] = SIZES) -> dict[str, Any]:
    """Each size in a process of its own, for the peak of memory is a process's."""
    figures = {f"{rows:,}": _apart(address, rows) for rows in sizes}
    small, large = list(figures.values())
    growth = large["seconds"] / small["seconds"] / (sizes[1] / sizes[0])
    memory = large["peak_memory_mb"] / small["peak_memory_mb"]
    return {**figures, "seconds_per_row_grow_by": round(growth, 2), "memory_grows_by": round(memory, 2)}


def _apart(address: str, rows: int) -> dict[str, Any]:
    command = [sys.executable, __file__, address, str(rows)]
    found: dict[str, Any] = json.loads(
        subprocess.run(command, check=True, capture_output=True, text=True).stdout
    )
    return found


def measure(address: str, rows: int) -> dict[str, Any]:
    with TemporaryDirectory() as folder, psycopg.connect(address, autocommit=True) as connection:
        file = Path(folder, "roster.csv")
        subprocess.run([sys.executable, __file__, "write", str(file), str(rows)], check=True)
        importing._fresh(connection)
        connection.execute("CHECKPOINT")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        started = time.perf_counter()
        counts = land(file, Landing(address, table="bench_roster", rejects="bench_rejects"), run=1)
        seconds = time.perf_counter() - started
        again = time.perf_counter()
        same = land(file, Landing(address, table="bench_roster", rejects="bench_rejects"), run=2)
        importing._drop(connection)
        size = file.stat().st_size
    if not (counts.adds_up and same.adds_up and same.new == same.changed == 0):
        raise AssertionError(f"the receipts do not add up: {counts} {same}")
    return {
        "seconds": round(seconds, 1), "rows_per_second": round(rows / seconds), "again_seconds": round(time.perf_counter() - again, 1),
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, "memory_before_mb": before // 1024,
        "file_mb": size // 2**20, "new": counts.new, "quarantined": counts.quarantined,
    }  # fmt: skip


if __name__ == "__main__":
    if sys.argv[1] == "write":
        generated.write(Path(sys.argv[2]), rows=int(sys.argv[3]))
    else:
        import os

        import django

        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yanta.config.settings")
        django.setup()
        print(json.dumps(measure(sys.argv[1], int(sys.argv[2]))))
