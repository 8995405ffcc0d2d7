"""An open form of Word."""

from __future__ import annotations

import copy
import io
from collections.abc import Collection, Sequence
from typing import Any

import docx
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt
from docx.text.paragraph import Paragraph

from yanta.kernel.documents import detecting, measuring, pictures
from yanta.kernel.documents.forms import FormFile
from yanta.kernel.documents.measuring import Fit
from yanta.kernel.documents.model import Cell, Line, Slot
from yanta.kernel.documents.stretches import Stretch
from yanta.kernel.documents.word import continuing, reading, writing
from yanta.kernel.documents.word.nodes import FALLBACK, R, paragraphs_of, stretch_of

MARKER = "FF00FF"


class WordForm(FormFile):
    """The document and its blocks; `save` gives the file with everything that was not touched as it was."""

    kind = "docx"

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.document = docx.Document(io.BytesIO(content))
        self.blocks = reading.blocks_of(self.document)
        self._base = reading.base_size(self.document)
        page = self.document.sections[0]
        sides = (page.left_margin or 0) + (page.right_margin or 0)
        self._page_width = ((page.page_width or 0) - sides) / Pt(1)
        super().__init__()

    def stretch(self, place: Cell | Line) -> Stretch:
        if isinstance(place, Cell):
            return stretch_of(paragraphs_of(place.node))
        return stretch_of([place.node])

    def write_text(self, slot: Slot, text: str) -> Fit:
        self._forget_fallback(slot)
        return super().write_text(slot, text)

    def _forget_fallback(self, slot: Slot) -> None:
        """A text box has a second body for old programs; it would show the empty form."""
        for ancestor in self.place(slot.key).node.iterancestors():
            if ancestor.tag.endswith("}AlternateContent"):
                for old in ancestor.findall(FALLBACK):
                    ancestor.remove(old)

    def fit_of(self, cell: Cell, text: str) -> Fit:
        return writing.fit_of(cell, text)

    def write_cell(self, cell: Cell, text: str) -> None:
        writing.write_cell(cell, text)

    def room_of(self, place: Cell | Line) -> tuple[float, float, float]:
        if isinstance(place, Cell):
            return place.width, place.height, place.font
        is_on_page = not any(one.tag == reading.BOX for one in place.node.iterancestors())
        return (self._page_width if is_on_page else 0), 0, reading.size_of([place.node], self._base)

    def write_annex(self, title: str) -> int:
        return continuing.add_annex(self.document, self.annexed, f"{title}（附页）")

    def after_put(
        self, place: Cell | Line, put: tuple[Any, int], text: str, before: str, size: float = 0
    ) -> None:
        node, at = put
        writing.leave_placeholder(node)
        writing.write_blank(node, at, text, before, size)

    def after_tick(self, node: Any) -> None:
        writing.tick(node)

    def write_photo(self, slot: Slot, photo: bytes) -> None:
        cell = self.cell(slot.key)
        self._picture(cell, photo, paragraphs_of(cell.node), height=cell.height)

    def _picture(self, cell: Cell, photo: bytes, paragraphs: list[Any], *, height: float) -> None:
        content, wide, high = pictures.fitted(photo, cell.width, height)
        for spare in paragraphs[1:]:
            spare.getparent().remove(spare)
        for run in paragraphs[0].findall(f".//{R}"):
            run.getparent().remove(run)
        _close_up(paragraphs[0])
        run = Paragraph(paragraphs[0], self._part_of(cell)).add_run()
        run.add_picture(io.BytesIO(content), Pt(wide), Pt(high))

    def _part_of(self, cell: Cell) -> Any:
        """The document as what a paragraph wants for a parent: it leads to the part that keeps pictures."""
        return self.document._body

    def _empty_above(self, cell: Cell) -> list[Any]:
        """Paragraphs that are free above everything that is printed."""
        empty = []
        for paragraph in paragraphs_of(cell.node):
            if stretch_of([paragraph]).text.strip() or paragraph.findall(f".//{qn('w:drawing')}"):
                break
            empty.append(paragraph)
        return empty

    def fit_of_lead(self, cell: Cell, text: str) -> Fit:
        empty = self._empty_above(cell)
        printed = stretch_of([one for one in paragraphs_of(cell.node) if one not in empty]).text
        below = measuring.lines_needed(printed, cell.width, cell.font) if printed else 0
        room = cell.height - below * cell.font * measuring.LEADING
        found = measuring.fit(text, width=cell.width, height=max(room, 1), size=cell.font, lines=0)
        if found.fits:
            return found
        return measuring.fit(text, width=cell.width, height=0, size=cell.font, lines=len(empty) - 1 or 1)

    def write_lead(self, cell: Cell, text: str) -> None:
        """Into the first empty paragraph, else before everything that is printed."""
        found, empty = self.fit_of_lead(cell, text), self._empty_above(cell)
        if not empty:
            paragraphs = paragraphs_of(cell.node)
            first = copy.deepcopy(paragraphs[0])
            for child in list(first):
                if child.tag != qn("w:pPr"):
                    first.remove(child)
            paragraphs[0].addprevious(first)
            empty = [first]
        writing.write_paragraphs(cell, empty, text, found.size if found.size < cell.font else 0)

    def write_signature(self, cell: Cell, picture: bytes) -> None:
        """Where the name would stand, as high as a line and a half."""
        for paragraph in paragraphs_of(cell.node):
            if "签" in stretch_of([paragraph]).text:
                content, wide, high = pictures.fitted(picture, cell.width / 2, cell.font * 1.6)
                run = Paragraph(paragraph, self._part_of(cell)).add_run()
                run.add_picture(io.BytesIO(content), Pt(wide), Pt(high))
                writing.move_behind_label(paragraph, run._r)
                return

    def write_continuation(self, slot: Slot, rows: Sequence[Sequence[str]], title: str) -> int:
        grid = self._grids[self.cell(slot.key).key]
        blank = detecting.rows_at(grid, slot)
        return continuing.add_pages(
            self.document, blank, list(slot.columns), rows, f"{title}　{slot.label}（续页）"
        )

    def shade(self, keys: Collection[str]) -> None:
        for key in keys:
            place = self.place(key)
            cells = [place]
            if key.endswith("*") and isinstance(place, Cell):
                slot = next(one for one in self.slots() if one.key == key)
                cells = [cell for row in detecting.rows_at(self._grids[place.key], slot) for cell in row]
            for one in cells:
                _shade(one.node, is_cell=isinstance(one, Cell))

    def again(self) -> WordForm:
        return WordForm(self.content)

    def save(self) -> bytes:
        kept = io.BytesIO()
        self.document.save(kept)
        return kept.getvalue()


def _close_up(paragraph: Any) -> None:
    """A picture must not be cut by the fixed line height of its paragraph, nor pushed by an indent."""
    properties = paragraph.find(qn("w:pPr"))
    for name in ("w:spacing", "w:ind"):
        node = properties.find(qn(name)) if properties is not None else None
        if node is not None:
            properties.remove(node)


def _shade(node: Any, *, is_cell: bool) -> None:
    holder = node.get_or_add_tcPr() if is_cell else node.get_or_add_pPr()
    shade = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", MARKER)):
        shade.set(qn(f"w:{name}"), value)
    for old in holder.findall(qn("w:shd")):
        holder.remove(old)
    if is_cell:
        later = [
            qn(f"w:{name}")
            for name in ("noWrap", "tcMar", "textDirection", "tcFitText", "vAlign", "hideMark")
        ]
    else:
        later = [qn(f"w:{name}") for name in _AFTER_SHADE]
    behind = next((child for child in holder if child.tag in later), None)
    holder.append(shade) if behind is None else behind.addprevious(shade)


_AFTER_SHADE = (
    "tabs", "suppressAutoHyphens", "kinsoku", "wordWrap", "overflowPunct", "topLinePunct", "autoSpaceDE", "autoSpaceDN",
    "bidi", "adjustRightInd", "snapToGrid", "spacing", "ind", "contextualSpacing", "mirrorIndents", "suppressOverlap", "jc",
    "textDirection", "textAlignment", "textboxTightWrap", "outlineLvl", "divId", "cnfStyle", "rPr", "sectPr", "pPrChange",
)  # fmt: skip
