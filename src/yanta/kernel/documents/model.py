"""What an official form is made of: blocks of cells and lines, and the slots in them that want to be filled."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

SlotKind = Literal["text", "date", "check", "photo", "opinion", "rows"]
ProblemKind = Literal["missing", "withheld", "unmapped", "too_long", "conflict", "broken"]


@dataclass(slots=True)
class Cell:
    """One cell as it is seen, merged ones whole; lengths in points, a height of 0 is not fixed."""

    key: str
    row: int
    column: int
    rows: int = 1
    columns: int = 1
    text: str = ""
    node: Any = None
    width: float = 0
    height: float = 0
    lines: int = 1
    font: float = 10.5
    inner: list[Grid] = field(default_factory=list)


@dataclass(slots=True)
class Grid:
    """A table, or a sheet of a workbook."""

    key: str
    name: str
    cells: list[Cell] = field(default_factory=list)
    widths: list[float] = field(default_factory=list)
    cover: dict[tuple[int, int], Cell] = field(default_factory=dict)

    def at(self, row: int, column: int) -> Cell | None:
        """The cell that covers a place."""
        if not self.cover:
            self.cover = self._covered()
        return self.cover.get((row, column))

    def _covered(self) -> dict[tuple[int, int], Cell]:
        return {
            (row, column): cell
            for cell in self.cells
            for row in range(cell.row, cell.row + cell.rows)
            for column in range(cell.column, cell.column + cell.columns)
        }


@dataclass(slots=True)
class Line:
    """A paragraph outside tables."""

    key: str
    text: str
    node: Any = None
    where: str = "正文"


Block = Grid | Line


@dataclass(frozen=True, slots=True)
class Slot:
    """A place to fill. `near` is what stands around the label, `hint` the text that already stands in the slot."""

    key: str
    label: str
    kind: SlotKind = "text"
    place: str = ""
    near: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    capacity: int = 0
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Binding:
    """What a slot is filled with, as a person confirmed it; `label` and `place` find the slot again in a new edition.

    Either `element`, or `text` with `{elements}` in it, or for an opinion the `step` that gave it. `when` is a
    condition over elements; `columns` are column names of a rows element in the order of the form's columns.
    """

    slot: str
    label: str
    kind: SlotKind = "text"
    element: str = ""
    text: str = ""
    when: str = ""
    style: str = ""
    step: str = ""
    columns: tuple[str, ...] = ()
    is_required: bool = True
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class Opinion:
    """What somebody decided on the way: words, name, signature (a picture), day.

    `step` is what the step is called, `node` its identifier in the process: a binding may name either.
    """

    step: str
    text: str
    name: str = ""
    on: date | None = None
    signature: bytes | None = None
    node: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a slot is not as it should be, in words for the person who can mend it."""

    slot: str
    label: str
    kind: ProblemKind
    text: str
    element: str = ""
    dispute: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """One filled slot with where its value comes from; the digest proves the value without keeping it."""

    slot: str
    label: str
    element: str
    digest: str
    source: str = ""
    owner: str = ""
    origin: str = ""
    confirmed_on: date | None = None


@dataclass(frozen=True, slots=True)
class Filled:
    """A produced document: the file, what was written into it, what was not and why."""

    content: bytes
    kind: str
    written: tuple[Written, ...]
    problems: tuple[Problem, ...]
    pages_added: int = 0

    @property
    def is_complete(self) -> bool:
        return not self.problems
