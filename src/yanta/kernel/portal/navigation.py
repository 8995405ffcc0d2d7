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
    title: str
    places: list[Place] = field(default_factory=list)


_sources: list[Callable[[], list[Place]]] = []
_order = ("我的", "主数据", "数据中心", "学工", "教务", "科研", "后勤", "资产", "平台")


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
    """The actor's places by area, in the school's usual order."""
    found: dict[str, list[Place]] = defaultdict(list)
    for place in every_place():
        if place.is_open_to(actor):
            found[place.area].append(place)
    titles = sorted(found, key=lambda title: _order.index(title) if title in _order else len(_order) - 1.5)
    return [Area(title, found[title]) for title in titles]
