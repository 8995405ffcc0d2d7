"""Teaching weeks as a bitmap: bit 0 is week 1."""

from __future__ import annotations

import re

from yanta.kernel.base import Refused

LAST_WEEK = 30
_PART = re.compile(r"(\d{1,2})(?:-(\d{1,2}))?([单双])?周?")


def bits(text: str) -> int:
    """`1-8,10-16双` as a bitmap."""
    found = 0
    for part in re.split(r"[,，、]", text.replace(" ", "")):
        match = _PART.fullmatch(part)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
        if match is None or not 1 <= first <= last <= LAST_WEEK:
            raise Refused(f"“{part or text}”不是周次，应如 1-16、1-15单、1-8,10-17", field="weeks")
        odd = {"单": 1, "双": 0}.get(match[3] or "")
        found |= sum(1 << week - 1 for week in range(first, last + 1) if odd is None or week % 2 == odd)
    return found
