"""People that no unit holds together, such as those of one class: named by a text, found by whoever knows them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Finder = Callable[[int], Any]
_finders: dict[str, tuple[Finder, Callable[[int], str]]] = {}


def circle(kind: str, *, title: Callable[[int], str]) -> Callable[[Finder], Finder]:
    """`@circle("class", title=…)` on a function from a key to a queryset of person ids."""

    def declare(finder: Finder) -> Finder:
        _finders[kind] = (finder, title)
        return finder

    return declare


def named(kind: str, key: int) -> str:
    """How a grant writes it: `class:12`."""
    return f"{kind}:{key}"


def people_of(circle: str) -> Any:
    """The person ids of a circle, as a query; nobody's when the kind is not installed."""
    kind, _colon, key = circle.partition(":")
    return _finders[kind][0](int(key)) if kind in _finders else ()


def title_of(circle: str) -> str:
    kind, _colon, key = circle.partition(":")
    return _finders[kind][1](int(key)) if kind in _finders else circle
