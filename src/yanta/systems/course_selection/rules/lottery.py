"""The lottery: an order that everybody can compute from the published seed, and the odds before it is drawn."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

# Programme, grade and campus: who may have which seats.
Group = tuple[int | None, int | None, int | None]
EVERYBODY: Group = (None, None, None)
# How finely those who stand alike are thought to advance together; the percent shown is whole.
STEPS = 100


@dataclass(frozen=True, slots=True)
class Lot:
    """A wish with the numbers that are printed: the student's and the section's. The lower tier comes first."""

    student: str
    section: str
    tier: int


@dataclass(frozen=True, slots=True)
class Seats:
    """Free seats for everybody, or kept for a programme, a grade, a campus or whoever is of all of them."""

    kept: Group
    free: int

    def admits(self, group: Group) -> bool:
        return all(kept in (None, mine) for kept, mine in zip(self.kept, group, strict=True))


def tier_of(rank: int, points: int, *, by_points: bool) -> int:
    """Where the round gives points, more points come first; else the better rank."""
    return -points if by_points else rank


def digest_of(seed: str) -> str:
    """What is published before the round opens, so that the seed cannot be chosen afterwards."""
    return hashlib.sha256(seed.encode()).hexdigest()


def number_of(seed: str, student: str, section: str) -> str:
    """SHA-256 of seed, student and section, joined by `|`; the smaller comes first."""
    return hashlib.sha256(f"{seed}|{student}|{section}".encode()).hexdigest()


def in_order(seed: str, lots: Iterable[Lot]) -> list[Lot]:
    """Tier by tier, and within a tier by number."""
    return sorted(lots, key=lambda lot: (lot.tier, number_of(seed, lot.student, lot.section)))


def odds(seats: Sequence[Seats], asked: Mapping[int, Mapping[Group, int]], *, group: Group, tier: int) -> int:
    """Percent for one of `group` in `tier`, myself counted in `asked`; rules that stop others meanwhile only help me."""
    left = {one: float(one.free) for one in seats}
    for now in sorted(asked):
        if now > tier or not any(left.values()):
            break
        won = _served(left, asked[now])
        if now == tier:
            return int(100 * won.get(group, 0) / asked[now][group] + 0.5)
    return 0


def _served(left: dict[Seats, float], asked: Mapping[Group, int]) -> dict[Group, float]:
    """How many of each group get a seat when all advance alike; kept seats go before those for everybody."""
    scarce = any(sum(n for group, n in asked.items() if one.admits(group)) > left[one] for one in left)
    steps = STEPS if scarce else 1
    won = dict.fromkeys(asked, 0.0)
    kept_first = sorted(left, key=lambda one: one.kept == EVERYBODY)
    for _ in range(steps):
        for group, count in asked.items():
            need = count / steps
            for one in kept_first:
                if one.admits(group):
                    given = min(need, left[one])
                    left[one] -= given
                    need -= given
                    won[group] += given
    return won


def enough(
    seats: Sequence[Seats], asked: Mapping[int, Mapping[Group, int]], *, group: Group, most: int
) -> int:
    """The fewest points with which one more of `group` would surely win as things stand; more than `most`: none."""
    low, high = 0, most + 1
    while low < high:
        points = (low + high) // 2
        mine = dict(asked.get(-points, {}))
        mine[group] = mine.get(group, 0) + 1
        if odds(seats, {**asked, -points: mine}, group=group, tier=-points) >= 100:
            high = points
        else:
            low = points + 1
    return low
