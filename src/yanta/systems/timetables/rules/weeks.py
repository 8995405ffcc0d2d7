"""Teaching weeks as a bitmap, bit 0 being week 1, and as people read them. Pure."""

from __future__ import annotations

import itertools


def weeks_of(bitmap: int) -> list[int]:
    return [week for week in range(1, bitmap.bit_length() + 1) if bitmap >> week - 1 & 1]


def has(bitmap: int, week: int) -> bool:
    return bool(week > 0 and bitmap >> week - 1 & 1)


def text_of(bitmap: int) -> str:
    """1-16、1-15 单 or the runs one after another."""
    found = weeks_of(bitmap)
    if len(found) > 2 and all(b - a == 2 for a, b in itertools.pairwise(found)):
        return f"{found[0]}-{found[-1]}{'单' if found[0] % 2 else '双'}"
    parts: list[list[int]] = []
    for week in found:
        if parts and week == parts[-1][-1] + 1:
            parts[-1].append(week)
        else:
            parts.append([week])
    return ",".join(f"{part[0]}-{part[-1]}" if len(part) > 1 else f"{part[0]}" for part in parts)
