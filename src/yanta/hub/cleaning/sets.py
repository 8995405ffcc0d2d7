"""Where code sets come from: the nation's lie in the kernel, the school's beside its rosters."""

from __future__ import annotations

import csv
import io
from functools import cache
from importlib import resources
from pathlib import Path


@cache
def national_set(name: str) -> tuple[dict[str, str], ...]:
    """The rows of a packaged national code set."""
    source = resources.files("yanta.kernel.codes") / "data" / "sets" / f"{name}.csv"
    return tuple(csv.DictReader(io.StringIO(source.read_text("utf-8-sig"), newline="")))


def school_tables(directory: Path | None) -> list[list[dict[str, str]]]:
    """Every csv of the school's reference directory; its columns tell what it is, not its name."""
    if directory is None or not directory.is_dir():
        return []
    return [_rows(path) for path in sorted(directory.glob("*.csv"))]


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return [
            {key: (value or "").strip() for key, value in row.items() if key}
            for row in csv.DictReader(stream)
        ]
