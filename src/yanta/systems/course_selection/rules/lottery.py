"""The lottery: an order that everybody can compute from the published seed, and the odds before it is drawn."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lot:
    """A wish with the numbers that are printed: the student's and the section's."""

    student: str
    section: str
    rank: int


def digest_of(seed: str) -> str:
    """What is published before the round opens, so that the seed cannot be chosen afterwards."""
    return hashlib.sha256(seed.encode()).hexdigest()


def number_of(seed: str, lot: Lot) -> str:
    """SHA-256 of seed, student and section, joined by `|`; the smaller comes first."""
    return hashlib.sha256(f"{seed}|{lot.student}|{lot.section}".encode()).hexdigest()


def in_order(seed: str, lots: Iterable[Lot]) -> list[Lot]:
    """All first wishes before all second ones, and within a rank by number."""
    return sorted(lots, key=lambda lot: (lot.rank, number_of(seed, lot)))


def odds(seats: int, before: int, beside: int) -> int:
    """Percent: `before` wishes of better rank come first, `beside` share mine (my own among them)."""
    left = max(0, seats - before)
    return 100 if left >= beside else round(100 * left / beside)
