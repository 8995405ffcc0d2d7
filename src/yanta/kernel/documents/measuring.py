"""How much room a text wants, near enough to decide on a smaller letter."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

LEADING = 1.46
# Arabic, Tibetan and other scripts with marks above and below stand further apart.
_TALL, TALL_LEADING = re.compile("[\u0590-\u0fff]"), 2.0
# A word of letters (of any alphabet) up to its hyphen, or one character of the Han script, with the brackets and stops that stay with it at the end of a line.
_WORDS = re.compile(
    r"[（《“‘【〔]*(?:[!-,.-~\u00c0-\u10ff]*-+|[!-,.-~\u00c0-\u10ff]+|[^!-~\u00c0-\u10ff])[）》”’】〕，。、；：！？…·—]*"
)
# 七号, in points: the smallest letter that people still read; and the smallest share of the form's own.
SMALLEST, LEAST = 5.5, 0.52


@dataclass(frozen=True, slots=True)
class Fit:
    """The size of letter in points, and whether the text really fits with it."""

    size: float
    fits: bool


def ems(text: str) -> float:
    """The width of a text in em: a character of the Han script is one."""
    return sum(_em(letter) for letter in text)


def _em(letter: str) -> float:
    if letter in " _":
        return 0.5
    if unicodedata.east_asian_width(letter) in "WFA":
        return 1.0
    if letter in "=+<>~#":
        return 0.84
    return 0.74 if letter.isupper() or letter in "@mw%" else 0.65


def lines_needed(text: str, width: float, size: float) -> int:
    """Lines of a text in a column: between characters of the Han script it breaks anywhere, within a word only when it must."""
    room = max(width / size, 1)
    return sum(_lines(part, room) for part in text.split("\n"))


def _lines(text: str, room: float) -> int:
    lines, used = 1, 0.0
    for word in _WORDS.findall(text):
        width = ems(word)
        if used + width > room + 0.02 and used:
            lines, used = lines + 1, 0.0
        if width > room:
            more = math.ceil(width / room) - 1
            lines, width = lines + more, width - more * room
        used += width
    return lines


def smallest_of(size: float) -> float:
    """How small a letter may become that is so many points on the form."""
    return max(SMALLEST, size * LEAST)


def shortened(text: str, behind: str, fits: Callable[[str], bool]) -> str:
    """The longest beginning that still leaves room for the words behind it; those words alone where nothing does."""
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(text[:middle] + behind) else (low, middle - 1)
    return text[:low] + behind if low else behind.strip("…")


def fit(text: str, *, width: float, height: float, size: float, lines: int = 1) -> Fit:
    """The largest letter, from the form's own downwards, with which the text stays in the cell."""
    if width <= 0:
        return Fit(size, True)
    smallest, leading = smallest_of(size), TALL_LEADING if _TALL.search(text) else LEADING
    tried = size
    while tried >= smallest:
        room = (
            max(lines, int((height + 0.5) / (tried * leading)))
            if height
            else max(lines, int(lines * size / tried))
        )
        if lines_needed(text, width, tried) <= room:
            return Fit(tried, True)
        tried -= 0.5
    return Fit(smallest, False)
