"""Declaring what can be said to people: in a system's `events.py`, beside what systems tell each other."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

_templates: dict[str, Template] = {}


@dataclass(frozen=True, slots=True)
class Template:
    """A kind of message; `title` and `body` are Jinja text over the context that `send` is given."""

    code: str
    title: str
    body: str = ""
    channels: tuple[str, ...] = ()
    urgent: bool = False
    icon: str = "bell"

    def said(self, context: dict[str, Any]) -> tuple[str, str]:
        """Title and body; a name that the context lacks is a bug of the caller."""
        return _compiled(self.title).render(context)[:200], _compiled(self.body).render(context)


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)


@cache
def _compiled(source: str) -> Any:
    return _environment().from_string(source)


def template(
    code: str,
    *,
    title: str,
    body: str = "",
    channels: tuple[str, ...] = (),
    urgent: bool = False,
    icon: str = "bell",
) -> Template:
    """`template("leave.decided", title="请假{{ result }}", channels=("mail",))`; the portal always gets it.

    `urgent` messages go out by other channels in the quiet hours too.
    """
    if code in _templates:
        raise TypeError(f"two messages are called {code}")
    _compiled(title), _compiled(body)
    _templates[code] = Template(code, title, body, channels, urgent, icon)
    return _templates[code]


def template_named(code: str) -> Template:
    if code not in _templates:
        raise LookupError(f"no message is called {code}; declare it with yanta.kernel.notify.template")
    return _templates[code]
