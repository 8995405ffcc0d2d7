"""The template environment: what every page may call."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import get_language, gettext, ngettext
from jinja2 import Environment, FileSystemBytecodeCache, StrictUndefined, Undefined

from yanta.kernel.portal import formats
from yanta.kernel.portal.assets import asset
from yanta.kernel.portal.demo import demo_accounts
from yanta.kernel.portal.shell import layout, shell_of


class Missing(StrictUndefined):
    """May be asked whether it is there; printing it or reading on is an error."""

    __slots__ = ()
    __bool__ = Undefined.__bool__  # type: ignore[assignment]  # the strict parent forbids what we allow


def translated(text: Any, **values: Any) -> str:
    """The text in the reader's language; labels of systems come through here as they are."""
    words = str(text) if text else ""
    if (get_language() or "zh")[:2] != "zh":  # the texts are Chinese; a list page asks four hundred times
        words = gettext(words) if words else ""
    return words % values if values else words


def counted(text: str, n: int, **values: Any) -> str:
    """`_n("%(n)s 条", 3)`: English knows one and many."""
    return ngettext(text, text, n) % {"n": formats.number(n), **values}


def address(name: str, *args: Any, **kwargs: Any) -> str:
    return reverse(name, args=args, kwargs=kwargs)


class _Once:
    """A text that is made when it is first printed, and only once."""

    def __init__(self, make: Callable[[], str]) -> None:
        self._make = make

    @cached_property
    def _text(self) -> str:
        return self._make()

    def __str__(self) -> str:
        return self._text

    __html__ = __str__


def csrf(request: HttpRequest) -> dict[str, Any]:
    """Context processor: one token for all forms of a page; Django masks it anew for each, which costs more than the form."""
    token = _Once(lambda: get_token(request))
    field = _Once(lambda: format_html('<input type="hidden" name="csrfmiddlewaretoken" value="{}">', token))
    return {"csrf_token": token, "csrf_input": field}


def environment(**options: Any) -> Environment:
    """Called by Django's Jinja2 backend."""
    options.setdefault("trim_blocks", True)
    options.setdefault("lstrip_blocks", True)
    if not settings.DEBUG:
        folder = settings.HOME / "templates"
        folder.mkdir(parents=True, exist_ok=True)
        options.setdefault("bytecode_cache", FileSystemBytecodeCache(str(folder)))
    made = Environment(**{**options, "undefined": Missing})  # noqa: S701 -- Django passes autoescape=True
    made.globals.update(
        _=translated,
        _n=counted,
        asset=asset,
        url=address,
        shell=shell_of,
        layout=layout,
        language=get_language,
        demo_accounts=demo_accounts,
    )
    made.filters.update(
        date=formats.day, datetime=formats.moment, relative=formats.relative, deadline=formats.deadline, money=formats.money, number=formats.number,
        few=formats.few, masked=formats.masked, percent=formats.percent, tone=formats.tone, state_tone=formats.state_tone,
    )  # fmt: skip
    return made
