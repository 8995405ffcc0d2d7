"""Lines that a file's reader could not cut into cells: kept with their text and reason beside the run's files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from yanta.hub.exchange.public import Broken
from yanta.hub.pipelines import engines
from yanta.hub.pipelines.running.workspace import Workspace

if TYPE_CHECKING:
    from yanta.hub.pipelines.running.classifying import Found

FILE, PART = "unreadable.parquet", "无法读取的行"
# Under this name the whole line stands beside its cells.
LINE = "（原文）"
SCHEMA = pa.schema([
    ("line", pa.int64()), ("place", pa.string()), ("text", pa.string()), ("reason", pa.string()), ("cells", pa.list_(pa.string())),
])  # fmt: skip


class Lines:
    """Takes what a reading has put aside, batch by batch."""

    def __init__(self, workspace: Workspace) -> None:
        self._path, self._writer, self.rows = workspace.path(FILE), None, 0

    _writer: pq.ParquetWriter | None

    def take(self, broken: list[Broken]) -> None:
        if not broken:
            return
        rows = [
            {
                "line": one.line,
                "place": one.place,
                "text": one.text,
                "reason": one.reason,
                "cells": list(one.cells),
            }
            for one in broken
        ]
        self._writer = self._writer or pq.ParquetWriter(self._path, SCHEMA)
        self._writer.write_table(pa.Table.from_pylist(rows, schema=SCHEMA))
        self.rows += len(rows)
        broken.clear()

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()


def counted(workspace: Workspace, found: Found) -> None:
    """They were read and are held back, as a part of the account of their own."""
    from yanta.hub.pipelines.running.classifying import Part

    path = workspace.path(FILE)
    if not path.is_file():
        return
    part, total = Part(PART), 0
    for row in _rows(path):
        part.counts["quarantined"] += 1
        total += int(hashlib.md5(row["text"].encode(), usedforsecurity=False).hexdigest(), 16)
        found.reasons[row["reason"]] = found.reasons.get(row["reason"], 0) + 1
    part.checksum = f"{total % (1 << 128):032x}"
    found.parts[PART] = part


def held(folder: Path, columns: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Each line with as many of its cells as have a column; the line itself is kept whole."""
    path = folder / FILE
    if not path.is_file():
        return
    names = list(columns)
    for row in _rows(path):
        cells = dict.fromkeys(names) | dict(zip(names, row["cells"], strict=False)) | {LINE: row["text"]}
        yield {
            "kind": "line", "place": row["line"] - 1, "row_key": "", "reasons": f"{row['place']}：{row['reason']}",
            "original": cells,
        }  # fmt: skip


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    for batch in engines.batches(path):
        yield from batch.to_pylist()
