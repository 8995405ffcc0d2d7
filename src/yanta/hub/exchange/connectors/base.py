"""What every connector offers: shapes, readings, changes, writings, in Arrow batches of bounded size."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

import pyarrow as pa

from yanta.kernel.base import Refused

Kind = Literal["text", "integer", "decimal", "number", "date", "instant", "time", "flag", "binary"]
Mode = Literal["upsert", "replace", "append"]
# Rows of one batch; with the widest tables seen (200 columns) that stays under 100 MB.
BATCH = 20_000
OPERATION = "_op"


class NoCapture(Refused):
    """This kind of connection cannot tell single changes; read it in full or by watermark."""


class SnapshotNeeded(Refused):
    """The log no longer reaches back to the stored position: only a new snapshot makes the copy whole again."""


class DriftStop(Refused):
    """The table no longer is what was accepted, and reading on would lose or spoil values."""


@dataclass(frozen=True, slots=True)
class ColumnShape:
    """One column as the source declares it."""

    name: str
    kind: Kind
    nullable: bool = True


@dataclass(frozen=True, slots=True)
class TableShape:
    """One table, sheet, file or endpoint; `rows` is None where counting would cost a full read."""

    name: str
    columns: tuple[ColumnShape, ...]
    rows: int | None = None
    key: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> ColumnShape | None:
        return next((column for column in self.columns if column.name == name), None)


@dataclass(frozen=True, slots=True)
class Broken:
    """A line that could not be read into the table's cells, whole, with as many cells as could be told, in the order of
    the reading's columns. `line` is its number in the file; without cells there is nothing to put right."""

    place: str
    line: int
    text: str
    reason: str
    cells: tuple[str | None, ...] = ()


@dataclass(slots=True)
class Reading:
    """A read under way. What stands below `batches` is true once they are exhausted.

    `broken` are lines that were not delivered and belong into quarantine: take them out as the batches come, for a file
    may hold nothing else; `rejected` is how many there were. `surplus` are columns that appeared and were not delivered.
    """

    schema: pa.Schema
    batches: Iterator[pa.RecordBatch]
    watermark: str | None = None
    rows: int = 0
    broken: list[Broken] = field(default_factory=list)
    rejected: int = 0
    surplus: set[str] = field(default_factory=set)

    def reader(self) -> pa.RecordBatchReader:
        return pa.RecordBatchReader.from_batches(self.schema, self.batches)


@dataclass(frozen=True, slots=True)
class ChangeBatch:
    """Changes in the order of the source; `_op` is i, u or d. Store `position` with the rows, or not at all.

    The first batches of a capture without a position are its snapshot (all `i`): whoever loads them as a full
    refresh loses the rows that the target has and the source no longer.
    """

    rows: pa.RecordBatch
    position: str
    phase: Literal["snapshot", "changes"] = "changes"


@dataclass(frozen=True, slots=True)
class Written:
    """What a write did. read = new + changed + unchanged + deletions; `removed` rows were in the target before and are not
    now, by a replace or by the deletions that came."""

    read: int
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    deletions: int = 0

    def __post_init__(self) -> None:
        if self.read != self.new + self.changed + self.unchanged + self.deletions:
            raise ValueError(f"the counts of a write do not add up: {self}")


class Connector(Protocol):
    """One opened connection. Whatever it cannot do, it refuses in words."""

    def tables(self) -> list[TableShape]: ...

    def shape(self, table: str) -> TableShape:
        """One of them, as it is now; Refused for an unknown one."""

    def read(
        self,
        table: str,
        *,
        columns: Sequence[str] | None = None,
        after: str | None = None,
        by: str | None = None,
    ) -> Reading:
        """All rows, or with `by` those at or after the watermark `after`: ties come again, nothing is left out.

        Rows without a watermark value come with every incremental read. The caller tells them apart by key.
        """

    def changes(self, table: str, *, position: str | None) -> Iterator[ChangeBatch]:
        """What happened since the position, up to now; without one the snapshot first. Raises NoCapture."""

    def write(
        self, table: str, batches: Iterable[pa.RecordBatch], *, key: Sequence[str] = (), mode: Mode = "upsert"
    ) -> Written:
        """Everything or nothing; "replace" swaps the new content in when it is complete and counted.

        With a column `_op` an upsert carries changes as a capture tells them: rows of `d` are deleted by their key.
        """

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Address:
    """Where a connection leads: parameters as declared by its kind, secrets apart so that nothing shows them."""

    kind: str
    parameters: dict[str, str]
    secrets: dict[str, str] = field(default_factory=dict, repr=False)

    def get(self, name: str, default: str = "") -> str:
        return str(self.parameters.get(name) or default)

    def secret(self, name: str) -> str:
        return self.secrets.get(name, "")

    def number(self, name: str, default: int) -> int:
        text = self.get(name)
        if not text:
            return default
        if not text.isdecimal():
            raise Refused(f"参数“{name}”应为整数，现为“{text}”")
        return int(text)


class ReadOnly:
    """The half of a connector that cannot write or tell changes."""

    title = "这种连接"

    def changes(self, table: str, *, position: str | None) -> Iterator[ChangeBatch]:
        raise NoCapture(f"{self.title}没有变更日志，请用全量或按水位增量读取")

    def write(
        self, table: str, batches: Iterable[pa.RecordBatch], *, key: Sequence[str] = (), mode: Mode = "upsert"
    ) -> Written:
        raise Refused(f"{self.title}只能读取，不能写入")

    def close(self) -> None:
        return None
