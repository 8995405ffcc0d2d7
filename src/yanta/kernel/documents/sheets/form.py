"""An open form of Excel."""

from __future__ import annotations

import copy
import re
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from lxml import etree  # type: ignore[import-untyped]  # brings no types
from openpyxl.utils.cell import column_index_from_string, coordinate_from_string, get_column_letter

from yanta.kernel.documents import detecting, measuring, pictures
from yanta.kernel.documents.forms import FormFile
from yanta.kernel.documents.marks import plain
from yanta.kernel.documents.measuring import Fit
from yanta.kernel.documents.model import Block, Cell, Line, Slot
from yanta.kernel.documents.sheets import continuing, reading
from yanta.kernel.documents.sheets import pictures as drawn
from yanta.kernel.documents.sheets.package import MAIN, REL, Package
from yanta.kernel.documents.sheets.styling import Styles
from yanta.kernel.documents.stretches import SPACE, Stretch

MARKER = "FF00FF"
WORKBOOK, STRINGS = "xl/workbook.xml", "xl/sharedStrings.xml"
_NUMBER = re.compile(r"-?\d{1,12}(\.\d{1,6})?")
_DAY = re.compile(r"(\d{4})[年./-](\d{1,2})(?:[月./-](\d{1,2})日?|月)?")
_EPOCH = date(1899, 12, 30)


class SheetForm(FormFile):
    """Cells are found by sheet and address; blocks are read once and serve every copy."""

    kind = "xlsx"

    def __init__(self, content: bytes, blocks: list[Block] | None = None) -> None:
        self.content = content
        self.blocks = blocks if blocks is not None else reading.blocks_of(content)
        self.package = Package(content)
        self.styles = Styles(self.package)
        self._sheets = self._parts_of_sheets()
        self._rest: list[continuing.Rest] = []
        self._annex = ""
        super().__init__()

    def again(self) -> SheetForm:
        return SheetForm(self.content, self.blocks)

    def _parts_of_sheets(self) -> dict[str, str]:
        leads = self.package.relations(WORKBOOK)
        sheets = self.package.root(WORKBOOK).find(f"{MAIN}sheets")
        return {one.get("name"): leads[one.get(f"{REL}id")][1] for one in sheets}

    # Nodes.

    def node(self, cell: Cell) -> Any:
        name, _, address = cell.key.rpartition("!")
        return self.node_at(self.package.root(self._sheets[name]), address)

    @staticmethod
    def node_at(root: Any, address: str) -> Any:
        """The cell of an address, made where it is missing, in its order."""
        letters, number = coordinate_from_string(address)
        data = root.find(f"{MAIN}sheetData")
        row = _nth(data, "row", number, lambda one: int(one.get("r", 0)), {"r": str(number)})
        column = column_index_from_string(letters)
        return _nth(
            row,
            "c",
            column,
            lambda one: column_index_from_string(_letters(one.get("r", "A"))),
            {"r": address},
        )

    def stretch(self, place: Cell | Line) -> Stretch:
        """The text of a cell with its own runs; a shared text becomes the cell's own first."""
        if not isinstance(place, Cell):
            raise LookupError(f"{place.key} is no cell")
        node = self.node(place)
        if node.get("t") == "s":
            shared = self.package.root(STRINGS)[int(node.findtext(f"{MAIN}v") or 0)]
            own = copy.deepcopy(shared)
            own.tag = f"{MAIN}is"
            for sound in [*own.findall(f"{MAIN}rPh"), *own.findall(f"{MAIN}phoneticPr")]:
                own.remove(sound)
            _empty(node)
            node.append(own)
            node.set("t", "inlineStr")
        elif node.get("t") != "inlineStr":
            put_text(node, node.findtext(f"{MAIN}v") or "")
        return Stretch(node.iter(f"{MAIN}t"))

    # Writing.

    def fit_of(self, cell: Cell, text: str) -> Fit:
        if _number(text, str(cell.node or "General")) is not None:
            return Fit(cell.font, True)
        return measuring.fit(text, width=cell.width, height=cell.height, size=cell.font)

    def room_of(self, place: Cell | Line) -> tuple[float, float, float]:
        return (place.width, place.height, place.font) if isinstance(place, Cell) else (0, 0, 0)

    def write_cell(self, cell: Cell, text: str) -> None:
        node = self.node(cell)
        number = _number(text, str(cell.node or "General"))
        if number is not None:
            put_number(node, number)
            return
        found = self.fit_of(cell, text)
        put_text(node, text)
        is_long = measuring.lines_needed(text, cell.width, found.size) > 1
        if found.size < cell.font or is_long:
            size = found.size if found.size < cell.font else 0
            node.set("s", str(self.styles.like(int(node.get("s", 0)), size=size, wrap=is_long)))

    def after_put(
        self, place: Cell | Line, put: tuple[Any, int], text: str, before: str, size: float = 0
    ) -> None:
        """The whole cell gets the smaller letter: its text is one."""
        if size and isinstance(place, Cell):
            node = self.node(place)
            node.set("s", str(self.styles.like(int(node.get("s", 0)), size=size)))

    def fit_of_lead(self, cell: Cell, text: str) -> Fit:
        printed = self.stretch(cell).text.lstrip("\n \u3000")
        room = cell.height - (printed.count("\n") + 1) * cell.font * 1.3
        return measuring.fit(text, width=cell.width, height=max(room, 1), size=cell.font)

    def write_lead(self, cell: Cell, text: str) -> None:
        """In place of the empty lines above what is printed; the whole cell gets the smaller letter."""
        stretch, found = self.stretch(cell), self.fit_of_lead(cell, text)
        room = len(stretch.text) - len(stretch.text.lstrip("\n \u3000"))
        blank = stretch.text[:room].count("\n")
        wanted = measuring.lines_needed(text, cell.width, found.size)
        stretch.put(0, room, text + "\n" * max(blank - wanted + 1, 1))
        node = self.node(cell)
        size = found.size if found.size < cell.font else 0
        node.set("s", str(self.styles.like(int(node.get("s", 0)), size=size, wrap=True)))

    def write_signature(self, cell: Cell, picture: bytes) -> None:
        content, wide, high = pictures.fitted(picture, cell.width / 3, cell.font * 2)
        self._draw(
            cell,
            content,
            wide,
            high,
            right=cell.width * 0.55,
            down=max(cell.height - high - cell.font * 2, 0),
        )

    def write_photo(self, slot: Slot, photo: bytes) -> None:
        cell = self.cell(slot.key)
        content, wide, high = pictures.fitted(photo, cell.width + 4, cell.height)
        _empty(self.node(cell))
        right, down = max((cell.width + 4 - wide) / 2, 0), max((cell.height - high) / 2, 0)
        self._draw(cell, content, wide, high, right=right, down=down)

    def _draw(
        self, cell: Cell, content: bytes, wide: float, high: float, *, right: float, down: float
    ) -> None:
        grid, column, row = self._grids[cell.key], cell.column, cell.row
        while column + 1 < len(grid.widths) and right >= grid.widths[column]:
            right, column = right - grid.widths[column], column + 1
        height = cell.height / cell.rows
        while row + 1 < cell.row + cell.rows and down >= height:
            down, row = down - height, row + 1
        drawn.add(self.package, self._sheets[grid.key], content, (column, right, row, down), (wide, high))

    def write_continuation(self, slot: Slot, rows: Sequence[Sequence[str]], title: str) -> int:
        """Sheets are copied when everything else is written, so that their heads are filled too."""
        grid = self._grids[self.cell(slot.key).key]
        blank = detecting.rows_at(grid, slot)
        self._rest.append(continuing.Rest(grid.key, blank, [list(row) for row in rows]))
        return -(-len(rows) // len(blank))

    def write_annex(self, title: str) -> int:
        """The sheet is added when everything else is written."""
        self._annex = f"{title}（附页）"
        return 1

    def shade(self, keys: Collection[str]) -> None:
        for key in keys:
            cell = self.cell(key)
            cells = [cell]
            if key.endswith("*"):
                slot = next(one for one in self.slots() if one.key == key)
                cells = [one for row in detecting.rows_at(self._grids[cell.key], slot) for one in row]
            for one in cells:
                self._shade(one)

    def _shade(self, cell: Cell) -> None:
        name = self._grids[cell.key].key
        for row in range(cell.row, cell.row + cell.rows):
            for column in range(cell.column, cell.column + cell.columns):
                node = self.node_at(
                    self.package.root(self._sheets[name]), f"{get_column_letter(column + 1)}{row + 1}"
                )
                node.set("s", str(self.styles.like(int(node.get("s", 0)), fill=MARKER)))

    def save(self) -> bytes:
        for rest in self._rest:
            continuing.add_sheets(self, rest)
        if self._annex:
            continuing.add_annex(self, self._annex)
        self._forget_results()
        return self.package.save()

    def sheet(self, name: str) -> str:
        return self._sheets[name]

    def _forget_results(self) -> None:
        """Formulas are reckoned anew when the file is opened."""
        for part in self._sheets.values():
            if b"<f" in self.package.parts[part]:
                for formula in self.package.root(part).iter(f"{MAIN}f"):
                    result = formula.getparent().find(f"{MAIN}v")
                    if result is not None:
                        formula.getparent().remove(result)


def _nth(holder: Any, tag: str, number: int, of: Any, attributes: dict[str, str]) -> Any:
    """The child with a number; a new one stands before the first greater one."""
    for child in holder:
        found = of(child)
        if found == number:
            return child
        if found > number:
            made = etree.Element(f"{MAIN}{tag}", attributes)
            child.addprevious(made)
            return made
    return etree.SubElement(holder, f"{MAIN}{tag}", attributes)


def _letters(address: str) -> str:
    return address.rstrip("0123456789")


def _empty(node: Any) -> None:
    node.attrib.pop("t", None)
    for child in list(node):
        node.remove(child)


def put_text(node: Any, text: str) -> None:
    _empty(node)
    if text:
        node.set("t", "inlineStr")
        words = etree.SubElement(etree.SubElement(node, f"{MAIN}is"), f"{MAIN}t")
        words.text = text
        words.set(SPACE, "preserve")


def put_number(node: Any, number: str) -> None:
    _empty(node)
    etree.SubElement(node, f"{MAIN}v").text = number


def _number(text: str, number_format: str) -> str | None:
    """What a cell with a format for numbers or days wants in place of words."""
    if number_format in ("General", "@"):
        return None
    day = _DAY.fullmatch(plain(text))
    if day is not None and any(letter in number_format.lower() for letter in "yd"):
        return str((date(int(day[1]), int(day[2]), int(day[3] or 1)) - _EPOCH).days)
    return text if _NUMBER.fullmatch(text) and len(text) < 12 else None
