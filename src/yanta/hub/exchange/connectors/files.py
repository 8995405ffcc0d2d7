"""A file, or a folder of files, that stays where it is: every sheet is a table that is read in full."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.compute as pc

from yanta.hub.exchange.connectors import filewriting
from yanta.hub.exchange.connectors.addresses import safe_name
from yanta.hub.exchange.connectors.base import (
    Address,
    ChangeBatch,
    ColumnShape,
    Mode,
    NoCapture,
    Reading,
    TableShape,
    Written,
)
from yanta.hub.exchange.connectors.databases import Watermark, watching
from yanta.hub.exchange.connectors.sheets import (
    SUFFIXES,
    FileOptions,
    Sheet,
    batches_of,
    schema_of,
    sheets_of,
)
from yanta.kernel.base import Refused


class FileConnector:
    """The address is a file or a folder; what is in it is recognised by its first bytes."""

    title: ClassVar[str] = "文件"

    def __init__(self, address: Address) -> None:
        self.place, self.options = Path(address.get("path")), FileOptions.of(address)

    def tables(self) -> list[TableShape]:
        if not self.place.exists():
            raise Refused(f"{self.place} 不存在，或本系统无权读取")
        return [shape_of(sheet) for path in self._paths() for sheet in sheets_of(path, self.options)]

    def shape(self, table: str) -> TableShape:
        return shape_of(self._sheet(table))

    def _paths(self) -> list[Path]:
        if self.place.is_file():
            return [self.place]
        found = (path for path in sorted(self.place.iterdir()) if path.is_file())
        return [
            path
            for path in found
            if path.suffix.lower() in SUFFIXES and not path.name.startswith((".", "~$"))
        ]

    def read(
        self,
        table: str,
        *,
        columns: Sequence[str] | None = None,
        after: str | None = None,
        by: str | None = None,
    ) -> Reading:
        sheet = self._sheet(table)
        wanted = list(columns or sheet.labels)
        if unknown := [name for name in (*wanted, *([by] if by else [])) if name not in sheet.labels]:
            raise Refused(f"“{table}”没有列“{'、'.join(unknown)}”")
        if by and by not in wanted:
            wanted.append(by)
        mark = Watermark(ColumnShape(by, "text") if by else None, after)
        made = Reading(schema_of(wanted), iter(()), watermark=after)
        rows = (later(batch, after, by) for batch in batches_of(sheet, wanted, made))
        made.batches = watching(made, rows, mark)
        return made

    def _sheet(self, table: str) -> Sheet:
        for path in self._paths():
            if table == path.name or table.startswith(f"{path.name}#"):
                for sheet in sheets_of(path, self.options):
                    if sheet.name == table:
                        return sheet
        raise Refused(f"没有文件或工作表“{table}”")

    def changes(self, table: str, *, position: str | None) -> Iterator[ChangeBatch]:
        raise NoCapture("文件没有变更日志，请整份读取")

    def write(
        self, table: str, batches: Iterable[pa.RecordBatch], *, key: Sequence[str] = (), mode: Mode = "upsert"
    ) -> Written:
        folder = self.place if self.place.is_dir() else self.place.parent
        return filewriting.write(folder / safe_name(table), batches, key=key, mode=mode)

    def close(self) -> None:
        return None


def shape_of(sheet: Sheet) -> TableShape:
    return TableShape(sheet.name, tuple(ColumnShape(label, "text") for label in sheet.labels))


def later(batch: pa.RecordBatch, after: Any, by: str | None) -> pa.RecordBatch:
    """Rows at or after the watermark, and those without one."""
    if after is None or not by:
        return batch
    column = batch.column(by)
    return batch.filter(pc.or_kleene(pc.greater_equal(column, after), pc.is_null(column)).fill_null(True))
