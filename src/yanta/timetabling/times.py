"""When a lesson is: which weeks, which days, from which slot and how long."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Time:
    """Bit 0 of `weeks` and `days` is the first week and Monday; slots count from the start of a day."""

    weeks: int
    days: int
    start: int
    length: int

    @property
    def end(self) -> int:
        return self.start + self.length

    @property
    def first(self) -> tuple[int, int, int]:
        """First week, first day of the week, start: what comes before what."""
        return lowest(self.weeks), lowest(self.days), self.start

    def shares_a_day(self, other: "Time") -> bool:
        return bool(self.days & other.days and self.weeks & other.weeks)

    def overlaps(self, other: "Time") -> bool:
        return self.shares_a_day(other) and self.start < other.end and other.start < self.end

    def apart(self, other: "Time", gap: int) -> bool:
        """Whether at least `gap` slots lie between the two wherever they share a day."""
        if not self.shares_a_day(other):
            return True
        return self.end + gap <= other.start or other.end + gap <= self.start


def lowest(bits: int) -> int:
    """The place of the first set bit."""
    return (bits & -bits).bit_length() - 1


def bits(places: Iterable[int]) -> int:
    return sum(1 << place for place in set(places))


def from_text(pattern: str) -> int:
    """The bitmap that a text such as 1010100 shows, first place first."""
    return bits(place for place, mark in enumerate(pattern) if mark == "1")


def to_text(bitmap: int, width: int) -> str:
    return "".join("1" if bitmap >> place & 1 else "0" for place in range(width))
