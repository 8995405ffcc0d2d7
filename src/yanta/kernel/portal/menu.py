"""The menu at the side: rendered once for all who have the same rights; what one uses most stands above it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from yanta.kernel.portal.navigation import Area, Directory, Group, Place
from yanta.kernel.search.tokens import sound_of

# Some ten kilobytes each: so many rights, languages and places to be in.
MENUS_KEPT = 1024
# Whose places the frame names by itself, above the areas.
OWN = "我的"
MOST_FOUND = 12


def areas_html(directory: Directory, here: Place | None) -> SafeString:
    """The areas with their systems, the one marked in which the person is."""
    if settings.DEBUG:
        _areas_html.cache_clear()
    return _areas_html(directory, get_language(), here)


@lru_cache(maxsize=MENUS_KEPT)
def _areas_html(directory: Directory, _language: str, here: Place | None) -> SafeString:
    areas = [_Shown(area, here) for area in directory.areas if area.title != OWN]
    return mark_safe(render_to_string("portal/menu.html", {"areas": areas, "here": here}))  # noqa: S308 - our own template


class _Shown:
    """An area as the menu draws it."""

    def __init__(self, area: Area, here: Place | None) -> None:
        self.title = area.title
        self.groups: list[tuple[Group, bool]] = area.groups(here)
        self.is_open = not area.is_quiet or (here is not None and here.area == area.title)


def found_in(directory: Directory, text: str, besides: Iterable[Place] = ()) -> list[Place]:
    """Places by a piece of their names, of what they are for, or of their pinyin; the best first."""
    wanted = "".join(text.split()).lower()
    if not wanted:
        return []
    ranked = [(_rank(place, wanted), place) for place in (*directory.by_url.values(), *besides)]
    ranked.sort(key=lambda pair: pair[0])
    return [place for rank, place in ranked if rank < _NOWHERE][:MOST_FOUND]


_NOWHERE = 5


def _rank(place: Place, wanted: str) -> int:
    title, (sound, initials) = place.title.lower(), sound_of(place.title)
    at = (
        title.startswith(wanted), wanted in title, initials.startswith(wanted) or sound.startswith(wanted),
        wanted in initials or wanted in sound, any(wanted in said.lower() for said in (place.summary, *place.words)),
    )  # fmt: skip
    return at.index(True) if True in at else _NOWHERE
