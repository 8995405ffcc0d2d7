"""What the systems that had a document sealed say of it now; the verification page shows it beside the seal.

```python
@tells
def told(number: str, *, whole: bool) -> Told | None: ...   # None: not mine

@finds
def number_of(text: str) -> str | None: ...                 # another way to name a document: its own number and code
```
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class Told:
    """What a document is worth now, in a word and a sentence, and what it says of itself."""

    kind: str
    word: str
    text: str
    tone: Literal["success", "warning", "danger"]
    facts: tuple[tuple[str, str], ...] = ()


class Teller(Protocol):
    """`whole`: the file itself was shown, so whoever asks has read it."""

    def __call__(self, number: str, *, whole: bool) -> Told | None: ...


Finder = Callable[[str], str | None]
_tellers: list[Teller] = []
_finders: list[Finder] = []


def tells(teller: Teller) -> Teller:
    """Decorator for `elements.py` or `services` of a system that has documents sealed."""
    _tellers.append(teller)
    return teller


def finds(finder: Finder) -> Finder:
    """Decorator: the verification number behind what somebody typed, or None."""
    _finders.append(finder)
    return finder


def told_of(number: str, *, whole: bool) -> Told | None:
    found = (teller(number, whole=whole) for teller in _tellers)
    return next((one for one in found if one is not None), None)


def number_behind(text: str) -> str | None:
    found = (finder(text) for finder in _finders)
    return next((one for one in found if one), None)
