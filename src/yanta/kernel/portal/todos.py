"""What awaits a person: systems say so, home and the to-do page show it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from yanta.kernel.base import Actor

Tone = Literal["", "info", "success", "warning", "danger"]


@dataclass(frozen=True, slots=True)
class Todo:
    """One thing to do: a sentence, a way there, by when."""

    title: str
    url: str
    detail: str = ""
    icon: str = "checklist"
    kind: str = ""
    due_on: date | None = None
    count: int = 1


_providers: list[Callable[[Actor], list[Todo]]] = []
_unread: list[Callable[[Actor], int]] = []


def todos(provider: Callable[[Actor], list[Todo]]) -> Callable[[Actor], list[Todo]]:
    """Decorator for `cards.py` of a system: `@todos def mine(actor) -> list[Todo]`."""
    _providers.append(provider)
    return provider


def unread_count(provider: Callable[[Actor], int]) -> Callable[[Actor], int]:
    """Decorator: how many messages the person has not read."""
    _unread.append(provider)
    return provider


def todos_of(actor: Actor, *, but: Callable[[Actor], list[Todo]] | None = None) -> list[Todo]:
    """Everything that awaits the actor, `but` what this provider says; what is due first comes first."""
    found = [one for provider in _providers if provider is not but for one in provider(actor)]
    return sorted(found, key=lambda one: (one.due_on is None, one.due_on or date.max))


def total(found: Iterable[Todo]) -> int:
    """How many things these are, of which one line may stand for several."""
    return sum(one.count for one in found)


def count(actor: Actor) -> int:
    return total(todos_of(actor))


def unread(actor: Actor) -> int:
    return sum(provider(actor) for provider in _unread)
