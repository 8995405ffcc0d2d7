"""Whoever comes to sign in on the way to another application sees which one; whoever leaves is led out of all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.http import HttpRequest, HttpResponse
from django.urls import reverse


@dataclass(frozen=True, slots=True)
class Visited:
    """The application behind an address of ours; `origin` is where the browser is sent in the end."""

    name: str
    summary: str
    logo: str
    origin: str


@dataclass(frozen=True, slots=True)
class Way:
    """Another way to sign in, or a page about one's own: where it leads, in whose words."""

    title: str
    url: str
    icon: str = "login"
    summary: str = ""


Finder = Callable[[dict[str, str]], Visited | None]
_finders: dict[str, Finder] = {}
_leaving: list[Callable[[HttpRequest], str | None]] = []
_ways: list[Callable[[str], list[Way]]] = []
_own_pages: list[Callable[[], list[Way]]] = []
_elsewhere: list[Callable[[HttpRequest], Way | None]] = []


def visitor(path: str) -> Callable[[Finder], Finder]:
    """`@visitor("/cas/login")` on a function from the address's parameters to the application."""

    def declare(finder: Finder) -> Finder:
        _finders[path] = finder
        return finder

    return declare


def leaving(provider: Callable[[HttpRequest], str | None]) -> Callable[[HttpRequest], str | None]:
    """Decorator: asked before a session is closed; names the page that sees the person out, or None."""
    _leaving.append(provider)
    return provider


def elsewhere(provider: Callable[[HttpRequest], Way | None]) -> Callable[[HttpRequest], Way | None]:
    """Decorator: where else somebody is still signed in when they leave here, and the page of ours that leads out there."""
    _elsewhere.append(provider)
    return provider


def still_in(request: HttpRequest) -> Way | None:
    """Asked before the session is closed."""
    return next((way for provider in _elsewhere if (way := provider(request))), None)


def ways(provider: Callable[[str], list[Way]]) -> Callable[[str], list[Way]]:
    """Decorator: other ways to sign in, given the address of ours to go on to; shown below the form."""
    _ways.append(provider)
    return provider


def ways_to(onward: str) -> list[Way]:
    return [way for provider in _ways for way in provider(onward)]


def own_pages(provider: Callable[[], list[Way]]) -> Callable[[], list[Way]]:
    """Decorator: pages about one's own ways to sign in, named on 账号与安全."""
    _own_pages.append(provider)
    return provider


def account_pages() -> list[Way]:
    return [page for provider in _own_pages for page in provider()]


def visited_by(onward: str) -> Visited | None:
    """The application to which this address of ours leads on."""
    parts = urlsplit(onward)
    finder = _finders.get(parts.path)
    if finder is None:
        return None
    return finder({name: values[0] for name, values in parse_qs(parts.query).items()})


def let_form_lead_to(answer: HttpResponse, visited: Visited | None) -> None:
    """Browsers check where a form's answer redirects to; this page's form may end at the application."""
    if visited is not None:
        update: dict[str, Any] = {"form-action": [visited.origin]}
        answer._csp_update = update  # type: ignore[attr-defined]


def page_after_sign_out(request: HttpRequest) -> str:
    """Where to go when the session is closed; asked before it is."""
    found = (provider(request) for provider in _leaving)
    return next((page for page in found if page), reverse("sign-in"))
