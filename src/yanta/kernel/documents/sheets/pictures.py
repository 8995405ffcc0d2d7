"""A picture on a sheet, beside whatever is drawn there already."""

from __future__ import annotations

from typing import Any

from lxml import etree  # type: ignore[import-untyped]  # brings no types

from yanta.kernel.documents.sheets.package import MAIN, REL, Package

EMU = 12700
DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"
ART = "http://schemas.openxmlformats.org/drawingml/2006/main"
DRAWING_TYPE = "application/vnd.openxmlformats-officedocument.drawing+xml"
# What stands behind <drawing> in a sheet.
BEHIND = ("legacyDrawing", "legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls", "webPublishItems", "tableParts", "extLst")  # fmt: skip


def add(
    package: Package,
    sheet: str,
    picture: bytes,
    start: tuple[int, float, int, float],
    size: tuple[float, float],
) -> None:
    """`start` is column, points into it, row, points into it; `size` in points."""
    drawing = _drawing_of(package, sheet)
    extension = "png" if picture.startswith(b"\x89PNG") else "jpeg"
    media = package.free_name(f"xl/media/yanta{{}}.{extension}")
    package.add(media, picture)
    package.known_extension(extension, f"image/{extension}")
    key = package.relate(drawing, "image", media)
    root = package.root(drawing)
    root.append(_anchor(start, size, key, len(root) + 1))


def _drawing_of(package: Package, sheet: str) -> str:
    root = package.root(sheet)
    node = root.find(f"{MAIN}drawing")
    if node is not None:
        return package.relations(sheet)[node.get(f"{REL}id")][1]
    name = package.free_name("xl/drawings/drawing{}.xml")
    package.add(
        name, etree.Element(f"{{{DRAWING}}}wsDr", nsmap={"xdr": DRAWING, "a": ART}), content_type=DRAWING_TYPE
    )
    node = etree.Element(f"{MAIN}drawing")
    node.set(f"{REL}id", package.relate(sheet, "drawing", name))
    later = [f"{MAIN}{one}" for one in BEHIND]
    behind = next((child for child in root if child.tag in later), None)
    root.append(node) if behind is None else behind.addprevious(node)
    return name


def _anchor(start: tuple[int, float, int, float], size: tuple[float, float], key: str, number: int) -> Any:
    column, right, row, down = start
    wide, high = int(size[0] * EMU), int(size[1] * EMU)
    text = (
        f'<xdr:oneCellAnchor xmlns:xdr="{DRAWING}" xmlns:a="{ART}" xmlns:r="{REL[1:-1]}">'
        f"<xdr:from><xdr:col>{column}</xdr:col><xdr:colOff>{int(right * EMU)}</xdr:colOff>"
        f"<xdr:row>{row}</xdr:row><xdr:rowOff>{int(down * EMU)}</xdr:rowOff></xdr:from>"
        f'<xdr:ext cx="{wide}" cy="{high}"/><xdr:pic><xdr:nvPicPr><xdr:cNvPr id="{number + 900}" name="照片"/>'
        '<xdr:cNvPicPr><a:picLocks noChangeAspect="1"/></xdr:cNvPicPr></xdr:nvPicPr>'
        f'<xdr:blipFill><a:blip r:embed="{key}"/><a:stretch><a:fillRect/></a:stretch></xdr:blipFill>'
        f'<xdr:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{wide}" cy="{high}"/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></xdr:spPr></xdr:pic><xdr:clientData/></xdr:oneCellAnchor>'
    )
    return etree.fromstring(text)
