"""Saved views: a list's address under a name."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict

from yanta.kernel.base import Actor, Refused
from yanta.kernel.base.texts import clean_text
from yanta.kernel.resource import lists
from yanta.kernel.resource.declare import Resource
from yanta.kernel.resource.models import SavedView

MOST_VIEWS = 12


def views_of(resource: Resource, actor: Actor) -> list[SavedView]:
    """One's own views of a list, then the shared ones."""
    mine = Q(account_id=actor.account_id) | Q(shared=True)
    return list(SavedView.objects.filter(mine, resource=resource.key).order_by("shared", "pk")[:MOST_VIEWS])


def keep(resource: Resource, actor: Actor, *, title: str, query: str) -> SavedView:
    """Keep the address under a name; the same name again replaces it."""
    name = clean_text(title)[:20]
    if not name:
        raise Refused("请给视图起个名称", field="title")
    clean = lists.without(QueryDict(query))[:1000]
    kept, _ = SavedView.objects.update_or_create(
        account_id=actor.account_id, resource=resource.key, title=name, defaults={"query": clean}
    )
    return kept


def drop(resource: Resource, actor: Actor, *, pk: Any) -> None:
    SavedView.objects.filter(pk=pk, account_id=actor.account_id, resource=resource.key).delete()


def answer(request: HttpRequest, resource: Resource, actor: Actor) -> HttpResponse:
    """POST of the list page's “保存视图” and “删除视图”."""
    drop_key = request.POST.get("drop", "")
    if drop_key.isdecimal():
        drop(resource, actor, pk=drop_key)
        return HttpResponseRedirect(resource.base_url)
    kept = keep(resource, actor, title=request.POST.get("title", ""), query=request.POST.get("query", ""))
    return HttpResponseRedirect(f"{resource.base_url}?{kept.query}")
