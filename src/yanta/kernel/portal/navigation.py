"""The way around: areas, systems and their nouns, as far as the actor may see them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from yanta.kernel.base import Actor


@dataclass(frozen=True, slots=True)
class Place:
    """One page that the menu, the applications and the search box lead to."""

    title: str
    url: str
    area: str
    icon: str = "table"
    summary: str = ""
    permission: str = ""
    roles: tuple[str, ...] = ()
    in_menu: bool = True

    def is_open_to(self, actor: Actor) -> bool:
        """Nothing asked means: open to everyone who is signed in."""
        if self.permission and not actor.may(self.permission):
            return False
        return not self.roles or actor.is_system or actor.has_role(*self.roles)


@dataclass(frozen=True, slots=True)
class Area:
    """`is_quiet`: what one only looks up; the menu keeps it folded."""

    title: str
    places: list[Place] = field(default_factory=list)
    is_quiet: bool = False

    def holds(self, path: str) -> bool:
        return any(path.startswith(place.url) for place in self.places)


_sources: list[Callable[[], list[Place]]] = []
# What one does comes first, then what one looks up, then what runs the platform.
_LAST = {"数据中心": 1, "基础平台": 2, "平台": 3}


def places(source: Callable[[], list[Place]]) -> Callable[[], list[Place]]:
    """Decorator: a function that names places; asked once, when the first page is shown."""
    _sources.append(source)
    _known.clear()
    return source


_known: list[Place] = []


def every_place() -> list[Place]:
    if not _known:
        _known.extend(place for source in _sources for place in source())
    return _known


def areas_for(actor: Actor) -> list[Area]:
    """The actor's places by area: business first, in the order of installation."""
    found: dict[str, list[Place]] = defaultdict(list)
    for place in every_place():
        if place.is_open_to(actor):
            found[place.area].append(place)
    looks_up = all(grant.reach == "own" for grant in actor.grants)
    titles = sorted(found, key=lambda title: _LAST.get(title, 0))
    return [Area(title, found[title], is_quiet=looks_up and title in _LAST) for title in titles]
