"""The frame around a page: navigation, counts, theme and language of this request."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest
from django.utils.translation import get_language

from yanta.kernel.base import Actor
from yanta.kernel.portal import navigation, todos
from yanta.kernel.portal.navigation import Area

COUNTS_KEPT_SECONDS = 20
THEMES = ("light", "dark")


@dataclass
class Shell:
    """Computed when the template asks, at most once a request."""

    request: HttpRequest

    @cached_property
    def actor(self) -> Actor:
        return getattr(self.request, "actor", None) or Actor.nobody()

    @property
    def is_known(self) -> bool:
        """Somebody is signed in."""
        return self.actor.account_id is not None

    @property
    def path(self) -> str:
        return self.request.path

    @property
    def theme(self) -> str:
        chosen = self.request.COOKIES.get("yanta_theme", "")
        return chosen if chosen in THEMES else ""

    @property
    def language(self) -> str:
        return "en" if (get_language() or "").startswith("en") else "zh-CN"

    @property
    def school(self) -> str:
        return os.environ.get("YANTA_SCHOOL", "雁塔大学")

    @cached_property
    def areas(self) -> list[Area]:
        return navigation.areas_for(self.actor) if self.is_known else []

    @cached_property
    def counts(self) -> tuple[int, int]:
        """To-dos and unread messages; a fresh count would cost every page two queries."""
        if not self.is_known:
            return 0, 0
        key = f"portal:counts:{self.actor.account_id}"
        found: tuple[int, int] | None = cache.get(key)
        if found is None:
            found = todos.count(self.actor), todos.unread(self.actor)
            cache.set(key, found, COUNTS_KEPT_SECONDS)
        return found

    @cached_property
    def roles(self) -> list[tuple[str, str]]:
        """Every role of the person, whichever they act in now, for the identity switch."""
        return list(dict(getattr(self.request, "roles", {})).items())

    @property
    def acting_as(self) -> str:
        """The one role the person chose to act in; empty when all of them count."""
        session = getattr(self.request, "session", None)
        return str(session.get("acting_as", "")) if session is not None else ""


def forget_counts(account_id: int) -> None:
    """Something was done or read: the next page counts anew."""
    cache.delete(f"portal:counts:{account_id}")


def shell_of(request: Any) -> Shell:
    """One shell for a request, however often the template asks."""
    found: Shell | None = getattr(request, "_shell", None)
    if found is None:
        found = request._shell = Shell(request)
    return found


def layout(request: Any) -> str:
    """Pages open whole, in the side panel, or bare for who is not signed in."""
    if request.GET.get("_part") == "panel":
        return "portal/panel.html"
    return "portal/base.html" if shell_of(request).is_known else "portal/plain.html"
