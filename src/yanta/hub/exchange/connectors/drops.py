"""Drops: a folder, here or behind SFTP, into which others put files; each delivered file is taken once."""

from __future__ import annotations

import fnmatch
import hashlib
import os
import shutil
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar, Protocol

import pyarrow as pa

from yanta.hub.exchange.connectors import filewriting
from yanta.hub.exchange.connectors.addresses import safe_name
from yanta.hub.exchange.connectors.base import (
    Address,
    Broken,
    ChangeBatch,
    ColumnShape,
    Mode,
    NoCapture,
    Reading,
    TableShape,
    Written,
)
from yanta.hub.exchange.connectors.sheets import (
    SUFFIXES,
    FileOptions,
    Sheet,
    batches_of,
    schema_of,
    sheets_of,
)
from yanta.kernel.base import Refused

DONE = "已取"
FILE_COLUMN = "_file"
# Suffixes under which programs write what is not finished yet.
_UNFINISHED = (".part", ".tmp", ".filepart", ".crdownload", ".uploading", ".swp", ".lock")
_SETTLED = 10


@dataclass(frozen=True, slots=True)
class Parcel:
    """A file in the drop, as it looks from outside."""

    name: str
    size: int
    changed_at: float


class Place(Protocol):
    """Where the files lie."""

    def parcels(self) -> list[Parcel]: ...

    def fetch(self, name: str, to: Path) -> None: ...

    def put_away(self, name: str, under: str) -> None: ...

    def deliver(self, made: Path, name: str) -> None: ...

    def close(self) -> None: ...


class Ledger(Protocol):
    """Who remembers which deliveries were taken. What was offered is taken when its token comes back."""

    def is_taken(self, table: str, name: str, digest: str) -> bool: ...

    def offer(self, table: str, parcels: Sequence[tuple[str, str]]) -> str: ...

    def settle(self, table: str, token: str) -> None: ...


class MemoryLedger:
    """For a connector without a database behind it."""

    def __init__(self) -> None:
        self.offered: dict[str, list[tuple[str, str, str]]] = {}
        self.taken: set[tuple[str, str, str]] = set()

    def is_taken(self, table: str, name: str, digest: str) -> bool:
        return (table, name, digest) in self.taken

    def offer(self, table: str, parcels: Sequence[tuple[str, str]]) -> str:
        token = uuid.uuid4().hex
        self.offered[token] = [(table, name, digest) for name, digest in parcels]
        return token

    def settle(self, table: str, token: str) -> None:
        self.taken |= set(self.offered.get(token, ()))


class LocalPlace:
    """A folder of this server."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def parcels(self) -> list[Parcel]:
        if not self.folder.is_dir():
            raise Refused(f"目录 {self.folder} 不存在，或本系统无权读取")
        found = (path for path in sorted(self.folder.iterdir()) if path.is_file() and not path.is_symlink())
        return [Parcel(path.name, path.stat().st_size, path.stat().st_mtime) for path in found]

    def fetch(self, name: str, to: Path) -> None:
        shutil.copyfile(self.folder / safe_name(name), to)

    def put_away(self, name: str, under: str) -> None:
        (self.folder / DONE).mkdir(exist_ok=True)
        os.replace(self.folder / safe_name(name), self.folder / DONE / safe_name(under))

    def deliver(self, made: Path, name: str) -> None:
        draft = self.folder / f".{safe_name(name)}.part"
        shutil.copyfile(made, draft)
        if draft.stat().st_size != made.stat().st_size:
            draft.unlink()
            raise Refused("写入的文件大小不符，原文件未动")
        os.replace(draft, self.folder / name)

    def close(self) -> None:
        return None


class DropConnector:
    """Tables are patterns of names. Files are taken when the watermark of their reading comes back to the ledger."""

    title: ClassVar[str] = "文件投放"

    def __init__(
        self,
        address: Address,
        place: Place,
        *,
        ledger: Ledger | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.address, self.place, self.now = address, place, now
        self.ledger: Ledger = ledger or MemoryLedger()
        self.options = FileOptions.of(address)
        self.settled = address.number("settle", _SETTLED)

    @property
    def patterns(self) -> dict[str, str]:
        """Table → pattern, from parameters like `table.学生 = xs_*.csv`; without any, one table of all files."""
        found = {k[6:]: v for k, v in self.address.parameters.items() if k.startswith("table.")}
        return found or {"文件": "*"}

    def tables(self) -> list[TableShape]:
        return [self.shape(table) for table in self.patterns]

    def shape(self, table: str) -> TableShape:
        """As the first waiting file has it; without one nothing is known."""
        self._require(table)
        parcels = self.place.parcels()
        waiting = next((parcel for parcel in parcels if self._is_ready(table, parcel, parcels)), None)
        if waiting is None:
            return TableShape(table, ())
        with TemporaryDirectory(prefix="exchange-") as folder:
            return TableShape(table, _columns(self._fetched(waiting.name, Path(folder)).labels))

    def _require(self, table: str) -> None:
        if table not in self.patterns:
            raise Refused(f"投放目录没有约定表“{table}”")

    def _is_ready(self, table: str, parcel: Parcel, all_: Sequence[Parcel]) -> bool:
        """Complete, by all that can be told from outside."""
        name = parcel.name
        lowered = name.lower()
        if (
            name.startswith((".", "~$"))
            or lowered.endswith(_UNFINISHED)
            or Path(lowered).suffix not in SUFFIXES
        ):
            return False
        if not fnmatch.fnmatch(name, self.patterns[table]):
            return False
        if mark := self.address.get("ready"):
            return any(other.name == f"{name}{mark}" for other in all_)
        return self.now() - parcel.changed_at >= self.settled

    def read(
        self,
        table: str,
        *,
        columns: Sequence[str] | None = None,
        after: str | None = None,
        by: str | None = None,
    ) -> Reading:
        self._require(table)
        if by:
            raise Refused("投放的文件按文件取，一份取一次，不用水位列")
        if after:
            self.ledger.settle(table, after)
        folder = TemporaryDirectory(prefix="exchange-")
        fresh = self._fresh(table, Path(folder.name))
        labels = list(columns or (fresh[0][1].labels if fresh else ()))
        labels = [label for label in labels if label != FILE_COLUMN]
        schema = schema_of([*labels, FILE_COLUMN])
        made = Reading(schema, iter(()), watermark=after)
        made.batches = self._rows(table, fresh, labels, made, folder)
        return made

    def _fresh(self, table: str, folder: Path) -> list[tuple[str, Sheet, str]]:
        """Complete files that were not taken; those that were, and still lie here, are put away."""
        parcels = self.place.parcels()
        fresh = []
        for parcel in parcels:
            if not self._is_ready(table, parcel, parcels):
                continue
            sheet = self._fetched(parcel.name, folder)
            digest = _digest(folder / parcel.name)
            if self.ledger.is_taken(table, parcel.name, digest):
                self._put_away(parcel.name, digest)
            else:
                fresh.append((parcel.name, sheet, digest))
        return fresh

    def _put_away(self, name: str, digest: str) -> None:
        if self.address.get("keep") == "yes":
            return
        stem, dot, suffix = name.rpartition(".")
        self.place.put_away(name, f"{stem}.{digest[:8]}{dot}{suffix}")
        if mark := self.address.get("ready"):
            with suppress(OSError):
                self.place.put_away(f"{name}{mark}", f"{stem}.{digest[:8]}{dot}{suffix}{mark}")

    def _fetched(self, name: str, folder: Path) -> Sheet:
        to = folder / safe_name(name)
        if not to.exists():
            self.place.fetch(name, to)
        return sheets_of(to, self.options)[0]

    def _rows(
        self,
        table: str,
        fresh: list[tuple[str, Sheet, str]],
        labels: list[str],
        made: Reading,
        folder: TemporaryDirectory[str],
    ) -> Iterator[pa.RecordBatch]:
        """File by file; one without the agreed columns is left lying and told, the others go on."""
        taken = []
        with folder:
            for name, sheet, digest in fresh:
                missing = [label for label in labels if label not in sheet.labels]
                made.surplus |= set(sheet.labels) - set(labels)
                if missing:
                    made.broken.append(Broken(name, 1, name, f"整份未取：缺少列“{'、'.join(missing)}”"))
                    made.rejected += sum(1 for _ in sheet.lines())
                    continue
                for batch in batches_of(sheet, labels, made):
                    made.rows += batch.num_rows
                    names = pa.array([name] * batch.num_rows, pa.string())
                    yield pa.record_batch([*batch.columns, names], schema=made.schema)
                taken.append((name, digest))
        made.watermark = self.ledger.offer(table, taken) if taken else None

    def changes(self, table: str, *, position: str | None) -> Iterator[ChangeBatch]:
        raise NoCapture("投放的文件没有变更日志")

    def write(
        self, table: str, batches: Iterable[pa.RecordBatch], *, key: Sequence[str] = (), mode: Mode = "upsert"
    ) -> Written:
        """A file of that name, whole or not at all."""
        with TemporaryDirectory(prefix="exchange-") as folder:
            made = Path(folder) / safe_name(table)
            if mode != "replace" and any(parcel.name == table for parcel in self.place.parcels()):
                self.place.fetch(table, made)
            written = filewriting.write(made, batches, key=key, mode=mode)
            self.place.deliver(made, table)
        return written

    def close(self) -> None:
        self.place.close()


def _columns(labels: Sequence[str]) -> tuple[ColumnShape, ...]:
    return tuple(ColumnShape(label, "text") for label in (*labels, FILE_COLUMN)) if labels else ()


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
