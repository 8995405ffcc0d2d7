"""Text files: which encoding, which separators, or fixed columns."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from yanta.hub.intake.grids import Grid, Line

_SAMPLE = 1 << 18
_SEPARATORS = ",\t;|"
_RULER = re.compile(r"^\s*[-=_]{2,}(?:[ +|][-=_]{2,})+\s*$")
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def best_encoding(sample: bytes) -> str:
    """The encoding by mark, by strict UTF-8, else GB18030, which contains GBK and GB 2312."""
    for mark, encoding in _BOMS:
        if sample.startswith(mark):
            return encoding
    try:
        # A sample may end in the middle of a character.
        sample.decode("utf-8", errors="strict") if len(sample) < _SAMPLE else sample[:-4].decode(
            "utf-8", "strict"
        )
    except UnicodeDecodeError as fault:
        is_end = fault.start > len(sample) - 8 and fault.start > 64
        return "utf-8" if is_end or _mostly_utf8(sample) else "gb18030"
    return "utf-8"


def _mostly_utf8(sample: bytes) -> bool:
    """Whether a few bad lines stand in a text of UTF-8: hardly a line of Chinese in GBK is UTF-8 by accident."""
    lines = [line for line in sample.split(b"\n") if not line.isascii()]
    return sum(1 for line in lines if _is_utf8(line)) * 2 > len(lines)


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def text_grids(path: Path, *, undecodable: str = "replace") -> list[Grid]:
    """A separated or fixed-width text file as one grid."""
    with path.open("rb") as stream:
        sample = stream.read(_SAMPLE)
    encoding = best_encoding(sample)
    text = sample.decode(encoding, errors="replace")
    separator = _separator(text)
    if separator:
        return [
            Grid(path.name, "", lambda: _separated(path, encoding, separator, undecodable), is_separated=True)
        ]
    bounds = _bounds(text.splitlines()[:2000])
    if len(bounds) < 2:
        # One column has neither separators nor blanks between columns; its cells may still be quoted.
        return [Grid(path.name, "", lambda: _separated(path, encoding, ",", undecodable))]
    return [Grid(path.name, "", lambda: _fixed(path, encoding, bounds, undecodable))]


def _separator(text: str) -> str:
    """The separator that most lines hold equally often; none means fixed width."""
    lines = [line for line in text.splitlines()[:200] if line.strip()]
    best, score = "", 0.0
    for sign in _SEPARATORS:
        counts = Counter(line.count(sign) for line in lines)
        counts.pop(0, None)
        if not counts:
            continue
        usual, seen = counts.most_common(1)[0]
        share = seen / len(lines) * min(usual, 5)
        if share > score:
            best, score = sign, share
    return best if score >= 0.5 else ""


def _separated(path: Path, encoding: str, separator: str, undecodable: str) -> Iterator[Line]:
    csv.field_size_limit(1 << 24)
    with path.open(encoding=encoding, errors=undecodable, newline="") as stream:
        for number, cells in enumerate(csv.reader(stream, delimiter=separator), 1):
            yield number, [cell or None for cell in cells]


def _width(sign: str) -> int:
    """Print width, which is also the byte length in GBK."""
    return 1 if sign < "\x80" else 2


def _bounds(lines: list[str]) -> list[tuple[int, int | None]]:
    """Start and end of each column in print width: by a ruler line, else by what is blank in every line."""
    for line in lines[:40]:
        if _RULER.match(line):
            spans = [(found.start(), found.end()) for found in re.finditer(r"[-=_]+", line)]
            starts = [start for start, _ in spans]
            return list(zip(starts, [*starts[1:], None], strict=True))
    return _gaps(lines)


def _gaps(lines: list[str]) -> list[tuple[int, int | None]]:
    filled: Counter[int] = Counter()
    long_lines = [line for line in lines if line.strip() and len(re.split(r" {1,}", line.strip())) > 2]
    for line in long_lines:
        place = 0
        for sign in line.rstrip():
            if not sign.isspace():
                filled.update(range(place, place + _width(sign)))
            place += _width(sign)
    used = [place for place in range(max(filled, default=-1) + 1) if filled[place]]
    starts = [place for place in used if place == 0 or not filled[place - 1]] or [0]
    return list(zip(starts, [*starts[1:], None], strict=True))


def _fixed(
    path: Path, encoding: str, bounds: list[tuple[int, int | None]], undecodable: str
) -> Iterator[Line]:  # fmt: skip
    with path.open(encoding=encoding, errors=undecodable, newline=None) as stream:
        for number, line in enumerate(stream, 1):
            yield number, cut(line.rstrip("\r\n"), bounds)


def cut(line: str, bounds: list[tuple[int, int | None]]) -> list[str | None]:
    """Cut a line at print widths."""
    cells: list[list[str]] = [[] for _ in bounds]
    place, column = 0, 0
    for sign in line:
        while column + 1 < len(bounds) and place >= bounds[column + 1][0]:
            column += 1
        if cells:
            cells[column].append(sign)
        place += _width(sign)
    return ["".join(cell).strip() or None for cell in cells]
