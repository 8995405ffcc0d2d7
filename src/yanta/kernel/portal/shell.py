"""The frame around a page: navigation, counts, theme and language of this request."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from yanta.kernel.base import Actor
from yanta.kernel.portal import menu, navigation, todos
from yanta.kernel.portal.navigation import Directory, Place
from yanta.kernel.portal.used import Visits

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
    def directory(self) -> Directory:
        """The places that are open to the person."""
        return navigation.directory_of(self.actor)

    @cached_property
    def here(self) -> Place | None:
        """The place that the page belongs to."""
        return self.directory.here(self.path)

    @cached_property
    def visits(self) -> Visits:
        return Visits.read(self.request, self.actor.account_id or 0)

    @property
    def most_used(self) -> list[Place]:
        return self.visits.most(self.directory)

    @property
    def menu(self) -> SafeString:
        """The areas as the side shows them."""
        return menu.areas_html(self.directory, self.here)

    @cached_property
    def kept_counts(self) -> tuple[int, int] | None:
        """What was counted a moment ago. Counting asks every system, so a page shows itself first and asks afterwards."""
        held, counts = cache.get(_counts_key(self.actor.account_id)) or (None, None)
        return counts if held == _held(self.actor) else None

    @cached_property
    def counts(self) -> tuple[int, int]:
        """To-dos and unread messages, counted anew when the last count is too old."""
        if not self.is_known:
            return 0, 0
        if self.kept_counts is None:
            self._keep((todos.count(self.actor), todos.unread(self.actor)))
        return self.kept_counts or (0, 0)

    def know_todos(self, count: int) -> None:
        """A page that lists the to-dos has counted them: the frame says the same number."""
        unread = self.kept_counts[1] if self.kept_counts else todos.unread(self.actor)
        if self.kept_counts != (count, unread):
            self._keep((count, unread))
        self.counts = count, unread

    def _keep(self, counts: tuple[int, int]) -> None:
        kept = (_held(self.actor), counts)
        cache.set(_counts_key(self.actor.account_id), kept, COUNTS_KEPT_SECONDS)
        self.kept_counts = counts

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
    cache.delete(_counts_key(account_id))


def _held(actor: Actor) -> list[tuple[str, str, str, str]]:
    """With other rights other things await a person: a count goes with them."""
    return [(grant.role, grant.reach, grant.path, grant.circle) for grant in actor.grants]


def _counts_key(account_id: int | None) -> str:
    return f"portal:counts:{account_id}"


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
