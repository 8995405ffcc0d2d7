"""What a strict reader of Office files would complain of, and lenient ones repair in silence."""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Iterator
from typing import Any

import docx
import openpyxl
from lxml import etree  # type: ignore[import-untyped]  # brings no types

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"
# ECMA-376 part 1: children stand in this order, else Word and Excel say that the content is unreadable.
ORDERS = {
    f"{W}rPr": """rStyle rFonts b bCs i iCs caps smallCaps strike dstrike outline shadow emboss imprint noProof snapToGrid vanish
        webHidden color spacing w kern position sz szCs highlight u effect bdr shd fitText vertAlign rtl cs em lang eastAsianLayout
        specVanish oMath""",
    f"{W}pPr": """pStyle keepNext keepLines pageBreakBefore framePr widowControl numPr suppressLineNumbers pBdr shd tabs
        suppressAutoHyphens kinsoku wordWrap overflowPunct topLinePunct autoSpaceDE autoSpaceDN bidi adjustRightInd snapToGrid
        spacing ind contextualSpacing mirrorIndents suppressOverlap jc textDirection textAlignment textboxTightWrap outlineLvl
        divId cnfStyle rPr sectPr pPrChange""",
    f"{W}tcPr": "cnfStyle tcW gridSpan hMerge vMerge tcBorders shd noWrap tcMar textDirection tcFitText vAlign hideMark",
    f"{S}worksheet": """sheetPr dimension sheetViews sheetFormatPr cols sheetData sheetCalcPr sheetProtection protectedRanges
        scenarios autoFilter sortState dataConsolidate customSheetViews mergeCells phoneticPr conditionalFormatting dataValidations
        hyperlinks printOptions pageMargins pageSetup headerFooter rowBreaks colBreaks customProperties cellWatches ignoredErrors
        smartTags drawing legacyDrawing legacyDrawingHF drawingHF picture oleObjects controls webPublishItems tableParts extLst""",
    f"{S}c": "f v is extLst",
    f"{S}xf": "alignment protection extLst",
}  # fmt: skip


def faults(kind: str, content: bytes) -> list[str]:
    """Everything that is wrong with a file of Word or Excel; nothing for a sound one."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            found = [*_of_package(archive), *_of_parts(archive)]
        docx.Document(io.BytesIO(content)) if kind == "docx" else openpyxl.load_workbook(io.BytesIO(content))
    except Exception as error:
        return [f"does not open: {type(error).__name__}: {error}"]
    return found


def _of_package(archive: zipfile.ZipFile) -> Iterator[str]:
    names = archive.namelist()
    if (broken := archive.testzip()) is not None:
        yield f"{broken}: wrong checksum"
    yield from (f"{name}: twice in the archive" for name in set(names) if names.count(name) > 1)
    types = etree.fromstring(archive.read("[Content_Types].xml"))
    extensions = {one.get("Extension").lower() for one in types.findall(f"{TYPES}Default")}
    parts = {one.get("PartName").lstrip("/") for one in types.findall(f"{TYPES}Override")}
    yield from (f"{name}: in the list of types and not there" for name in parts - set(names))
    for name in names:
        if name not in parts and name.rpartition(".")[2].lower() not in extensions:
            yield f"{name}: has no content type"
    for name in (one for one in names if one.endswith(".rels")):
        base = posixpath.dirname(posixpath.dirname(name))
        for one in etree.fromstring(archive.read(name)):
            target = one.get("Target")
            whole = (
                target.lstrip("/")
                if target.startswith("/")
                else posixpath.normpath(posixpath.join(base, target))
            )
            if one.get("TargetMode") != "External" and whole not in names:
                yield f"{name}: leads to {target}, which is not there"


def _of_parts(archive: zipfile.ZipFile) -> Iterator[str]:
    for name in archive.namelist():
        if name.endswith(".xml"):
            root = etree.fromstring(archive.read(name))
            yield from (f"{name}: {fault}" for fault in (*_out_of_order(root), *_of_tables(root)))


def _out_of_order(root: Any) -> Iterator[str]:
    for tag, order in ORDERS.items():
        known = order.split()
        for node in root.iter(tag):
            names = [one.tag.rpartition("}")[2] for one in node]
            places = [known.index(one) for one in names if one in known]
            if places != sorted(places):
                yield f"children of {tag.rpartition('}')[2]} out of order"
    rows = [int(one.get("r")) for one in root.iter(f"{S}row")]
    if rows != sorted(set(rows)):
        yield "rows out of order"


def _of_tables(root: Any) -> Iterator[str]:
    for cell in root.iter(f"{W}tc"):
        if len(cell) == 0 or cell[-1].tag not in (f"{W}p", f"{W}sdt"):
            yield "a cell does not end with a paragraph"
    for table in root.iter(f"{W}tbl"):
        if [one.tag for one in table[:2]] != [f"{W}tblPr", f"{W}tblGrid"]:
            yield "a table without properties or columns"
