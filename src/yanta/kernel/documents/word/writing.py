"""Writes into cells and lines of Word: the letters of the form stay, the walls stay."""

from __future__ import annotations

import copy
from typing import Any

from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from yanta.kernel.documents import measuring
from yanta.kernel.documents.measuring import Fit
from yanta.kernel.documents.model import Cell
from yanta.kernel.documents.stretches import SPACE
from yanta.kernel.documents.word.nodes import SDT, W14, P, R, T, is_prompt, paragraphs_of

# Properties of a run that belong to a label, not to what is written beside it.
LABELS_ONLY = ("w:b", "w:bCs", "w:spacing", "w:u", "w:rStyle", "w:vanish", "w:fitText")


def fit_of(cell: Cell, text: str) -> Fit:
    return measuring.fit(text, width=cell.width, height=cell.height, size=cell.font, lines=cell.lines)


def write_cell(cell: Cell, text: str) -> None:
    """Text into an empty cell, in the cell's own letters, smaller when it must be."""
    found = fit_of(cell, text)
    paragraphs = paragraphs_of(cell.node)
    first = paragraphs[0]
    _drop_spare(paragraphs, measuring.lines_needed(text, cell.width, found.size) if cell.width else 1)
    properties = _properties(first, cell)
    holder = _prompted(paragraphs)
    _empty(paragraphs)
    append(first if holder is None else holder, text, properties, found.size if found.size < cell.font else 0)


def _prompted(paragraphs: list[Any]) -> Any:
    """The inside of a content control within the paragraph, which is to hold the value from now on."""
    for node in (node for paragraph in paragraphs for node in paragraph.iter(T)):
        if is_prompt(node):
            leave_placeholder(node)
            content = next(node.iterancestors(qn("w:sdtContent")))
            return content if content.getparent().getparent().tag == P else None
    return None


def _drop_spare(paragraphs: list[Any], lines: int) -> None:
    """Empty paragraphs below give their room to the lines that are written."""
    for spare in paragraphs[1:lines]:
        if spare.getparent() is not None and not spare.findall(f".//{R}"):
            spare.getparent().remove(spare)


def _empty(paragraphs: list[Any]) -> None:
    for paragraph in paragraphs:
        for run in paragraph.findall(f".//{R}"):
            if not run.findall(qn("w:drawing")):
                run.getparent().remove(run)


def _properties(paragraph: Any, cell: Cell) -> Any:
    """Of a run that stood here, else of the paragraph's mark, else of a label in the same row."""
    run = paragraph.find(f".//{R}/{qn('w:rPr')}")
    mark = paragraph.find(f"{qn('w:pPr')}/{qn('w:rPr')}")
    for found in (run, mark):
        if found is not None:
            return copy.deepcopy(found)
    row = cell.node.getparent()
    beside = row.find(f".//{R}/{qn('w:rPr')}") if row is not None else None
    if beside is None:
        return OxmlElement("w:rPr")
    copied = copy.deepcopy(beside)
    for name in LABELS_ONLY:
        for node in copied.findall(qn(name)):
            copied.remove(node)
    return copied


def append(paragraph: Any, text: str, properties: Any, size: float) -> None:
    run = OxmlElement("w:r")
    if size:
        set_size(properties, size)
    run.append(properties)
    for number, line in enumerate(text.split("\n")):
        if number:
            run.append(OxmlElement("w:br"))
        node = OxmlElement("w:t")
        node.text = line
        node.set(SPACE, "preserve")
        run.append(node)
    paragraph.append(run)


def set_size(properties: Any, size: float) -> None:
    for name in ("w:sz", "w:szCs"):
        for old in properties.findall(qn(name)):
            properties.remove(old)
    later = (
        "w:highlight", "w:u", "w:effect", "w:bdr", "w:shd", "w:fitText", "w:vertAlign", "w:rtl", "w:cs", "w:em", "w:lang",
        "w:eastAsianLayout", "w:specVanish", "w:oMath",
    )  # fmt: skip
    # The second size is that of Arabic, Tibetan and their like.
    for name in ("w:sz", "w:szCs"):
        half = OxmlElement(name)
        half.set(qn("w:val"), str(int(size * 2)))
        properties.insert_element_before(half, *later)


def write_blank(node: Any, at: int, text: str, before: str, size: float) -> None:
    """A blank of underscores keeps its line under the words; what stands before and behind stays in runs of its own."""
    run, is_line = node.getparent(), "_" in before
    if not (is_line or size) or run is None or run.tag != R:
        return
    whole = node.text or ""
    node.text = whole[:at]
    behind = whole[at + len(text) :]
    if behind:
        run.addnext(_copy_of(run, behind, underline=False))
    value = _copy_of(run, text, underline=is_line)
    if size:
        set_size(value.find(qn("w:rPr")), size)
    run.addnext(value)


def _copy_of(run: Any, text: str, *, underline: bool) -> Any:
    made = OxmlElement("w:r")
    properties = run.find(qn("w:rPr"))
    made.append(copy.deepcopy(properties) if properties is not None else OxmlElement("w:rPr"))
    if underline:
        _underline(made.find(qn("w:rPr")))
    node = OxmlElement("w:t")
    node.text = text
    node.set(SPACE, "preserve")
    made.append(node)
    return made


def _underline(properties: Any) -> None:
    if properties.find(qn("w:u")) is None:
        line = OxmlElement("w:u")
        line.set(qn("w:val"), "single")
        later = (
            "w:effect", "w:bdr", "w:shd", "w:fitText", "w:vertAlign", "w:rtl", "w:cs", "w:em", "w:lang", "w:eastAsianLayout",
            "w:specVanish", "w:oMath",
        )  # fmt: skip
        properties.insert_element_before(line, *later)


def tick(node: Any) -> None:
    """A content control that is a check box learns that it is checked."""
    for control in node.iterancestors(SDT):
        box = control.find(f"{qn('w:sdtPr')}/{W14}checkbox/{W14}checked")
        if box is not None:
            box.set(f"{W14}val", "1")


def leave_placeholder(node: Any) -> None:
    """What was a prompt in a content control is a value now."""
    for control in node.iterancestors(SDT):
        shown = control.find(f"{qn('w:sdtPr')}/{qn('w:showingPlcHdr')}")
        if shown is not None:
            shown.getparent().remove(shown)
            for style in control.iter(qn("w:rStyle")):
                style.getparent().remove(style)
            break


def write_paragraphs(cell: Cell, empty: list[Any], text: str, size: float) -> None:
    """A line of the text to each paragraph as long as there are some, the rest into the last."""
    lines = text.split("\n")
    for number, paragraph in enumerate(empty[: len(lines)]):
        is_last = number == min(len(empty), len(lines)) - 1
        part = "\n".join(lines[number:]) if is_last else lines[number]
        append(paragraph, part, _properties(paragraph, cell), size)
    wanted = measuring.lines_needed(text, cell.width, size or cell.font)
    for spare in empty[len(lines) : wanted]:
        spare.getparent().remove(spare)


def move_behind_label(paragraph: Any, picture: Any) -> None:
    """Put a signature behind the run that asks for it, in place of the blanks that wait for it."""
    for run in paragraph.findall(R):
        text = "".join(node.text or "" for node in run.findall(T))
        if "签" not in text:
            continue
        end = text.find("签") + 2
        end += 1 if text[end : end + 1] in ("：", ":") else 0
        rest = text[end:]
        blanks = len(rest) - len(rest.lstrip(" \u3000_"))
        for part in (text[:end], rest[blanks // 2 :]):
            run.addprevious(_copy_of(run, part, underline=False))
        run.getprevious().addprevious(picture)
        run.getparent().remove(run)
        return
