"""Plain documents to seal: Chinese text in a font that every reader of PDF knows."""

from __future__ import annotations

from collections.abc import Sequence

from yanta.sso.seals.drawing import BLACK, MM, Picture, line

WIDTH, HEIGHT = 595, 842


def paper(title: str, pages: Sequence[Sequence[str]], *, turned: int = 0) -> bytes:
    """A4 pages with a heading and lines of text."""
    parts = ["<< /Type /Catalog /Pages 2 0 R >>", ""]
    parts.append(
        "<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts ["
        "<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /DW 1000 /CIDSystemInfo"
        " << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> /FontDescriptor << /Type /FontDescriptor"
        " /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0 /Ascent 880 /Descent -120"
        " /CapHeight 880 /StemV 93 >> >>] >>"
    )
    kids = []
    for number, lines in enumerate(pages):
        text = _text(title if number == 0 else "", lines)
        kids.append(f"{len(parts) + 1} 0 R")
        parts.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {WIDTH} {HEIGHT}] /Rotate {turned} /Contents {len(parts) + 2} 0 R"
            " /Resources << /Font << /F1 3 0 R >> >> >>"
        )
        parts.append(f"<< /Length {len(text)} >>\nstream\n{text}\nendstream")
    parts[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    return written(parts)


def _text(title: str, lines: Sequence[str]) -> str:
    """Lines drawn as outlines, which every reader shows, under invisible text, which every reader searches."""
    rows = [(title, (WIDTH - 20 * len(title)) / 2, 740.0, 20)] if title else []
    rows += [(line, 80.0, 690.0 - 24 * number, 12) for number, line in enumerate(lines) if line]
    return "\n".join(_row(*row) for row in rows)


def _row(text: str, x: float, y: float, size: int) -> str:
    ink = Picture(0, 0, tuple(line(text, x=x / MM, base=y / MM, size=size / MM)), BLACK).as_pdf().decode()
    return f"{ink}\nBT 3 Tr /F1 {size} Tf {x:.0f} {y:.0f} Td <{text.encode('utf-16-be').hex()}> Tj ET"


def written(parts: Sequence[str]) -> bytes:
    """Objects numbered from one, the first of them the catalogue, as a file (ISO 32000-1, 7.5)."""
    out = b"%PDF-1.7\n%\xe9\x9b\x81\n"
    places = []
    for number, part in enumerate(parts, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{part}\nendobj\n".encode()
    start = len(out)
    rows = "".join(f"{place:010d} 00000 n \n" for place in places)
    out += f"xref\n0 {len(parts) + 1}\n0000000000 65535 f \n{rows}".encode()
    return out + f"trailer\n<< /Size {len(parts) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
