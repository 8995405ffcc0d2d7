"""The way around: areas, systems and their nouns, as far as the actor may see them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import groupby

from django.apps import apps

from yanta.kernel.base import Actor

FEW_PLACES = 6
DIRECTORIES_KEPT = 1024


@dataclass(frozen=True, slots=True)
class Rights:
    """What decides which places are open: nothing of the person or the unit, so that a school has few of them."""

    roles: frozenset[str]
    permissions: frozenset[frozenset[str]]
    looks_up: bool
    is_system: bool

    @classmethod
    def of(cls, actor: Actor) -> Rights:
        return cls(
            roles=frozenset(grant.role for grant in actor.grants),
            permissions=frozenset(grant.permissions for grant in actor.grants),
            looks_up=all(grant.reach == "own" for grant in actor.grants),
            is_system=actor.is_system,
        )


@dataclass(frozen=True, slots=True)
class Place:
    """One page that the menu, the applications and the search box lead to.

    `app` is the label of the system it belongs to; empty means the one that names the place. `words` are what people
    also call it.
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
    words: tuple[str, ...] = ()

    def is_open_to(self, rights: Rights) -> bool:
        """Nothing asked means: open to everyone who is signed in."""
        if rights.is_system:
            return True
        if self.permission and not any(self.permission in held for held in rights.permissions):
            return False
        return not self.roles or not rights.roles.isdisjoint(self.roles)


@dataclass(frozen=True, slots=True)
class Group:
    """The places of one system within an area. Folded, the menu shows the system alone, which leads to its first place."""

    title: str
    icon: str
    app: str
    places: list[Place]


@dataclass(frozen=True, slots=True)
class Area:
    """`is_quiet`: what one only looks up; the menu keeps it folded."""

    title: str
    places: list[Place]
    is_quiet: bool = False

    def groups(self, here: Place | None) -> list[tuple[Group, bool]]:
        """What the menu shows, each with whether it is folded: long areas unfold only the system the person is in."""
        shown = [place for place in self.places if place.in_menu]
        groups = [
            _group(label, list(places)) for label, places in groupby(shown, key=lambda place: place.app)
        ]
        is_short = len(shown) <= FEW_PLACES or len(groups) == 1
        at = here.app if here is not None and here.area == self.title else None
        return [(one, not (is_short or len(one.places) == 1 or one.app == at)) for one in groups]


def _group(label: str, places: list[Place]) -> Group:
    config = apps.app_configs.get(label)
    title = getattr(config, "title", "") or str(getattr(config, "verbose_name", label))
    return Group(title, getattr(config, "icon", places[0].icon), label, places)


@dataclass(frozen=True, eq=False)
class Directory:
    """The places open to some rights, by area; one object for all who have these rights."""

    areas: tuple[Area, ...]

    @cached_property
    def by_url(self) -> dict[str, Place]:
        return {place.url: place for area in self.areas for place in area.places}

    def here(self, path: str) -> Place | None:
        """Where a page belongs: the place with the longest address that the page's own begins with."""
        while path:
            if found := self.by_url.get(path):
                return found
            path = path[: path.rstrip("/").rfind("/") + 1]
        return None


_sources: list[Callable[[], list[Place]]] = []
# What everybody comes for stands first; then what one decides by, what one does, what one looks up, what runs the platform.
_FIRST = "办事"
_LAST = {"决策支持": -1, "数据": 1, "平台": 2}


def places(source: Callable[[], list[Place]]) -> Callable[[], list[Place]]:
    """Decorator: a function that names places; asked once, when the first page is shown."""
    _sources.append(source)
    forget_places()
    return source


_personal: list[Callable[[Actor], Iterable[Place]]] = []


def personal_places(source: Callable[[Actor], Iterable[Place]]) -> Callable[[Actor], Iterable[Place]]:
    """Decorator: places that hang on the person and change by the day, such as services; found by name, in no menu."""
    _personal.append(source)
    return source


def personal_places_of(actor: Actor) -> list[Place]:
    """What is open to the actor besides the places of the menu."""
    return [place for source in _personal for place in source(actor)]


_known: list[Place] = []


def forget_places() -> None:
    """The declarations have changed; everything that rests on them is made anew."""
    _known.clear()
    _directory.cache_clear()


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


def directory_of(actor: Actor) -> Directory:
    """Looked up by the rights themselves, so that no place outlives the right to it."""
    return _directory(Rights.of(actor))


@lru_cache(maxsize=DIRECTORIES_KEPT)
def _directory(rights: Rights) -> Directory:
    """Business first, in the order of installation."""
    found: dict[str, list[Place]] = defaultdict(list)
    for place in every_place():
        if place.is_open_to(rights):
            found[place.area].append(place)
    titles = sorted(found, key=lambda title: (title != _FIRST, _LAST.get(title, 0)))
    return Directory(
        tuple(Area(title, found[title], is_quiet=rights.looks_up and title in _LAST) for title in titles)
    )


def areas_for(actor: Actor) -> tuple[Area, ...]:
    """The actor's places by area."""
    return directory_of(actor).areas
