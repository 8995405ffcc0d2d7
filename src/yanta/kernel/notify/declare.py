"""Declaring what can be said to people: in a system's `events.py`, beside what systems tell each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.utils import translation
from django.utils.translation import gettext
from jinja2 import StrictUndefined, meta
from jinja2.sandbox import ImmutableSandboxedEnvironment

TITLE_LENGTH = SHORT_LENGTH = 200
# What people tell people is no system's.
PEOPLE = "notice"
_templates: dict[str, Template] = {}


@dataclass(frozen=True, slots=True)
class Texts:
    """What is said: in the portal title and body, where only a line fits `short`, else the title."""

    title: str
    body: str = ""
    short: str = ""

    def said(self, context: Mapping[str, Any]) -> Texts:
        """The texts over this context; a name that the context lacks is a bug of the caller."""
        title, body, short = (compiled(text).render(context) for text in (self.title, self.body, self.short))
        return Texts(title[:TITLE_LENGTH], body, short[:SHORT_LENGTH])

    @property
    def names(self) -> frozenset[str]:
        return names_in(self.title) | names_in(self.body) | names_in(self.short)


@dataclass(frozen=True, slots=True)
class Template:
    """A kind of message; its texts are Jinja over the context that `send` is given."""

    code: str
    title: str
    body: str = ""
    channels: tuple[str, ...] = ()
    urgent: bool = False
    icon: str = "bell"
    short: str = ""
    english: Texts | None = None

    def texts(self, language: str) -> Texts:
        """As declared, in a language; English that is not declared comes from the catalogue of translations."""
        if not language.startswith("en"):
            return Texts(self.title, self.body, self.short)
        if self.english is not None:
            return self.english
        with translation.override("en"):
            return Texts(*(gettext(text) if text else "" for text in (self.title, self.body, self.short)))

    @property
    def names(self) -> frozenset[str]:
        """The names that senders give a value."""
        return self.texts("zh").names

    @property
    def category(self) -> str:
        return self.code.partition(".")[0]


def category_title(category: str) -> str:
    """What people call the messages of a system: its own title."""
    if category == PEOPLE:
        return "通知"
    config = apps.app_configs.get(category)
    return getattr(config, "title", "") or str(getattr(config, "verbose_name", "")) or "其他"


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)


@cache
def compiled(source: str) -> Any:
    return _environment().from_string(source)


def parsed(source: str) -> Any:
    """The tree of a text, for who checks it; raises `TemplateSyntaxError`."""
    return _environment().parse(source)


@cache
def names_in(source: str) -> frozenset[str]:
    return frozenset(meta.find_undeclared_variables(parsed(source)))


def template(
    code: str,
    *,
    title: str,
    body: str = "",
    short: str = "",
    english: tuple[str, str, str] | tuple[()] = (),
    channels: tuple[str, ...] = (),
    urgent: bool = False,
    icon: str = "bell",
) -> Template:
    """`template("leave.decided", title="请假{{ result }}", channels=("mail",))`; the portal always gets it.

    Outside the portal the first of `channels` that reaches the person is used; `urgent` messages go by all of them,
    in the quiet hours too. `english` are title, body and short text; left out, the translations of the Chinese count.
    """
    if code in _templates:
        raise TypeError(f"two messages are called {code}")
    made = Template(code, title, body, channels, urgent, icon, short, Texts(*english) if english else None)
    if made.english is not None and not made.english.names <= made.names:
        raise TypeError(f"the English of {code} speaks of what the Chinese does not")
    _templates[code] = made
    return made


def template_named(code: str) -> Template:
    if code not in _templates:
        raise LookupError(f"no message is called {code}; declare it with yanta.kernel.notify.template")
    return _templates[code]


def templates() -> list[Template]:
    """Every declared message, by code."""
    return [_templates[code] for code in sorted(_templates)]
