"""The messages of PostgreSQL's `pgoutput`, protocol version 1, as changes of rows."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

KEPT: Final = object()  # a large value that the update did not touch and the log leaves out
Cells = dict[str, object]


@dataclass(frozen=True, slots=True)
class Begin:
    xid: int


@dataclass(frozen=True, slots=True)
class Commit:
    end: str


@dataclass(frozen=True, slots=True)
class RowMessage:
    """`old` is set where an update changed the key, or the table logs whole rows."""

    operation: str
    table: str
    new: Cells | None
    old: Cells | None


@dataclass(frozen=True, slots=True)
class Truncate:
    tables: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Relation:
    table: str
    columns: tuple[str, ...]


Message = Begin | Commit | RowMessage | Truncate | None


class Reader:
    """Bytes of one message after the other; remembers what relations look like."""

    def __init__(self) -> None:
        self.relations: dict[int, Relation] = {}
        self._data, self._at = b"", 0

    def read(self, data: bytes) -> Message:
        self._data, self._at = data, 1
        sign = data[:1]
        if sign == b"R":
            self._relation()
        if sign == b"B":
            return self._begin()
        if sign == b"C":
            return self._commit()
        if sign == b"T":
            return self._truncate()
        return self._row(sign.decode()) if sign in (b"I", b"U", b"D") else None

    def _number(self, form: str) -> int:
        size = struct.calcsize(form)
        (value,) = struct.unpack_from(form, self._data, self._at)
        self._at += size
        return int(value)

    def _text(self) -> str:
        end = self._data.index(b"\0", self._at)
        text = self._data[self._at : end].decode()
        self._at = end + 1
        return text

    def _sign(self) -> str:
        self._at += 1
        return chr(self._data[self._at - 1])

    def _begin(self) -> Begin:
        self._at += 16
        return Begin(self._number("!I"))

    def _commit(self) -> Commit:
        self._at += 9
        return Commit(lsn_text(self._number("!Q")))

    def _relation(self) -> None:
        number = self._number("!I")
        schema, name = self._text(), self._text()
        self._at += 1
        columns = []
        for _ in range(self._number("!H")):
            self._at += 1
            columns.append(self._text())
            self._at += 8
        self.relations[number] = Relation(f"{schema}.{name}", tuple(columns))

    def _truncate(self) -> Truncate:
        count = self._number("!I")
        self._at += 1
        return Truncate(tuple(self.relations[self._number("!I")].table for _ in range(count)))

    def _row(self, operation: str) -> RowMessage:
        relation = self.relations[self._number("!I")]
        old: Cells | None = None
        sign = self._sign()
        if sign in "KO":
            old = self._cells(relation, only_key=sign == "K")
            sign = self._sign() if operation == "U" else ""
        new = self._cells(relation, only_key=False) if sign == "N" else None
        return RowMessage(operation.lower(), relation.table, new, old)

    def _cells(self, relation: Relation, *, only_key: bool) -> Cells:
        cells: Cells = {}
        for name in relation.columns[: self._number("!H")]:
            sign = self._sign()
            if sign == "t":
                size = self._number("!I")
                cells[name] = self._data[self._at : self._at + size].decode()
                self._at += size
            elif sign == "u":
                cells[name] = KEPT
            elif not only_key:
                cells[name] = None
        return cells


def lsn_text(number: int) -> str:
    return f"{number >> 32:X}/{number & 0xFFFFFFFF:X}"


def lsn_number(text: str) -> int:
    high, _, low = text.partition("/")
    return (int(high, 16) << 32) | int(low, 16)
