"""The way around: areas, systems and their nouns, as far as the actor may see them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import groupby

from django.apps import apps

from yanta.kernel.base import Actor

FEW_PLACES = 6


@dataclass(frozen=True, slots=True)
class Place:
    """One page that the menu, the applications and the search box lead to.

    `app` is the label of the system it belongs to; empty means the one that names the place.
    """

    title: str
    url: str
    area: str
    icon: str = "table"
    summary: str = ""
    permission: str = ""
    roles: tuple[str, ...] = ()
    in_menu: bool = True
    app: str = ""

    def is_open_to(self, actor: Actor) -> bool:
        """Nothing asked means: open to everyone who is signed in."""
        if self.permission and not actor.may(self.permission):
            return False
        return not self.roles or actor.is_system or actor.has_role(*self.roles)


@dataclass(frozen=True, slots=True)
class Group:
    """The places of one system within an area. Folded, the menu shows the system alone, which leads to its first place."""

    title: str
    icon: str
    places: list[Place]

    def holds(self, path: str) -> bool:
        return any(path.startswith(place.url) for place in self.places)


@dataclass(frozen=True, slots=True)
class Area:
    """`is_quiet`: what one only looks up; the menu keeps it folded."""

    title: str
    places: list[Place] = field(default_factory=list)
    is_quiet: bool = False

    def holds(self, path: str) -> bool:
        return any(path.startswith(place.url) for place in self.places)

    def groups(self, path: str) -> list[tuple[Group, bool]]:
        """What the menu shows, each with whether it is folded: long areas unfold only the system the person is in."""
        shown = [place for place in self.places if place.in_menu]
        groups = [
            _group(label, list(places)) for label, places in groupby(shown, key=lambda place: place.app)
        ]
        is_short = len(shown) <= FEW_PLACES or len(groups) == 1
        return [(one, not (is_short or len(one.places) == 1 or one.holds(path))) for one in groups]


def _group(label: str, places: list[Place]) -> Group:
    config = apps.app_configs.get(label)
    title = getattr(config, "title", "") or str(getattr(config, "verbose_name", label))
    return Group(title, getattr(config, "icon", places[0].icon), places)


_sources: list[Callable[[], list[Place]]] = []
# What one decides by comes first, then what one does, what one looks up, what runs the platform.
_LAST = {"决策支持": -1, "数据": 1, "平台": 2}


def places(source: Callable[[], list[Place]]) -> Callable[[], list[Place]]:
    """Decorator: a function that names places; asked once, when the first page is shown."""
    _sources.append(source)
    _known.clear()
    return source


_known: list[Place] = []


def every_place() -> list[Place]:
    """Every place, system by system in the order of installation; a system's own pages before its nouns."""
    if not _known:
        sources = sorted(_sources, key=lambda source: source.__module__.startswith(f"{__package__}."))
        found = [_with_app(place, source) for source in sources for place in source()]
        order = {label: number for number, label in enumerate(apps.app_configs)}
        _known.extend(sorted(found, key=lambda place: order.get(place.app, -1)))
    return _known


def _with_app(place: Place, source: Callable[[], list[Place]]) -> Place:
    config = None if place.app else apps.get_containing_app_config(source.__module__)
    return replace(place, app=config.label) if config else place


def areas_for(actor: Actor) -> list[Area]:
    """The actor's places by area: business first, in the order of installation."""
    found: dict[str, list[Place]] = defaultdict(list)
    for place in every_place():
        if place.is_open_to(actor):
            found[place.area].append(place)
    looks_up = all(grant.reach == "own" for grant in actor.grants)
    titles = sorted(found, key=lambda title: _LAST.get(title, 0))
    return [Area(title, found[title], is_quiet=looks_up and title in _LAST) for title in titles]
