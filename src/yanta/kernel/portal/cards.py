"""Cards of the home page: each system may bring some; this file also brings the portal's own places."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from yanta.kernel.base import Actor
from yanta.kernel.base.manifest import System
from yanta.kernel.portal.navigation import Place, places
from yanta.kernel.portal.todos import Todo, todos, unread_count
from yanta.kernel.resource import resources

__all__ = ["CardContent", "CardRow", "Figure", "Place", "Todo", "card", "cards_for", "places", "todos", "unread_count"]


@dataclass(frozen=True, slots=True)
class CardRow:
    """A line of a card: what, more about it, at the end when or how much."""

    title: str
    url: str = ""
    detail: str = ""
    end: str = ""
    icon: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    label: str
    value: str
    unit: str = ""
    url: str = ""
    trend: str = ""


@dataclass(frozen=True, slots=True)
class CardContent:
    """Rows, figures, or both; `empty` is said when there are none."""

    rows: Sequence[CardRow] = ()
    figures: Sequence[Figure] = ()
    note: str = ""
    more_url: str = ""
    more: str = "查看全部"
    empty: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    title: str
    order: int
    roles: tuple[str, ...]
    column: Literal["main", "side"]
    icon: str
    provider: Callable[[Actor], CardContent | None]


@dataclass(frozen=True, slots=True)
class ShownCard:
    card: Card
    content: CardContent = field(default_factory=CardContent)


_cards: list[Card] = []


def card(
    *, title: str, order: int = 50, for_roles: Sequence[str] = (), column: Literal["main", "side"] = "main", icon: str = ""
) -> Callable[[Callable[[Actor], CardContent | None]], Callable[[Actor], CardContent | None]]:
    """`@card(title="今日课程", order=20, for_roles=["student"])` on `def f(actor) -> CardContent | None`."""

    def declare(provider: Callable[[Actor], CardContent | None]) -> Callable[[Actor], CardContent | None]:
        _cards.append(Card(title, order, tuple(for_roles), column, icon, provider))
        return provider

    return declare


def cards_for(actor: Actor) -> list[ShownCard]:
    """The cards that have something to say to this actor, in order."""
    shown = []
    for one in sorted(_cards, key=lambda one: one.order):
        if one.roles and not actor.has_role(*one.roles):
            continue
        content = one.provider(actor)
        if content is not None:
            shown.append(ShownCard(one, content))
    return shown


@places
def declared_nouns() -> list[Place]:
    """Every registered resource is a place."""
    return [
        Place(
            title=one.label, url=one.base_url, area=one.area, icon=_icon(one), summary=_system_title(one),
            permission=one.permission("view"), in_menu=one.in_menu,
        )
        for one in resources()
    ]  # fmt: skip


def _icon(resource: Any) -> str:
    if resource.icon != "table" or not isinstance(resource.config, System):
        return str(resource.icon)
    return resource.config.icon


def _system_title(resource: Any) -> str:
    return resource.config.title if isinstance(resource.config, System) else ""
