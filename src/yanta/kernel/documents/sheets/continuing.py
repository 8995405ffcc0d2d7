"""Continuation sheets: the form once more with its head filled, and the rows that found no room."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lxml import etree  # type: ignore[import-untyped]  # brings no types

from yanta.kernel.documents.model import Cell
from yanta.kernel.documents.sheets.package import MAIN, REL

if TYPE_CHECKING:
    from yanta.kernel.documents.sheets.form import SheetForm

SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
WORKBOOK = "xl/workbook.xml"
# What leads to other parts, which a copy does not have.
LEADING = ("drawing", "legacyDrawing", "legacyDrawingHF", "oleObjects", "controls", "tableParts", "picture")
LONGEST_NAME = 31
# A4 upright, one wide column.
ANNEX = f"""<worksheet xmlns="{MAIN[1:-1]}"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr><cols><col min="1" max="1" width="88"
 customWidth="1"/></cols><sheetData/><pageMargins left="0.7" right="0.7" top="0.75" bottom="0.75" header="0.3" footer="0.3"/>
<pageSetup paperSize="9" fitToHeight="0"/></worksheet>"""


@dataclass(frozen=True, slots=True)
class Rest:
    """Rows that a sheet did not hold, and the blank rows to use again."""

    sheet: str
    blank: list[list[Cell]]
    rows: list[list[str]]


def add_sheets(form: SheetForm, rest: Rest) -> None:
    size = len(rest.blank)
    for number, start in enumerate(range(0, len(rest.rows), size), start=1):
        root = copy.deepcopy(form.package.root(form.sheet(rest.sheet)))
        for name in LEADING:
            for node in root.findall(f"{MAIN}{name}"):
                root.remove(node)
        _setup(root)
        _write(form, root, rest.blank, rest.rows[start : start + size])
        made = _register(form, root, f"{rest.sheet[: LONGEST_NAME - 4]}续页{number}")
        _print_area(form.package.root(WORKBOOK), rest.sheet, made)


def add_annex(form: SheetForm, title: str) -> None:
    """Label and full words of what found no room in its cell."""
    from yanta.kernel.documents.sheets.form import put_text

    root = etree.fromstring(ANNEX)
    data = root.find(f"{MAIN}sheetData")
    style = str(form.styles.like(0, wrap=True))
    for number, text in enumerate(
        (title, *(f"【{label}】{words}" for label, words in form.annexed)), start=1
    ):
        row = etree.SubElement(data, f"{MAIN}row", r=str(number))
        put_text(etree.SubElement(row, f"{MAIN}c", r=f"A{number}", s=style), text)
    _register(form, root, "附页")


def _setup(root: Any) -> None:
    """A copy is neither the chosen sheet nor bound to a printer's own settings."""
    for view in root.iter(f"{MAIN}sheetView"):
        view.attrib.pop("tabSelected", None)
    for setup in root.findall(f"{MAIN}pageSetup"):
        setup.attrib.pop(f"{REL}id", None)


def _write(form: SheetForm, root: Any, blank: list[list[Cell]], rows: Sequence[Sequence[str]]) -> None:
    """The numbers that are printed in front of the rows go on."""
    from yanta.kernel.documents.sheets.form import put_text

    filled = [*rows, *([[""] * len(blank[0])] * (len(blank) - len(rows)))]
    for cells, row in zip(blank, filled, strict=True):
        for cell, text in zip(cells, row, strict=True):
            if not cell.text.strip() or cell.text.strip().isdecimal():
                put_text(form.node_at(root, cell.key.rpartition("!")[2]), text)


def _register(form: SheetForm, root: Any, name: str) -> str:
    """Answers the name that the sheet got."""
    package = form.package
    part = package.free_name("xl/worksheets/sheet{}.xml")
    package.add(part, root, content_type=SHEET_TYPE)
    book = package.root(WORKBOOK)
    sheets = book.find(f"{MAIN}sheets")
    names = [one.get("name") for one in sheets]
    name = next(one for one in (name, *(f"{name}{n}" for n in range(2, 99))) if one not in names)
    made = etree.SubElement(sheets, f"{MAIN}sheet", name=name)
    made.set("sheetId", str(max(int(one.get("sheetId", 0)) for one in sheets) + 1))
    made.set(f"{REL}id", package.relate(WORKBOOK, "worksheet", part))
    return name


def _print_area(book: Any, original: str, name: str) -> None:
    """What is printed of the original is printed of the copy."""
    names = [one.get("name") for one in book.find(f"{MAIN}sheets")]
    position, new_position = names.index(original), names.index(name)
    defined = book.find(f"{MAIN}definedNames")
    for one in list(defined) if defined is not None else []:
        if one.get("localSheetId") == str(position) and str(one.get("name", "")).startswith("_xlnm.Print"):
            made = copy.deepcopy(one)
            made.set("localSheetId", str(new_position))
            made.text = (
                (one.text or "").replace(f"'{original}'", f"'{name}'").replace(f"{original}!", f"'{name}'!")
            )
            defined.append(made)
