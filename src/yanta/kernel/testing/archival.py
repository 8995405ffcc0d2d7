"""Is a PDF fit for the archive (ISO 19005-2, PDF/A-2)? What can be told without rendering it."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

# What runs, plays or leads outside has no place in an archive (6.5.1).
FORBIDDEN_ACTIONS = frozenset(
    {"/JavaScript", "/Launch", "/Sound", "/Movie", "/ImportData", "/ResetForm", "/Hide"}
)
_FONT_FILES = ("/FontFile", "/FontFile2", "/FontFile3")
_PART = re.compile(rb"pdfaid:part(?:>|=[\"'])2")
_CONFORMANCE = re.compile(rb"pdfaid:conformance(?:>|=[\"'])[ABU]")


def faults(pdf: bytes) -> list[str]:
    """Everything that keeps the file from being PDF/A-2; nothing for a sound one."""
    reader = PdfFileReader(io.BytesIO(pdf))
    if reader.encrypted:
        return ["encrypted"]
    found = [*_of_the_file(reader, pdf)]
    for one in _objects(reader):
        found += _of_dictionary(one)
    return list(dict.fromkeys(found))


def _of_the_file(reader: PdfFileReader, pdf: bytes) -> Iterator[str]:
    root = reader.root
    if "/ID" not in reader.trailer:
        yield "no file identifier"
    if "/Metadata" not in root:
        yield "no XMP metadata"
    else:
        said = root["/Metadata"].data
        if not (_PART.search(said) and _CONFORMANCE.search(said)):
            yield "the metadata do not say PDF/A-2"
    intents = [one.get_object() for one in _at(root, "/OutputIntents") or []]
    if not any(one.get("/S") == "/GTS_PDFA1" and "/DestOutputProfile" in one for one in intents):
        yield "no output intent with a colour profile"
    if b"%%EOF" not in pdf[-1024:]:
        yield "no end of file"


def _of_dictionary(one: generic.DictionaryObject) -> Iterator[str]:
    if one.get("/Type") == "/Font" and one.get("/Subtype") not in ("/Type0", "/Type3"):
        held = _at(one, "/FontDescriptor") or {}
        if not any(name in held for name in _FONT_FILES):
            yield f"font {one.get('/BaseFont')} is not embedded"
    if one.get("/S") in FORBIDDEN_ACTIONS:
        yield f"action {one['/S']}"
    if "/LZWDecode" in _filters(one):
        yield "LZW compression"
    if "/JS" in one or "/AA" in one:
        yield "a script or an action that starts by itself"


def _at(one: generic.DictionaryObject, key: str) -> Any:
    """What stands under this key; unlike `get` it follows references."""
    return one[key] if key in one else None  # noqa: SIM401 - see above


def _filters(one: generic.DictionaryObject) -> list[Any]:
    found = _at(one, "/Filter") or []
    return list(found) if isinstance(found, list) else [found]


def _objects(reader: PdfFileReader) -> Iterator[generic.DictionaryObject]:
    """Every dictionary that can be reached, once."""
    seen: set[tuple[int, int]] = set()
    waiting: list[Any] = [reader.trailer.raw_get("/Root")]
    while waiting:
        one = waiting.pop()
        if isinstance(one, generic.IndirectObject):
            if (one.idnum, one.generation) in seen:
                continue
            seen.add((one.idnum, one.generation))
            one = one.get_object()
        if isinstance(one, generic.DictionaryObject):
            yield one
            waiting += [one.raw_get(key) for key in one]
        elif isinstance(one, generic.ArrayObject):
            waiting += [one.raw_get(number) for number in range(len(one))]
