"""我的数据: what the school keeps of the person who looks, where it comes from, which rights follow from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse

from yanta.kernel.base import Actor
from yanta.kernel.people.models import Person
from yanta.kernel.portal.pages import PortalPage
from yanta.kernel.resource import Resource, records, resource_of, resources

ROWS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class MySection:
    """Facts under a heading; `facts` are the arguments of `ui.fact`, `more` is (label, address)."""

    title: str
    facts: Sequence[dict[str, Any]]
    note: str = ""
    more: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class MyRows:
    """The person's own rows of one noun."""

    resource: Resource
    count: int
    rows: list[Any] = field(default_factory=list)


Provider = Callable[[Actor], Sequence[MySection]]
_providers: list[Provider] = []


def mine(provider: Provider) -> Provider:
    """Decorator for `cards.py`: sections that know their sources; the first with an answer replaces the plain record."""
    _providers.append(provider)
    return provider


def sections_for(actor: Actor) -> list[MySection]:
    for provider in _providers:
        found = list(provider(actor))
        if found:
            return found
    return _plain_record(actor)


def _plain_record(actor: Actor) -> list[MySection]:
    resource = resource_of(Person)
    if resource is None or actor.person_id is None or not actor.may(resource.permission("view")):
        return []
    row = resource.rows().filter(pk=actor.person_id).first()
    groups = records.facts_of(resource, row, actor) if row is not None else []
    return [MySection(group.title, [{"label": one.label, "value": one.value} for one in group.facts]) for group in groups]


def rows_of(actor: Actor) -> list[MyRows]:
    """The nouns that hold rows of this person, with the newest of them."""
    if actor.person_id is None:
        return []
    found = [_own_rows(one, actor) for one in resources() if one.model.person_path not in (None, "self")]
    return [one for one in found if one is not None and one.count]


def _own_rows(resource: Resource, actor: Actor) -> MyRows | None:
    if not actor.may(resource.permission("view")):
        return None
    rows = resource.visible_to(actor).filter(**{f"{resource.model.person_path}_id": actor.person_id}).order_by("-pk")
    shown = list(rows[: ROWS_SHOWN + 1])
    return MyRows(resource, len(shown) if len(shown) <= ROWS_SHOWN else rows.count(), shown[:ROWS_SHOWN])


class MyDataView(PortalPage):
    template = "portal/mine.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        person = Person.objects.filter(pk=self.actor.person_id).first() if self.actor.person_id else None
        return self.page(person=person, sections=sections_for(self.actor), own=rows_of(self.actor), grants=_grants(self.actor))


def _grants(actor: Actor) -> list[Any]:
    """One line for a role in a unit: a clerk's grant is kept in two parts."""
    return list({(grant.role, grant.unit_name): grant for grant in actor.grants}.values())
