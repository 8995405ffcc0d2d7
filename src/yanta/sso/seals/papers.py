"""What comes in: PDF documents that may be sealed, and where in them a word stands."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pdfminer.high_level import extract_pages
from pdfminer.layout import LAParams, LTChar, LTContainer, LTPage
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader

from yanta.kernel.base import Refused

MEGABYTES = 20
MOST_PAGES = 500
# Documents of people have some thousand objects; whoever writes more wants to keep the server busy.
MOST_OBJECTS = 200_000
ACTIVE = {
    "/JavaScript": "脚本", "/JS": "脚本", "/Launch": "启动程序的动作", "/XFA": "XFA 动态表单", "/RichMedia": "富媒体",
    "/EmbeddedFiles": "附件", "/SubmitForm": "提交表单的动作", "/ImportData": "导入数据的动作",
}  # fmt: skip
_KEYS = frozenset(ACTIVE) - {"/SubmitForm", "/ImportData", "/Launch", "/RichMedia"}


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page: the corner its coordinates begin at, its size in points, how it is turned when shown."""

    left: float
    bottom: float
    width: float
    height: float
    turned: int = 0

    @property
    def shown(self) -> tuple[float, float]:
        """Width and height as the reader sees them."""
        return (self.height, self.width) if self.turned in (90, 270) else (self.width, self.height)


@dataclass(frozen=True, slots=True)
class Paper:
    """A document that was looked through."""

    content: bytes
    sheets: tuple[Sheet, ...]
    signatures: int


def checked(content: bytes) -> Paper:
    """The document if it may be sealed. Refused: damaged, locked, too large, or able to do something when opened."""
    if len(content) > MEGABYTES * 1024 * 1024:
        raise Refused(f"文件超过 {MEGABYTES} MB，请压缩后再提交", rule="seals.size")
    try:
        reader = PdfFileReader(io.BytesIO(content), strict=False)
        if reader.encrypted:
            raise Refused("文件加了密码，请去掉密码后再提交", rule="seals.locked")
        found = active_parts(reader)
        sheets = tuple(_sheets(reader))
        signatures = len(reader.embedded_regular_signatures)
    except (
        PdfError,
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        AttributeError,
        RecursionError,
        OSError,
    ) as error:
        raise Refused("文件不是完好的 PDF，请重新导出", rule="seals.broken") from error
    if found:
        raise Refused(f"文件里含有{found}，不能盖章；请导出为普通 PDF", rule="seals.active")
    if not 0 < len(sheets) <= MOST_PAGES:
        raise Refused(f"文件须有 1 至 {MOST_PAGES} 页，这份有 {len(sheets)} 页", rule="seals.pages")
    return Paper(content, sheets, signatures)


def active_parts(reader: PdfFileReader) -> str:
    """What in the document acts by itself, in words; empty when nothing does."""
    for number, part in enumerate(_objects(reader)):
        if number > MOST_OBJECTS:
            raise Refused("文件结构过于复杂，请重新导出为普通 PDF", rule="seals.objects")
        named = _KEYS.intersection(part)
        kinds = {str(part.get(key)) for key in ("/S", "/Subtype") if key in part} & set(ACTIVE)
        for name in (*named, *kinds):
            return ACTIVE[name]
    return ""


def _objects(reader: PdfFileReader) -> Iterator[generic.DictionaryObject]:
    """Every dictionary that can be reached from the trailer, once."""
    waiting: list[object] = [reader.root]
    seen: set[tuple[int, int]] = set()
    while waiting:
        part = waiting.pop()
        if isinstance(part, generic.IndirectObject):
            key = (part.idnum, part.generation)
            if key in seen:
                continue
            seen.add(key)
            part = part.get_object()
        if isinstance(part, generic.DictionaryObject):
            yield part
            waiting += [part.raw_get(name) for name in part]
        elif isinstance(part, generic.ArrayObject):
            waiting += [part.raw_get(index) for index in range(len(part))]


def _sheets(reader: PdfFileReader) -> Iterator[Sheet]:
    """Every leaf of the tree of pages, with what it takes over from the branches above it."""
    waiting: list[tuple[generic.DictionaryObject, dict[str, Any]]] = [(reader.root["/Pages"], {})]
    while waiting:
        node, above = waiting.pop()
        known = above | {name: node[name] for name in ("/MediaBox", "/CropBox", "/Rotate") if name in node}
        if "/Kids" in node:
            waiting += [(kid.get_object(), known) for kid in reversed(list(node["/Kids"]))]
            if len(waiting) > MOST_OBJECTS:
                raise Refused("文件结构过于复杂，请重新导出为普通 PDF", rule="seals.objects")
            continue
        yield _sheet(known)


def _sheet(known: dict[str, Any]) -> Sheet:
    box = [float(one) for one in known.get("/CropBox") or known["/MediaBox"]]
    left, right = sorted((box[0], box[2]))
    bottom, top = sorted((box[1], box[3]))
    return Sheet(left, bottom, right - left, top - bottom, int(known.get("/Rotate", 0)) % 360)


def where(content: bytes, word: str) -> tuple[int, float, float] | None:
    """The last place where the word stands: page from 0, middle of the word in points of the unturned page."""
    found = None
    for number, page in enumerate(extract_pages(io.BytesIO(content), laparams=LAParams(all_texts=True))):
        characters = list(_characters(page))
        text = "".join(one.get_text()[:1] or " " for one in characters)
        at = text.rfind(word)
        if at >= 0:
            first, last = characters[at], characters[at + len(word) - 1]
            found = number, (first.x0 + last.x1) / 2, (first.y0 + last.y1) / 2
    return found


def _characters(part: LTPage | LTContainer[LTChar]) -> Iterator[LTChar]:
    for one in part:
        if isinstance(one, LTChar):
            if one.get_text().strip():
                yield one
        elif isinstance(one, LTContainer):
            yield from _characters(one)
