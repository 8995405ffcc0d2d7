"""A run's findings as files: who each row is, what was held back, the merged records."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from yanta.hub.storing.delivery import Delivery


def write(delivery: Delivery, *, clusters: Path | None, quarantine: Path | None, golden: Path | None) -> None:
    """Those of the three that are wanted."""
    if clusters:
        found = (
            (line.file, line.sheet, line.row, delivery.clusters[line.row_id])
            for line in delivery.lines
            if not line.reason and line.row_id in delivery.clusters
        )
        _write(clusters, ("file", "sheet", "row", "person_id"), found)
    if quarantine:
        held = ((line.file, line.sheet, line.row, line.reason) for line in delivery.lines if line.reason)
        _write(quarantine, ("file", "sheet", "row", "reason"), held)
    if golden:
        values = ((one.person_key, one.element, one.value) for one in delivery.golden)
        _write(golden, ("person_id", "element", "value"), values)


def _write(path: Path, header: tuple[str, ...], rows: Iterable[Iterable[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(header)
        writer.writerows(rows)
