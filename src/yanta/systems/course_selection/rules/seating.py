"""How the seats of a place are kept for some when others are taken already. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

Whose = TypeVar("Whose")


def kept(
    wanted: Mapping[Whose, int], taken: Mapping[Whose, int], *, spare: int
) -> tuple[dict[Whose, int], int]:
    """Seats for each of `taken`, never fewer than are taken, more only while seats are spare; and how many are short."""
    found, short = dict[Whose, int](), 0
    for whose in sorted(taken, key=str):
        more = max(0, wanted.get(whose, 0) - taken[whose])
        given = min(more, max(0, spare))
        found[whose], spare, short = taken[whose] + given, spare - given, short + more - given
    return found, short
