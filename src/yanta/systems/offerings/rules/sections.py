"""How classes become sections, how sections meet, what changed in the demand. Sizes always add up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Generic, TypeVar

K = TypeVar("K")

PERIODS = 2
COMMON_WEEKS = 16


@dataclass(frozen=True, slots=True)
class Part:
    """So many students of a class."""

    admin_class: int
    size: int


def evenly(size: int, parts: int) -> list[int]:
    """Whole numbers that differ by one at most and add up."""
    return [size // parts + (1 if n < size % parts else 0) for n in range(parts)]


def packed(classes: Iterable[Part], *, limit: int) -> list[list[Part]]:
    """Classes in their order, together as long as they fit; a class beyond the limit is split evenly."""
    sections: list[list[Part]] = []
    for one in classes:
        if not one.size:
            continue
        if one.size > limit:
            sections += [[Part(one.admin_class, size)] for size in evenly(one.size, ceil(one.size / limit))]
            continue
        if not sections or sum(part.size for part in sections[-1]) + one.size > limit:
            sections.append([])
        sections[-1].append(one)
    return sections


def divided(parts: Sequence[Part], *, into: int) -> list[list[Part]]:
    """One section made several: whole classes stay together where there are enough of them."""
    if len(parts) < into:
        shares = [[Part(one.admin_class, size) for size in evenly(one.size, into)] for one in parts]
        return [[share[n] for share in shares if share[n].size] for n in range(into)]
    bins: list[list[Part]] = [[] for _ in range(into)]
    for one in sorted(parts, key=lambda part: (-part.size, part.admin_class)):
        min(bins, key=lambda held: sum(part.size for part in held)).append(one)
    return bins


@dataclass(frozen=True, slots=True)
class Weekly:
    """A meeting to be: so many times a week in these weeks."""

    weeks: str
    times: int
    periods: int = PERIODS

    @property
    def text(self) -> str:
        return f"{self.weeks} 周，每周 {self.times} 次、每次 {self.periods} 节"


def weekly_for(hours: int, *, weeks: int = COMMON_WEEKS) -> list[Weekly]:
    """Hours over a term in double periods: the same every week, and what is left every other week or at the start."""
    sessions = ceil(hours / PERIODS)
    times, rest = divmod(sessions, weeks)
    found = [Weekly(f"1-{weeks}", times)] if times else []
    if rest and rest == weeks // 2:
        found.append(Weekly(f"1-{weeks - 1}单", 1))
    elif rest:
        found.append(Weekly(f"1-{rest}" if rest > 1 else "1", 1))
    return found


@dataclass(slots=True)
class Difference(Generic[K]):
    """read = new + changed + unchanged; `gone` was there and is wanted no more."""

    new: dict[K, int] = field(default_factory=dict)
    changed: dict[K, tuple[int, int]] = field(default_factory=dict)
    unchanged: set[K] = field(default_factory=set)
    gone: dict[K, int] = field(default_factory=dict)

    @property
    def counts(self) -> dict[str, int]:
        tally = {"new": len(self.new), "changed": len(self.changed), "unchanged": len(self.unchanged)}
        return {"read": sum(tally.values()), **tally, "gone": len(self.gone)}


def difference(present: Mapping[K, int], wanted: Mapping[K, int]) -> Difference[K]:
    """What a generation has to do, and what it leaves alone."""
    found: Difference[K] = Difference()
    for key, size in wanted.items():
        if key not in present:
            found.new[key] = size
        elif present[key] != size:
            found.changed[key] = (present[key], size)
        else:
            found.unchanged.add(key)
    found.gone = {key: size for key, size in present.items() if key not in wanted}
    return found
