"""归档范围: what of a person's affairs is kept for good. Whoever does the business says what of it belongs into the file.

```python
@archived(Range("leave", "请假", period="daily", owner="学工部", years=10))
def of_leaves(person_ids): ...  # Piece(...) for everything that is finished
```

Declared in a package's `elements.py`, which is imported at start. The collector asks again and again: a piece is told by
its origin, and one that reads otherwise than before is kept beside the old one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

Audience = Literal["student", "staff"]
Secrecy = Literal["open", "internal", "private"]
# In the order of a life; which periods there are for whom.
PERIODS: Mapping[Audience, Mapping[str, str]] = {
    "student": {"admission": "招生入学", "study": "培养", "conduct": "奖惩与日常", "graduation": "毕业离校"},
    "staff": {"entry": "入职", "title": "职称与聘任", "review": "考核与奖惩", "affairs": "日常事务", "retirement": "离退休"},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Range:
    """One kind of record that belongs into a file: in which period, who owns it, for how many years (None: for ever).

    `needed` are the states of the file (`always`, `left`) in which it must not be missing.
    """

    key: str
    title: str
    period: str
    owner: str
    audience: Audience = "student"
    years: int | None = None
    secrecy: Secrecy = "internal"
    needed: Literal["", "always", "left"] = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """One record: what it says, when it happened, which row it comes from (`leave.leave:12`), the file if there is one."""

    range_key: str
    person_id: int
    title: str
    happened_on: date
    origin: str
    facts: tuple[tuple[str, str], ...] = field(default=())
    file_id: int | None = None


Provider = Callable[[Collection[int]], Iterable[Piece]]
_ranges: dict[str, Range] = {}
_providers: list[Provider] = []


def archived(*ranges: Range) -> Callable[[Provider], Provider]:
    """Decorator of `def f(person_ids) -> Iterable[Piece]`; one call for many people."""

    def declare(provider: Provider) -> Provider:
        for one in ranges:
            if one.key in _ranges:
                raise TypeError(f"two providers answer for the records {one.key}")
            if one.period not in PERIODS[one.audience]:
                raise ValueError(f"{one.key}: no period {one.period} in the life of a {one.audience}")
            _ranges[one.key] = one
        _providers.append(provider)
        return provider

    return declare


def ranges() -> Mapping[str, Range]:
    """Everything that belongs into files, by key."""
    return dict(_ranges)


def pieces_of(person_ids: Collection[int]) -> list[Piece]:
    """What there is of these people now, whoever keeps it."""
    return [piece for provider in _providers for piece in provider(person_ids) if piece.range_key in _ranges]
