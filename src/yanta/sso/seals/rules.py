"""Where a seal goes, how a verification number is written, how much of a name the public sees."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import Literal

Spot = Literal["point", "word", "corner", "seam"]

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
NUMBER_LENGTH = 16
MOST_PLACES = 20
_POINT = re.compile(r"^第?(\d{1,4}|末)页[@：: ]\s*(\d{1,3}(?:\.\d+)?)[,，]\s*(\d{1,3}(?:\.\d+)?)$")
_LETTERS = {"I": "1", "O": "0"}


class UnreadableError(ValueError):
    """Not a place a seal could go to; the message is for the person who wrote it."""


@dataclass(frozen=True, slots=True)
class Place:
    """One impression: a point (page from 1, 0 the last; millimetres from the left and the top to the middle of the
    seal), on a word wherever it stands, in the lower right corner of the last page, or across the pages' edges."""

    spot: Spot
    page: int = 0
    x: float = 0.0
    y: float = 0.0
    word: str = ""

    def __str__(self) -> str:
        if self.spot == "word":
            return f"关键字：{self.word}"
        if self.spot == "point":
            page = f"第{self.page}页" if self.page else "末页"
            return f"{page}@{self.x:g},{self.y:g}"
        return "骑缝" if self.spot == "seam" else "末页右下"


CORNER = Place("corner")


def places_in(text: str) -> list[Place]:
    """“关键字：盖章处；第2页@120,200；末页右下；骑缝”, parted by semicolons or lines. Raises `UnreadableError`."""
    parts = [part.strip() for part in re.split(r"[;；\n]", text) if part.strip()]
    if len(parts) > MOST_PLACES:
        raise UnreadableError(f"一份文件最多盖 {MOST_PLACES} 处")
    return [_place(part) for part in parts] or [CORNER]


def _place(text: str) -> Place:
    if text in ("骑缝", "骑缝章"):
        return Place("seam")
    if text == "末页右下":
        return CORNER
    if text.startswith("关键字"):
        word = text.removeprefix("关键字").lstrip("：: ")
        if not 1 < len(word) <= 30:
            raise UnreadableError("关键字须有 2 至 30 个字")
        return Place("word", word=word)
    found = _POINT.match(text)
    if found is None:
        raise UnreadableError(f"看不懂盖章位置“{text}”，可写：末页右下、骑缝、关键字：盖章处、第1页@120,200")
    page = 0 if found[1] == "末" else int(found[1])
    if found[1] != "末" and page < 1:
        raise UnreadableError("页码从 1 开始")
    return Place("point", page, float(found[2]), float(found[3]))


def new_number() -> str:
    """Sixteen characters of 32, the last a check character: 75 bits that nobody guesses."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(NUMBER_LENGTH - 1))
    return body + check_character(body)


def check_character(body: str) -> str:
    """ISO/IEC 7064 hybrid system, modulus 33 over 32 characters: every single error and swap is seen."""
    product = 32
    for character in body:
        total = (product + ALPHABET.index(character)) % 32 or 32
        product = total * 2 % 33
    return ALPHABET[(33 - product) % 32]


def number_in(text: str) -> str | None:
    """The number somebody typed or scanned, without spaces and dashes; None when it cannot be one."""
    plain = re.sub(r"[\s\-‐–—]", "", text).upper()
    if len(plain) != NUMBER_LENGTH or any(character not in ALPHABET for character in plain):
        return None
    return plain if check_character(plain[:-1]) == plain[-1] else None


def is_digest(text: str) -> bool:
    """SM3 and SHA-256 alike: 64 hexadecimal digits."""
    return re.fullmatch(r"[0-9a-fA-F]{64}", text.strip()) is not None


def masked_name(name: str) -> str:
    """The surname alone: 张*, 欧阳** is not told from 欧阳*."""
    return name[:1] + "*" * max(len(name) - 1, 1) if name else ""
