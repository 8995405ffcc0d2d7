"""Which names look like a written value; made for short Chinese names."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

_ENOUGH = 0.34


def closest(names: Iterable[str], text: str, *, limit: int) -> list[str]:
    """The names most like the text, the likeliest first; none that has too little in common."""
    wanted = _pieces(text)
    if not wanted:
        return []
    scored = [(score, name) for name in names if (score := _alike(wanted, _pieces(name))) >= _ENOUGH]
    scored.sort(key=lambda pair: (-pair[0], len(pair[1]), pair[1]))
    return [name for _, name in scored[:limit]]


def _pieces(text: str) -> frozenset[str]:
    """Single characters and pairs: Chinese names are short, so single characters carry meaning."""
    signs = text.upper()
    return frozenset(signs) | frozenset(a + b for a, b in pairwise(signs))


def _alike(one: frozenset[str], other: frozenset[str]) -> float:
    """Dice's coefficient."""
    return 2 * len(one & other) / (len(one) + len(other)) if one or other else 0.0
