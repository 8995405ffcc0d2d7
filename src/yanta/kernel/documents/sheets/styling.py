"""New cell styles made from those that are there: a smaller letter, a broken line, a colour."""

from __future__ import annotations

import copy
from typing import Any

from lxml import etree  # type: ignore[import-untyped]  # brings no types

from yanta.kernel.documents.sheets.package import MAIN, Package

STYLES = "xl/styles.xml"


class Styles:
    """Answers the number of a style that is like another but for one thing; each is made once."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._made: dict[tuple[int, float, bool, str], int] = {}

    def like(self, number: int, *, size: float = 0, wrap: bool = False, fill: str = "") -> int:
        key = (number, size, wrap, fill)
        if key not in self._made:
            self._made[key] = self._make(*key)
        return self._made[key]

    def _make(self, number: int, size: float, wrap: bool, fill: str) -> int:
        root = self._package.root(STYLES)
        formats = root.find(f"{MAIN}cellXfs")
        made = copy.deepcopy(formats[number])
        if size:
            made.set("fontId", str(self._font(root, int(made.get("fontId", 0)), size)))
            made.set("applyFont", "1")
        if wrap:
            _wrap(made)
        if fill:
            made.set("fillId", str(_fill(root, fill)))
            made.set("applyFill", "1")
        formats.append(made)
        formats.set("count", str(len(formats)))
        return len(formats) - 1

    def _font(self, root: Any, number: int, size: float) -> int:
        fonts = root.find(f"{MAIN}fonts")
        font = copy.deepcopy(fonts[number])
        letter = font.find(f"{MAIN}sz")
        if letter is None:
            letter = etree.SubElement(font, f"{MAIN}sz")
        letter.set("val", f"{size:g}")
        fonts.append(font)
        fonts.set("count", str(len(fonts)))
        return len(fonts) - 1


def _wrap(made: Any) -> None:
    alignment = made.find(f"{MAIN}alignment")
    if alignment is None:
        alignment = etree.Element(f"{MAIN}alignment")
        made.insert(0, alignment)
    alignment.set("wrapText", "1")
    alignment.attrib.pop("shrinkToFit", None)
    made.set("applyAlignment", "1")


def _fill(root: Any, colour: str) -> int:
    fills = root.find(f"{MAIN}fills")
    fill = etree.SubElement(fills, f"{MAIN}fill")
    pattern = etree.SubElement(fill, f"{MAIN}patternFill", patternType="solid")
    etree.SubElement(pattern, f"{MAIN}fgColor", rgb=f"FF{colour}")
    fills.set("count", str(len(fills)))
    return len(fills) - 1
