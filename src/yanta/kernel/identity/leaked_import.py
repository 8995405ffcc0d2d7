"""Making the collection from the text format of Pwned Passwords: `SHA1:COUNT`, one a line, in any order."""

from __future__ import annotations

import os
import re
import time
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

from yanta.kernel.base import Refused
from yanta.kernel.identity.leaked import BUCKETS, HEAD, KEY_BYTES, MAGIC, OFFSET, path

CHUNK = 8 << 20
SPILLS = 256
_LINE = re.compile(rb"[0-9A-Fa-f]{40}(?::[0-9]{1,12})?\Z")
Step = Callable[[int, int, str], None]


@dataclass(slots=True)
class Receipt:
    """read = kept + doubled + rare + rejected, always."""

    read: int = 0
    kept: int = 0
    doubled: int = 0
    rare: int = 0
    rejected: int = 0
    size: int = 0
    seconds: float = 0.0

    @property
    def adds_up(self) -> bool:
        return self.read == self.kept + self.doubled + self.rare + self.rejected

    def __str__(self) -> str:
        return (
            f"读入 {self.read} = 写入 {self.kept} + 重复 {self.doubled} + 少于门槛 {self.rare} + 格式不符 {self.rejected}；"
            f"文件 {self.size / 1e6:.1f} MB，用时 {self.seconds:.1f} 秒"
        )


def import_file(source: Path, *, at_least: int = 1, step: Step = lambda *_: None) -> Receipt:
    """Write the collection anew and put it in the place of the old one in one step; memory stays bounded.

    A file without a single usable line is refused and the old collection stays.
    """
    began, receipt, target = time.monotonic(), Receipt(), path()
    target.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=target.parent, prefix="leaked-") as folder:
        _spill(source, Path(folder), receipt, at_least, step)
        if receipt.read == receipt.rejected + receipt.rare:
            raise Refused("文件里没有一行“SHA-1:次数”格式的数据，原有的库没有改动")
        made = Path(folder) / "made"
        _write(Path(folder), made, receipt, at_least)
        receipt.size = made.stat().st_size
        os.replace(made, target)
    receipt.seconds = time.monotonic() - began
    return receipt


def _lines(source: Path, step: Step) -> Iterator[list[bytes]]:
    total, done, rest = source.stat().st_size, 0, b""
    with source.open("rb") as file:
        while part := file.read(CHUNK):
            done += len(part)
            lines = (rest + part).split(b"\n")
            rest = lines.pop()
            yield lines
            step(done, total, "")
    if rest:
        yield [rest]


def _spill(source: Path, folder: Path, receipt: Receipt, at_least: int, step: Step) -> None:
    """By the first byte into 256 files, each small enough to be sorted in memory."""
    with ExitStack() as stack:
        files = [stack.enter_context((folder / f"{n:02x}").open("wb")) for n in range(SPILLS)]
        for lines in _lines(source, step):
            _sort_out(lines, files, receipt, at_least)


def _sort_out(lines: list[bytes], files: Sequence[IO[bytes]], receipt: Receipt, at_least: int) -> None:
    parts: list[list[bytes]] = [[] for _ in range(SPILLS)]
    for raw in lines:
        line = raw.strip()
        if not line:
            continue
        receipt.read += 1
        if not _LINE.match(line):
            receipt.rejected += 1
        elif at_least > 1 and int(line[41:] or 1) < at_least:
            receipt.rare += 1
        else:
            parts[int(line[:2], 16)].append(bytes.fromhex(line[: KEY_BYTES * 2].decode()))
    for file, keys in zip(files, parts, strict=True):
        file.write(b"".join(keys))


def _write(folder: Path, made: Path, receipt: Receipt, at_least: int) -> None:
    counts = array("Q", bytes(8 * BUCKETS))
    with made.open("wb") as out:
        out.seek(HEAD.size + OFFSET.size * (BUCKETS + 1))
        for n in range(SPILLS):
            _append(folder / f"{n:02x}", out, counts, receipt)
        out.seek(0)
        out.write(HEAD.pack(MAGIC, receipt.kept, int(time.time()), at_least))
        offset = 0
        for count in counts:
            out.write(OFFSET.pack(offset))
            offset += count
        out.write(OFFSET.pack(offset))
        out.flush()
        os.fsync(out.fileno())


def _append(spill: Path, out: IO[bytes], counts: array[int], receipt: Receipt) -> None:
    """One spill sorted and without doubles; numpy sorts eight bytes a key where Python would need a hundred."""
    import numpy

    raw = numpy.frombuffer(spill.read_bytes(), dtype=numpy.uint8).reshape(-1, KEY_BYTES)
    wide: Any = numpy.zeros((len(raw), 8), dtype=numpy.uint8)
    wide[:, 1:] = raw
    keys: Any = numpy.unique(wide.view(">u8").ravel())
    receipt.doubled += len(raw) - len(keys)
    receipt.kept += len(keys)
    for bucket, count in zip(*numpy.unique(keys >> numpy.uint64(40), return_counts=True), strict=True):
        counts[int(bucket)] = int(count)
    out.write(keys.astype(">u8").view(numpy.uint8).reshape(-1, 8)[:, 3:].tobytes())
    spill.unlink()
