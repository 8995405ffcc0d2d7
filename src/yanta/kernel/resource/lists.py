"""The work list: scope, search, filters, order, page. The address is its whole state."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.dateparse import parse_date

from yanta.kernel.base import Actor
from yanta.kernel.base.fields import SealedField
from yanta.kernel.base.models import Record
from yanta.kernel.base.texts import clean_text
from yanta.kernel.codes import service as codes
from yanta.kernel.codes.fields import CodeField
from yanta.kernel.organisation.models import OrgUnit
from yanta.kernel.resource.declare import Resource
from yanta.kernel.resource.paths import Path, field_of, path_of, title_field, with_related_rows
from yanta.kernel.resource.registry import resource_of

# More options than this are searched for instead of listed.
LISTED_OPTIONS = 60


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter as the page shows it; `kind` is choice, link, bool, range or text."""

    name: str
    label: str
    kind: str
    values: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    lookup: str = ""

    @property
    def is_active(self) -> bool:
        return any(self.values)


@dataclass(frozen=True, slots=True)
class Chip:
    """An active filter in words, and the address without it."""

    label: str
    text: str
    query: str


@dataclass(frozen=True, slots=True)
class ListPage:
    """Everything a list shows."""

    rows: Sequence[Any]
    count: int
    page: int
    pages: int
    first: int
    last: int
    order: str
    search: str
    chips: tuple[Chip, ...]


def _filter_kind(field: models.Field[Any, Any]) -> str:
    if isinstance(field, models.DateField):
        return "range"
    if isinstance(field, models.BooleanField):
        return "bool"
    if isinstance(field, models.ForeignKey):
        return "link"
    return "choice" if field.choices or isinstance(field, CodeField) else "text"


def _values(kind: str, name: str, query: QueryDict) -> tuple[str, ...]:
    if kind == "range":
        both = (_text(query.get(f"{name}_from")), _text(query.get(f"{name}_to")))
        return both if any(both) else ()
    return tuple(_text(value) for value in query.getlist(name) if _text(value))


def _text(value: str | None) -> str:
    """PostgreSQL knows no NUL, which an address may contain."""
    return (value or "").replace("\0", "")


def filters_of(resource: Resource, query: QueryDict) -> list[Filter]:
    """The declared filters with the values of the address, without their options."""
    found = []
    for name in resource.filters:
        path = path_of(resource.model, name)
        kind = _filter_kind(field_of(resource.model, name))
        found.append(Filter(name, path.label, kind, _values(kind, name, query)))
    return found


def _range(name: str, field: models.Field[Any, Any], values: Sequence[str]) -> Q:
    moment = isinstance(field, models.DateTimeField)
    path = f"{name}__date" if moment else name
    since, until = (_day(value) for value in values)
    condition = Q()
    if since:
        condition &= Q(**{f"{path}__gte": since})
    if until:
        condition &= Q(**{f"{path}__lte": until})
    return condition


def _day(text: str) -> date | None:
    """The day that an address names; one that the calendar does not have is none."""
    with suppress(ValueError):
        return parse_date(text)
    return None


def _link(name: str, field: models.Field[Any, Any], values: Sequence[str]) -> Q:
    """Rows linked to one of these; a unit stands for its whole subtree."""
    keys = [int(value) for value in values if value.isdecimal()]
    if field.related_model is not OrgUnit:
        return Q(**{f"{name}__in": keys})
    condition = Q(pk__in=())
    for path in OrgUnit.objects.filter(pk__in=keys).values_list("path", flat=True):
        condition |= Q(**{f"{name}__path__startswith": path})
    return condition


def _condition(resource: Resource, found: Filter) -> Q:
    field = field_of(resource.model, found.name)
    if found.kind == "range":
        return _range(found.name, field, found.values)
    if found.kind == "link":
        return _link(found.name, field, found.values)
    if found.kind == "bool":
        return Q(**{found.name: found.values[0] == "1"})
    if isinstance(field, SealedField):
        return Q(**{found.name: found.values[0]})
    if found.kind == "choice":
        return Q(**{f"{found.name}__in": _readable(field, found.values)})
    return Q(**{f"{found.name}__icontains": found.values[0]})


def _readable(field: models.Field[Any, Any], values: Sequence[str]) -> list[Any]:
    """The values that the field could hold; an address may say anything, and nonsense matches nothing."""
    found = []
    for value in values:
        with suppress(ValidationError):
            found.append(field.to_python(value))
    return found


def search_condition(resource: Resource, text: str) -> Q:
    """Every word must be found in one of the searched fields; sealed fields match whole values only."""
    condition = Q()
    for word in clean_text(text).split()[:5]:
        any_field = Q()
        for name in resource.search:
            sealed = isinstance(field_of(resource.model, name), SealedField)
            any_field |= Q(**{name if sealed else f"{name}__icontains": word})
        condition &= any_field
    return condition


def selected(resource: Resource, actor: Actor, query: QueryDict, *, verb: str = "view") -> QuerySet[Any]:
    """The visible rows that the address asks for, in its order."""
    rows = resource.visible_to(actor, verb)
    for found in filters_of(resource, query):
        if found.is_active:
            rows = rows.filter(_condition(resource, found))
    if resource.search and query.get("q"):
        rows = rows.filter(search_condition(resource, _text(str(query["q"]))))
    return rows.order_by(*order_of(resource, query))


def order_of(resource: Resource, query: QueryDict) -> list[str]:
    """`sort=-amount` if that is a sortable column, else the declared order; ties by key."""
    wanted = query.get("sort", "")
    names = [path.name for path in columns_of(resource) if path.sortable]
    order = [wanted] if wanted.lstrip("-") in names else list(resource.order)
    return order if order and order[-1].lstrip("-") == "pk" else [*order, "pk"]


def columns_of(resource: Resource) -> tuple[Path, ...]:
    return tuple(path_of(resource.model, name) for name in resource.columns)


def _page_number(query: QueryDict, pages: int) -> int:
    text = query.get("page", "1")
    return max(1, min(int(text), pages)) if text.isdecimal() else 1


def list_page(resource: Resource, actor: Actor, query: QueryDict) -> ListPage:
    """One page of the list: two queries, and one more for each linked filter in force."""
    rows = selected(resource, actor, query)
    count = rows.values("pk").count()
    pages = max(1, -(-count // resource.per_page))
    page = _page_number(query, pages)
    start = (page - 1) * resource.per_page
    found = list(with_related_rows(resource.model, rows, resource.columns)[start : start + resource.per_page])
    return ListPage(
        rows=found, count=count, page=page, pages=pages, first=start + 1 if found else 0, last=start + len(found),
        order=query.get("sort", ""), search=query.get("q", ""), chips=tuple(_chips(resource, query)),
    )  # fmt: skip


def without(query: QueryDict, *names: str) -> str:
    """The address's query without these parameters and without the page."""
    rest = query.copy()
    for name in (*names, "page", "_part"):
        rest.pop(name, None)
    return rest.urlencode()


def _chips(resource: Resource, query: QueryDict) -> Iterator[Chip]:
    for found in filters_of(resource, query):
        if found.is_active:
            names = (f"{found.name}_from", f"{found.name}_to") if found.kind == "range" else (found.name,)
            yield Chip(found.label, _in_words(resource, found), without(query, *names))


def _in_words(resource: Resource, found: Filter) -> str:
    if found.kind == "range":
        return " 至 ".join(value or "…" for value in found.values)
    if found.kind == "bool":
        return "是" if found.values[0] == "1" else "否"
    if found.kind == "text":
        return found.values[0]
    names = {option.value: option.label for option in _options(resource, found, None)}
    return "、".join(names.get(value, value) for value in found.values)


def linked_rows(resource: Resource, name: str, actor: Actor, permission: str) -> Any:
    """The rows that a linked field may name, as far as the actor reaches with this permission."""
    model: Any = field_of(resource.model, name).related_model
    rows = model._default_manager.all()
    return rows.visible_to(actor, permission) if issubclass(model, Record) and _is_scoped(model) else rows


def _is_scoped(model: type[Record]) -> bool:
    return model.org_path is not None or model.person_path is not None


def matching(rows: Any, text: str) -> Any:
    """The rows whose searched fields, else natural keys, contain what was typed."""
    target = resource_of(rows.model)
    if target is not None and target.search:
        return rows.filter(search_condition(target, text))
    condition = Q()
    for name in ("name", "title", "number", "code"):
        if any(field.name == name for field in rows.model._meta.concrete_fields):
            condition |= Q(**{f"{name}__icontains": clean_text(text)})
    return rows.filter(condition)


def _linked(resource: Resource, found: Filter, actor: Actor | None) -> tuple[Option, ...]:
    model: Any = field_of(resource.model, found.name).related_model
    if actor is None:
        rows = model._default_manager.filter(pk__in=[value for value in found.values if value.isdecimal()])
    else:
        rows = linked_rows(resource, found.name, actor, resource.permission("view"))
    return tuple(Option(key, title) for key, title in titles_of(rows, LISTED_OPTIONS))


def titles_of(rows: Any, limit: int) -> list[tuple[str, str]]:
    """Key and title of rows to choose from; only one column is read where that says enough."""
    model = rows.model
    name = None if getattr(model, "title_needs", ()) else title_field(model)
    if name is None:
        return [(str(row.pk), str(row)) for row in with_related_rows(model, rows, ["__str__"])[:limit]]
    return [(str(pk), str(title)) for pk, title in rows.values_list("pk", name)[:limit]]


def _options(resource: Resource, found: Filter, actor: Actor | None) -> tuple[Option, ...]:
    field = field_of(resource.model, found.name)
    if found.kind == "link":
        return _linked(resource, found, actor)
    if isinstance(field, CodeField):
        return tuple(Option(code, name) for code, name in codes.choices(field.set_id))
    return tuple(Option(str(value), str(label)) for value, label in field.flatchoices if value != "")


def with_options(resource: Resource, actor: Actor, query: QueryDict) -> list[Filter]:
    """The filters with what can be chosen; long lists get a look-up instead."""
    found = []
    for one in filters_of(resource, query):
        options = _options(resource, one, actor) if one.kind in ("link", "choice") else ()
        lookup = f"{resource.base_url}lookup/{one.name}/" if len(options) >= LISTED_OPTIONS else ""
        found.append(replace(one, options=options, lookup=lookup))
    return found
