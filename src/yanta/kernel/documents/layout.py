"""Does the filled form look like the original? Both are rendered; what differs outside the filled cells is counted."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageFilter

from yanta.kernel.documents import printing
from yanta.kernel.documents.forms import FormFile

DPI = 60
# Letters that two renderings smooth differently are no difference.
TOLERANCE = 96
ALLOWED = 0.01


@dataclass(frozen=True, slots=True)
class Layout:
    """`share` of the pixels outside filled cells differs; `pages` of the original and of the filled form."""

    share: float
    ink: float
    pages: tuple[int, int]

    @property
    def is_same(self) -> bool:
        return self.share < ALLOWED and self.pages[0] <= self.pages[1]


@dataclass(frozen=True, slots=True)
class Original:
    """The empty form, page by page, with what lies outside of the filled places: made once, compared often."""

    pages: list[Image.Image]
    free: list[Image.Image]


def files_of(form: FormFile, filled: Sequence[str]) -> dict[str, tuple[str, bytes]]:
    """The empty form, and the one whose filled slots are coloured: both are to be printed."""
    marked = form.again()
    marked.shade(filled)
    return {"original": (form.kind, form.again().save()), "marked": (form.kind, marked.save())}


def original(pdf: bytes, marked: bytes) -> Original:
    return Original(_grey(pdf), [ImageChops.invert(_mask(page)) for page in _images(marked)])


def _images(pdf: bytes, *, kind: printing.Picture = "png") -> list[Image.Image]:
    return [_read(page) for page in printing.pages(pdf, dpi=DPI, kind=kind)]


def _read(picture: bytes) -> Image.Image:
    """All of it at once: one that reads itself when first looked at cannot be compared by two threads."""
    image = Image.open(io.BytesIO(picture))
    image.load()
    return image


def _grey(pdf: bytes) -> list[Image.Image]:
    return _images(pdf, kind="gray")


def compare(form: Original, pdf: bytes, *, added: int = 0) -> Layout:
    """Pages that continue the form are no difference; a page that is missing is one from edge to edge."""
    filled = _grey(pdf)
    different = outside = ink = 0
    for number, (page, free) in enumerate(zip(form.pages, form.free, strict=False)):
        seen = _count(free)
        outside += seen
        ink += _count(ImageChops.darker(page.point(lambda value: 255 if value < 160 else 0), free))
        if number >= len(filled) or filled[number].size != page.size:
            different += seen
            continue
        changed = _changed(page, filled[number])
        different += _count(ImageChops.darker(changed, free))
    pages = (len(form.pages), len(filled) - added if added else len(filled))
    return Layout(different / max(outside, 1), different / max(ink, 1), pages)


def _changed(first: Image.Image, second: Image.Image) -> Image.Image:
    """What differs beyond a pixel of shift: a stroke on either page with none near it on the other."""
    near_first, near_second = first.filter(ImageFilter.MinFilter(3)), second.filter(ImageFilter.MinFilter(3))
    missing = ImageChops.subtract(near_second, first)
    extra = ImageChops.subtract(near_first, second)
    return ImageChops.lighter(missing, extra).point(lambda value: 255 if value > TOLERANCE else 0)


def _mask(page: Image.Image) -> Image.Image:
    """Where the marker shines, and two pixels around it, for the letters of the label lie on it."""
    red, green, blue = page.convert("RGB").split()
    shine = ImageChops.darker(ImageChops.subtract(red, green), ImageChops.subtract(blue, green))
    return shine.point(lambda value: 255 if value > 40 else 0).filter(ImageFilter.MaxFilter(5))


def _count(mask: Image.Image) -> int:
    return mask.histogram()[255]
