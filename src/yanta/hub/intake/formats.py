"""Which reader a file needs, judged by its first bytes and never by its name alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from yanta.hub.intake.databases import dbf_grids, sqlite_grids
from yanta.hub.intake.grids import Grid
from yanta.hub.intake.texts import text_grids
from yanta.hub.intake.workbooks import workbook_grids

_MARKS: tuple[tuple[bytes, Callable[[Path], list[Grid]]], ...] = (
    (b"SQLite format 3\0", sqlite_grids),
    (b"PK\x03\x04", workbook_grids),
    (b"\xd0\xcf\x11\xe0", workbook_grids),
)
# dBase III, IV, Visual FoxPro, with and without memo.
_DBF_VERSIONS = frozenset(b"\x02\x03\x30\x31\x32\x43\x83\x8b\xcb\xf5")


class UnreadableError(Exception):
    """A file that no reader understands; the message is for the clerk."""


def open_grids(path: Path, *, undecodable: str = "replace") -> list[Grid]:
    """Every grid of the file; `undecodable` says what becomes of bytes of a text that are no characters."""
    with path.open("rb") as stream:
        start = stream.read(32)
    try:
        reader = _reader(start)
        return text_grids(path, undecodable=undecodable) if reader is text_grids else reader(path)
    except Exception as fault:
        raise UnreadableError(f"{path.name} 读不出来：{fault}") from fault


def _reader(start: bytes) -> Callable[[Path], list[Grid]]:
    for mark, reader in _MARKS:
        if start.startswith(mark):
            return reader
    return dbf_grids if _is_dbf(start) else text_grids


def _is_dbf(start: bytes) -> bool:
    """A version byte, then a plausible month and day of the last change."""
    return len(start) == 32 and start[0] in _DBF_VERSIONS and 1 <= start[2] <= 12 and 1 <= start[3] <= 31
