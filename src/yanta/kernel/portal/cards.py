"""Cards of the home page: each system may bring some; this file also brings the portal's own places."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

from django.db.models import CharField, Value

from yanta.kernel.base import Actor
from yanta.kernel.base.manifest import System
from yanta.kernel.portal.formats import state_tone
from yanta.kernel.portal.navigation import Place, places
from yanta.kernel.portal.todos import Todo, todos, unread_count
from yanta.kernel.resource import Resource, resource_of, resources
from yanta.kernel.resource.paths import with_related_rows

OWN_ROWS = 5
# Of the home page: how many cards are sure of the wide column, how high "my applications" is, in lines.
STAY_IN_MAIN, APPLICATIONS_HEIGHT, NARROW_FIGURES = 2, 8, 3

__all__ = [
    "CardContent",
    "CardRow",
    "Columns",
    "Figure",
    "Place",
    "Todo",
    "card",
    "cards_for",
    "columns_of",
    "places",
    "todos",
    "unread_count",
]


@dataclass(frozen=True, slots=True)
class CardRow:
    """A line of a card: what, more about it, at the end when or how much."""

    title: str
    url: str = ""
    detail: str = ""
    end: str = ""
    icon: str = ""
    tone: str = ""
    is_new: bool = False


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

    @property
    def height(self) -> int:
        """In lines, roughly: the head, the figures, two lines for each row."""
        figures = 3 if self.content.figures else 0
        return 2 + figures + 2 * len(self.content.rows)

    @property
    def is_wide(self) -> bool:
        """More figures than stand beside one another in the narrow column."""
        return len(self.content.figures) > NARROW_FIGURES


@dataclass(frozen=True, slots=True)
class Columns:
    """The home page's two columns from top to bottom."""

    main: Sequence[ShownCard]
    side: Sequence[ShownCard]


_cards: list[Card] = []


def card(
    *,
    title: str,
    order: int = 50,
    for_roles: Sequence[str] = (),
    column: Literal["main", "side"] = "main",
    icon: str = "",
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


def columns_of(shown: Sequence[ShownCard], *, waiting: int) -> Columns:
    """Each card where it wants to be, as long as the columns end at about the same height; `waiting` todos stand first.

    What comes first stays in the wide column; each of the rest goes where there is more room.
    """
    main, side = list[ShownCard](), [one for one in shown if one.card.column == "side"]
    left, right = 2 + 2 * min(waiting, OWN_ROWS), APPLICATIONS_HEIGHT + sum(one.height for one in side)
    moved = list[ShownCard]()
    for one in shown:
        if one.card.column == "side":
            continue
        if len(main) >= STAY_IN_MAIN and not one.is_wide and right < left:
            moved.append(one)
            right += one.height
        else:
            main.append(one)
            left += one.height
    return Columns(main, sorted([*side, *moved], key=lambda one: one.card.order))


@card(title="我的身份", order=90, column="side", icon="key")
def my_roles(actor: Actor) -> CardContent | None:
    """Rights follow from appointments and enrolments; here one reads from which."""
    rows = {
        (grant.role, grant.unit_name): CardRow(
            title=grant.title, detail=grant.reason, end=f"至 {grant.until}" if grant.until else ""
        )
        for grant in actor.grants
    }
    return CardContent(rows=list(rows.values())) if rows else None


@card(title="我办的事", order=30, icon="clipboard-list")
def my_matters(actor: Actor) -> CardContent | None:
    """The newest of one's own rows that have a state, whatever system they are in."""
    if actor.person_id is None:
        return None
    newest = _newest([one for one in _with_course() if actor.may(one.permission("view"))], actor)
    wanted: dict[str, list[int]] = defaultdict(list)
    for key, pk in newest:
        wanted[key].append(pk)
    rows = {
        (key, row.pk): _row_of(resource, row)
        for key, keys in wanted.items() if (resource := resource_of(key)) is not None
        for row in with_related_rows(resource.model, resource.rows().filter(pk__in=keys), ["__str__"])
    }  # fmt: skip
    return CardContent(rows=[rows[one] for one in newest if one in rows]) if rows else None


@cache
def _with_course() -> tuple[Resource, ...]:
    """Business that goes on: rows of a person with a state and verbs, of a system that brings no card of its own."""
    told = {one.provider.__module__ for one in _cards}
    return tuple(one for one in resources() if _has_course(one) and f"{one.config.name}.cards" not in told)


def _has_course(resource: Resource) -> bool:
    model = resource.model
    if not isinstance(resource.config, System) or not resource.actions or model.person_path in (None, "self"):
        return False
    return not {"status", "state"}.isdisjoint(field.name for field in model._meta.concrete_fields)


def _newest(nouns: Sequence[Resource], actor: Actor) -> list[tuple[str, int]]:
    """Noun and key of one's newest rows: one question, however many nouns there are."""
    each = [
        resource.visible_to(actor).filter(**{f"{resource.model.person_path}_id": actor.person_id})
        .order_by().values_list(Value(resource.key, CharField()), "pk", "updated_at")
        for resource in nouns
    ]  # fmt: skip
    if not each:
        return []
    rows = each[0].union(*each[1:], all=True) if each[1:] else each[0]
    return [(key, pk) for key, pk, _at in rows.order_by("-updated_at")[:OWN_ROWS]]


def _row_of(resource: Resource, row: Any) -> CardRow:
    shown = getattr(row, "get_status_display", None) or getattr(row, "get_state_display", None)
    state = getattr(row, "status", "") or getattr(row, "state", "")
    return CardRow(
        title=str(row), url=f"{resource.base_url}{row.pk}/", icon=_icon(resource), detail=resource.label,
        end=str(shown()) if shown else "", tone=state_tone(state),
    )  # fmt: skip


@places
def declared_nouns() -> list[Place]:
    """Every registered resource is a place."""
    return [
        Place(
            title=one.label, url=one.base_url, area=one.area, icon=_icon(one), summary=_summary(one),
            permission=one.permission("view"), in_menu=one.in_menu, app=one.config.label,
        )
        for one in resources()
    ]  # fmt: skip


def _icon(resource: Any) -> str:
    if resource.icon != "table" or not isinstance(resource.config, System):
        return str(resource.icon)
    return resource.config.icon


def _summary(resource: Any) -> str:
    """A system of one noun tells what it is for; of several, each says which system it belongs to."""
    config = resource.config
    if not isinstance(config, System):
        return ""
    is_only_one = sum(one.config is config for one in resources()) == 1
    said = config.summary if is_only_one else config.title
    return "" if said == resource.label else said
