"""Names and small questions of WordprocessingML."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from docx.oxml.ns import qn

from yanta.kernel.documents.stretches import Stretch

W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
TWIP = 20
P, R, T, TC, TR, TBL, SDT = (qn(f"w:{name}") for name in ("p", "r", "t", "tc", "tr", "tbl", "sdt"))
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"


def stretch_of(paragraphs: list[Any]) -> Stretch:
    """The text of paragraphs with a break between them; text boxes within are texts of their own."""
    pieces: list[Any] = []
    for number, paragraph in enumerate(paragraphs):
        if number:
            pieces.append("\n")
        pieces.extend(_pieces(paragraph))
    return Stretch(pieces)


def _pieces(paragraph: Any) -> Iterator[Any]:
    for node in paragraph.iter(T, qn("w:br"), qn("w:tab"), qn("w:sym")):
        if _owner(node) is not paragraph:
            continue
        if node.tag == T:
            yield node
        elif node.tag == qn("w:br"):
            yield "\n"
        elif node.getparent().tag == R:
            yield " "


def _owner(node: Any) -> Any:
    """The paragraph that a node stands in; None inside what was deleted or repeated for old programs."""
    while node is not None and node.tag != P:
        if node.tag in (qn("w:del"), FALLBACK):
            return None
        node = node.getparent()
    return node


def paragraphs_of(cell: Any) -> list[Any]:
    """Paragraphs directly in a cell, also within content controls."""
    return [node for node in cell.iter(P) if _box(node) is cell]


def _box(node: Any) -> Any:
    node = node.getparent()
    while node is not None and node.tag in (SDT, qn("w:sdtContent")):
        node = node.getparent()
    return node


def children(node: Any, tag: str) -> list[Any]:
    """Children of a kind, also those wrapped into content controls."""
    found = []
    for child in node:
        if child.tag == tag:
            found.append(child)
        elif child.tag == SDT:
            content = child.find(qn("w:sdtContent"))
            found.extend(children(content, tag) if content is not None else [])
    return found


def points(node: Any, attribute: str = "w:w") -> float:
    """A length in points; 0 when it is missing or a share of the page."""
    if node is None or node.get(qn("w:type")) in ("pct", "auto"):
        return 0
    value = node.get(qn(attribute)) or "0"
    return float(value) / TWIP if value.replace(".", "", 1).lstrip("-").isdigit() else 0


def is_prompt(node: Any) -> bool:
    """Whether a text only asks to click and type."""
    control = next(node.iterancestors(SDT), None)
    return control is not None and control.find(f"{qn('w:sdtPr')}/{qn('w:showingPlcHdr')}") is not None
