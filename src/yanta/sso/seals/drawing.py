"""Seals as line drawings: one picture, written as SVG for the screen and as operators of PDF for paper.

Measures are millimetres, the origin is the lower left corner. Characters are outlines of Noto Serif SC, so that a
seal looks the same everywhere and needs no font in the document. Sizes and the star follow 国发〔1999〕25号.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import segno
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.ttLib import TTFont
from pylopdf_fonts_zh_cn import serif_path

Point = tuple[float, float]
Segment = tuple[str, tuple[Point, ...]]
Affine = tuple[float, float, float, float, float, float]
Colour = tuple[float, float, float]

RED: Colour = (0.80, 0.06, 0.10)
BLACK: Colour = (0.10, 0.10, 0.12)
MM = 72 / 25.4
# A Bézier curve with handles of this length follows a quarter of a circle.
ROUND = 0.5522847498
ARC_STEPS = 720
# What a stamp's letters gain over print, in millimetres.
BOLD = 0.18


@dataclass(frozen=True, slots=True)
class Stroke:
    """One outline: drawn with a pen of `pen` millimetres, filled, or both."""

    segments: tuple[Segment, ...]
    pen: float = 0.0
    filled: bool = True


@dataclass(frozen=True, slots=True)
class Picture:
    """Strokes of one colour on a sheet of `width` × `height` millimetres."""

    width: float
    height: float
    strokes: tuple[Stroke, ...]
    colour: Colour = RED

    def as_svg(self, *, specimen: bool = False) -> str:
        """For the screen; a specimen is struck through, so that nobody cuts a usable seal out of a page."""
        red, green, blue = (round(part * 255) for part in self.colour)
        ink = f"#{red:02x}{green:02x}{blue:02x}"
        paths = "".join(_svg_path(stroke, ink) for stroke in self.strokes)
        if specimen:
            paths += f'<path d="M0 0L{self.width:g} {self.height:g}" stroke="#8a8f98" stroke-width="1.2"/>'
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.width:g}mm" height="{self.height:g}mm"'
            f' viewBox="0 0 {self.width:g} {self.height:g}"><g transform="translate(0 {self.height:g}) scale(1 -1)">'
            f"{paths}</g></svg>"
        )

    def as_pdf(self) -> bytes:
        """Operators of ISO 32000-1, 8.5, in points."""
        colour = " ".join(f"{part:.3f}" for part in self.colour)
        body = "\n".join(_pdf_path(stroke) for stroke in self.strokes)
        return f"q {MM:.5f} 0 0 {MM:.5f} 0 0 cm {colour} rg {colour} RG\n{body}\nQ".encode()


def official(name: str, foot: str = "", *, width: float, height: float = 0.0) -> Picture:
    """A round or oval seal: the name on the arc, the star in the middle, what it is for below."""
    a, b = width / 2, (height or width) / 2
    rim = 0.028 * width
    strokes = [Stroke(_ellipse(a, b, a - rim / 2, b - rim / 2), pen=rim, filled=False)]
    strokes += _on_arc(name, a, b, inset=rim * 2.2)
    if abs(a - b) < 0.01:
        strokes.append(Stroke(_star(a, b + 0.01 * width, radius=width * 0.165)))
    if foot:
        size = min(0.105 * width, 0.62 * width / len(foot))
        strokes += _on_line(foot, centre=a, base=b - (0.27 if a == b else 0.16) * width, size=size, pen=BOLD)
    return Picture(width, b * 2, tuple(strokes))


def personal(name: str, *, width: float, height: float) -> Picture:
    """A person's name in a frame."""
    pen = 0.6
    frame = _rectangle(pen / 2, pen / 2, width - pen, height - pen)
    size = min(height * 0.62, (width - 4 * pen) / max(len(name), 1))
    return Picture(
        width, height,
        (
            Stroke(frame, pen=pen, filled=False),
            *_on_line(name, centre=width / 2, base=height / 2 - size * 0.38, size=size, pen=BOLD),
        ),
    )  # fmt: skip


def mark(address: str, words: Sequence[str], *, side: float = 18.0) -> Picture:
    """A QR code (GB/T 18284) with lines of small text below it."""
    rows = [list(row) for row in segno.make(address, error="m", boost_error=False).matrix]
    cell, foot = side / len(rows), 2.6 * len(words)
    squares = tuple(
        Stroke(_rectangle(x * cell, foot + side - (y + 1) * cell, cell * 1.02, cell * 1.02))
        for y, row in enumerate(rows) for x, dark in enumerate(row) if dark
    )  # fmt: skip
    lines: list[Stroke] = []
    for number, text in enumerate(words):
        lines += _on_line(
            text, centre=side / 2, base=foot - 2.4 * (number + 1), size=min(2.0, side * 1.55 / len(text))
        )
    return Picture(side, side + foot, (*squares, *lines), BLACK)


@lru_cache(maxsize=1)
def _font() -> TTFont:
    return TTFont(serif_path(), lazy=True)


@lru_cache(maxsize=4096)
def outline(character: str) -> tuple[tuple[Segment, ...], float]:
    """The segments of a character on an em of one, and how far it advances."""
    font = _font()
    glyphs, name = font.getGlyphSet(), font.getBestCmap().get(ord(character), ".notdef")
    pen = DecomposingRecordingPen(glyphs)
    glyphs[name].draw(pen)
    em = font["head"].unitsPerEm
    segments = tuple((verb, tuple((x / em, y / em) for x, y in points)) for verb, points in pen.value)
    return segments, glyphs[name].width / em


def _moved(segments: Sequence[Segment], matrix: Affine) -> tuple[Segment, ...]:
    a, b, c, d, e, f = matrix
    return tuple(
        (verb, tuple((a * x + c * y + e, b * x + d * y + f) for x, y in points)) for verb, points in segments
    )


def line(text: str, *, x: float, base: float, size: float, pen: float = 0.0) -> list[Stroke]:
    """Characters one after another from x on."""
    strokes = []
    for segments, advance in (outline(character) for character in text):
        strokes.append(Stroke(_moved(segments, (size, 0, 0, size, x, base)), pen=pen))
        x += advance * size
    return strokes


def _on_line(text: str, *, centre: float, base: float, size: float, pen: float = 0.0) -> list[Stroke]:
    width = sum(outline(character)[1] for character in text) * size
    return line(text, x=centre - width / 2, base=base, size=size, pen=pen)


def _on_arc(text: str, a: float, b: float, *, inset: float) -> list[Stroke]:
    """Upright on the upper part of the rim, evenly spread, narrower where there are many characters."""
    tall = 0.27 * min(a, b)
    inner_a, inner_b = a - inset - tall, b - inset - tall
    around = _lengths(inner_a, inner_b)
    room = around[-1] * 0.70
    step = min(room / max(len(text), 1), tall * 1.55)
    start = around[-1] / 2 - step * (len(text) - 1) / 2
    narrow = min(1.0, step * 1.12 / tall)
    return [
        Stroke(
            _stood(character, (a, b), (inner_a, inner_b), _angle_at(around, start + step * number), (tall * narrow, tall)),
            pen=BOLD,
        )
        for number, character in enumerate(text)
    ]  # fmt: skip


def _stood(character: str, middle: Point, axes: Point, angle: float, size: Point) -> tuple[Segment, ...]:
    """One character standing on the ellipse at this angle, its head outwards."""
    segments, advance = outline(character)
    x, y = middle[0] + axes[0] * math.cos(angle), middle[1] + axes[1] * math.sin(angle)
    up = math.atan2(math.sin(angle) / axes[1], math.cos(angle) / axes[0])
    cos, sin = math.cos(up - math.pi / 2), math.sin(up - math.pi / 2)
    wide, tall = size
    back, lift = advance * wide / 2, 0.12 * tall
    return _moved(
        segments,
        (
            cos * wide,
            sin * wide,
            -sin * tall,
            cos * tall,
            x - cos * back - sin * lift,
            y - sin * back + cos * lift,
        ),
    )


def _lengths(a: float, b: float) -> list[float]:
    """How long the ellipse is from the bottom clockwise, after each of `ARC_STEPS` steps."""
    points = [(a * math.cos(t), b * math.sin(t)) for t in _turns()]
    total, lengths = 0.0, [0.0]
    for (x, y), (to_x, to_y) in itertools.pairwise(points):
        total += math.hypot(to_x - x, to_y - y)
        lengths.append(total)
    return lengths


def _turns() -> list[float]:
    return [-math.pi / 2 - 2 * math.pi * step / ARC_STEPS for step in range(ARC_STEPS + 1)]


def _angle_at(lengths: Sequence[float], distance: float) -> float:
    step = next((index for index, length in enumerate(lengths) if length >= distance), ARC_STEPS)
    return _turns()[step]


def _star(x: float, y: float, *, radius: float) -> tuple[Segment, ...]:
    # The inner corners of a regular star lie at this share of its radius.
    inner = radius * math.sin(math.radians(18)) / math.sin(math.radians(54))
    corners = []
    for number in range(10):
        turn, reach = math.radians(90 + 36 * number), inner if number % 2 else radius
        corners.append((x + reach * math.cos(turn), y + reach * math.sin(turn)))
    return _polygon(corners)


def _polygon(corners: Sequence[Point]) -> tuple[Segment, ...]:
    first, *others = corners
    return (("moveTo", (first,)), *(("lineTo", (corner,)) for corner in others), ("closePath", ()))


def _rectangle(x: float, y: float, width: float, height: float) -> tuple[Segment, ...]:
    return _polygon([(x, y), (x + width, y), (x + width, y + height), (x, y + height)])


def _ellipse(x: float, y: float, a: float, b: float) -> tuple[Segment, ...]:
    h, v = a * ROUND, b * ROUND
    return (
        ("moveTo", ((x + a, y),)),
        ("curveTo", ((x + a, y + v), (x + h, y + b), (x, y + b))),
        ("curveTo", ((x - h, y + b), (x - a, y + v), (x - a, y))),
        ("curveTo", ((x - a, y - v), (x - h, y - b), (x, y - b))),
        ("curveTo", ((x + h, y - b), (x + a, y - v), (x + a, y))),
        ("closePath", ()),
    )


def _numbers(points: Sequence[Point]) -> Iterator[str]:
    for x, y in points:
        yield f"{x:.3f} {y:.3f}"


_SVG = {"moveTo": "M", "lineTo": "L", "curveTo": "C", "closePath": "Z"}
_PDF = {"moveTo": "m", "lineTo": "l", "curveTo": "c", "closePath": "h"}


def _svg_path(stroke: Stroke, ink: str) -> str:
    data = "".join(f"{_SVG[verb]}{' '.join(_numbers(points))}" for verb, points in stroke.segments)
    fill = ink if stroke.filled else "none"
    pen = f' stroke="{ink}" stroke-width="{stroke.pen:g}"' if stroke.pen else ""
    return f'<path d="{data}" fill="{fill}"{pen}/>'


def _pdf_path(stroke: Stroke) -> str:
    body = " ".join(" ".join([*_numbers(points), _PDF[verb]]) for verb, points in stroke.segments)
    paint = ("B" if stroke.filled else "S") if stroke.pen else "f"
    return f"{stroke.pen:.3f} w {body} {paint}"
