"""A form that is open: what Word and Excel have in common when they are written."""

from __future__ import annotations

import math
import re
from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, ClassVar

from yanta.kernel.documents import detecting, measuring, values
from yanta.kernel.documents.marks import NAMED, TICKED, Mark, marks
from yanta.kernel.documents.measuring import Fit
from yanta.kernel.documents.model import Block, Cell, Grid, Line, Opinion, Slot
from yanta.kernel.documents.stretches import Stretch

FITS = Fit(0, True)
ANNEXED = "…见附页"


class FormFile(ABC):
    """Slots are filled from the last to the first within a cell, so that the places found stay true."""

    kind: ClassVar[str]
    blocks: list[Block]

    def __init__(self) -> None:
        self._marks: dict[str, list[Mark]] = {}
        self._places: dict[str, Cell | Line] = {}
        self._grids: dict[str, Grid] = {}
        self.annexed: list[tuple[str, str]] = []
        for block in self.blocks:
            self._index(block)

    def _index(self, block: Block) -> None:
        if isinstance(block, Line):
            self._places[block.key] = block
            return
        for cell in block.cells:
            self._places[cell.key], self._grids[cell.key] = cell, block
            for inner in cell.inner:
                self._index(inner)

    def slots(self) -> list[Slot]:
        return detecting.slots_of(self.blocks)

    def place(self, key: str) -> Cell | Line:
        return self._places[key.partition("#")[0].rstrip("*")]

    def cell(self, key: str) -> Cell:
        found = self.place(key)
        if not isinstance(found, Cell):
            raise LookupError(f"{key} is no cell")
        return found

    def mark(self, key: str) -> Mark:
        base, _, number = key.partition("#")
        if base not in self._marks:
            self._marks[base] = marks(self.place(key).text)
        return self._marks[base][int(number)]

    # What each kind of file does in its own way.

    @abstractmethod
    def stretch(self, place: Cell | Line) -> Stretch: ...

    @abstractmethod
    def fit_of(self, cell: Cell, text: str) -> Fit:
        """The letter with which a text stays in an empty cell."""

    @abstractmethod
    def write_cell(self, cell: Cell, text: str) -> None: ...

    @abstractmethod
    def room_of(self, place: Cell | Line) -> tuple[float, float, float]:
        """Width and height of a place in points, 0 where they are not known, and its letter."""

    @abstractmethod
    def write_annex(self, title: str) -> int:
        """What found no room in its cell, in full on a page behind; answers how many pages."""

    @abstractmethod
    def write_photo(self, slot: Slot, photo: bytes) -> None: ...

    @abstractmethod
    def fit_of_lead(self, cell: Cell, text: str) -> Fit:
        """The letter with which words stay in a cell in which name and day are printed below."""

    @abstractmethod
    def write_lead(self, cell: Cell, text: str) -> None:
        """An opinion above name and day."""

    @abstractmethod
    def write_continuation(self, slot: Slot, rows: Sequence[Sequence[str]], title: str) -> int:
        """What the blank rows do not hold, on pages behind; answers how many."""

    @abstractmethod
    def write_signature(self, cell: Cell, picture: bytes) -> None: ...

    @abstractmethod
    def shade(self, keys: Collection[str]) -> None:
        """Colour what is filled, for the check of the layout."""

    @abstractmethod
    def again(self) -> FormFile:
        """The empty form once more, for the next person."""

    @abstractmethod
    def save(self) -> bytes: ...

    def after_put(  # noqa: B027 - most files need nothing
        self, place: Cell | Line, put: tuple[Any, int], text: str, before: str, size: float = 0
    ) -> None:
        """A value stands in a blank now, at a place in a node; a size other than 0 is the letter that it wants."""

    def after_tick(self, node: Any) -> None:  # noqa: B027 - most files need nothing
        """A box is ticked now."""

    # What is the same for both.

    def write_text(self, slot: Slot, text: str) -> Fit:
        if "#" not in slot.key:
            return self.write_whole(self.cell(slot.key), text, slot.label)
        place, mark = self.place(slot.key), self.mark(slot.key)
        stretch, text = self.stretch(place), " ".join(text.split("\n"))
        before = stretch.text[mark.start : mark.end]
        found = self._fit_blank(place, stretch.text, mark, text)
        if not found.fits:
            self.annexed.append((slot.label, text))
            text = measuring.shortened(
                text, ANNEXED, lambda part: self._fit_blank(place, stretch.text, mark, part).fits
            )
        new = padded(text, before)
        put = stretch.put(mark.start, mark.end, new)
        if put is None:
            raise LookupError(f"{slot.key} holds no text")
        self.after_put(place, put, new, before, found.size)
        return found

    def write_whole(self, cell: Cell, text: str, label: str) -> Fit:
        """Into an empty cell; what does not stay within its walls goes to the annex, and its beginning into the cell."""
        found = self.fit_of(cell, text)
        if found.fits:
            self.write_cell(cell, text)
            return found
        self.annexed.append((label, text))
        self.write_cell(cell, measuring.shortened(text, ANNEXED, lambda part: self.fit_of(cell, part).fits))
        return found

    def _fit_blank(self, place: Cell | Line, whole: str, mark: Mark, text: str) -> Fit:
        """The letter with which a value in a blank adds no line to its place; 0 is the letter of the form."""
        width, height, size = self.room_of(place)
        if not width or not size:
            return FITS
        lines = measuring.lines_needed(whole, width, size)
        allowed = max(lines, int((height + 0.5) / (size * measuring.LEADING)) if height else lines)
        tried = size
        while tried >= measuring.smallest_of(size):
            # A value in smaller letters takes as much room as a shorter one in the form's own.
            stands_for = "国" * math.ceil(
                measuring.ems(padded(text, whole[mark.start : mark.end])) * tried / size
            )
            if (
                measuring.lines_needed(whole[: mark.start] + stands_for + whole[mark.end :], width, size)
                <= allowed
            ):
                return Fit(0 if tried == size else tried, True)
            tried -= 0.5
        return Fit(measuring.smallest_of(size), False)

    def write_date(self, slot: Slot, day: date, style: str) -> Fit:
        """Into the gaps before 年, 月, 日, else as words."""
        if "#" not in slot.key:
            return self.write_whole(self.cell(slot.key), values.day(day, style or "zh"), slot.label)
        place, mark = self.place(slot.key), self.mark(slot.key)
        self._put_date(place, self.stretch(place), mark, day)
        return FITS

    def _put_date(self, place: Cell | Line, stretch: Stretch, mark: Mark, day: date) -> None:
        is_han = "二" in stretch.text[slice(*mark.gaps[0])]
        numbers = (
            re.split("[年月日]", values.day(day, "han"))[:3]
            if is_han
            else [str(day.year), str(day.month), str(day.day)]
        )
        for (start, end), number in reversed(list(zip(mark.gaps, numbers, strict=False))):
            before = stretch.text[start:end]
            new = padded(number, before) if "_" in before else _to_the_right(number, before)
            put = stretch.put(start, end, new)
            if put is not None:
                self.after_put(place, put, new, before)

    def write_check(self, slot: Slot, chosen: Collection[str]) -> bool:
        """Tick every chosen option; false when the form has none of them."""
        mark, stretch = self.mark(slot.key), self.stretch(self.place(slot.key))
        hit = [start for start, name in mark.options if name in chosen]
        for start in reversed(hit):
            put = stretch.put(start, start + 1, TICKED)
            if put is not None:
                self.after_tick(put[0])
        return bool(hit)

    def write_opinion(self, slot: Slot, opinion: Opinion, style: str = "") -> Fit:
        """Words first, then name and day where the form has room for them, else below the words in the form's style."""
        cell = self.cell(slot.key)
        stretch = self.stretch(cell)
        if not stretch.text.strip():
            return self.write_whole(cell, _whole(opinion, style or "zh"), slot.label)
        found = marks(stretch.text)
        for mark in reversed([one for one in found if one.kind == "date"][:1] if opinion.on else []):
            self._put_date(cell, stretch, mark, opinion.on or date.min)
        named = self._put_name(cell, opinion)
        lead = opinion.text if named or not opinion.name else f"{opinion.text}　{opinion.name}"
        fit = self.fit_of_lead(cell, lead)
        if not fit.fits:
            self.annexed.append((slot.label, lead))
            lead = measuring.shortened(lead, ANNEXED, lambda part: self.fit_of_lead(cell, part).fits)
        self.write_lead(cell, lead)
        return fit

    def _put_name(self, cell: Cell, opinion: Opinion) -> bool:
        """Behind 签名; a place for a seal is no place for a name."""
        stretch = self.stretch(cell)
        signed = NAMED.search(stretch.text)
        if signed is None:
            return False
        if opinion.signature:
            self.write_signature(cell, opinion.signature)
            return True
        end = signed.end()
        end += 1 if stretch.text[end : end + 1] in ("：", ":") else 0
        room = len(stretch.text[end:]) - len(stretch.text[end:].lstrip(" \u3000_"))
        stretch.put(end, end + room, padded(f" {opinion.name} ", stretch.text[end : end + room]))
        return True

    def write_rows(self, slot: Slot, rows: Sequence[Sequence[str]], title: str) -> tuple[bool, int]:
        """Row by row into the blank ones, the rest on continuation pages; whether all fits, and the pages added."""
        blank = detecting.rows_at(self._grids[self.cell(slot.key).key], slot)
        fits = True
        for number, (cells, row) in enumerate(zip(blank, rows, strict=False), start=1):
            for cell, text, column in zip(cells, row, slot.columns, strict=True):
                if text and not cell.text.strip():
                    label = f"{slot.label} 第{number}行 {column}"
                    fits = self.write_whole(cell, text, label).fits and fits
        rest = rows[len(blank) :]
        return fits, self.write_continuation(slot, rest, title) if rest else 0


def padded(text: str, before: str) -> str:
    """A value as wide as the blank it replaces, so that what stands behind it stays where it is."""
    room = sum(2 if letter == "\u3000" else 1 for letter in before) - round(measuring.ems(text) * 2)
    if room <= 0:
        return text
    left = room // 2 if "_" in before else 0
    return " " * left + text + " " * (room - left)


def _to_the_right(number: str, before: str) -> str:
    """A number before its 年, 月 or 日 in a gap of spaces; a name may still come into what is free to the left."""
    room = sum(2 if letter == "\u3000" else 1 for letter in before) - len(number)
    return " " * max(room - 1, 0) + number + (" " if room > 0 else "")


def _whole(opinion: Opinion, style: str) -> str:
    day = values.day(opinion.on, style) if opinion.on else ""
    below = "  ".join(part for part in (opinion.name, day) if part)
    return f"{opinion.text}\n{below}" if below else opinion.text
