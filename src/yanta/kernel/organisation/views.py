"""The organisation as a tree, of today or of any day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_date

from yanta.kernel.base.refused import NotAllowed
from yanta.kernel.organisation import queries
from yanta.kernel.organisation.models import OrgUnit
from yanta.kernel.organisation.queries import UnitThen
from yanta.kernel.portal.pages import PortalPage

VIEW = "organisation.orgunit.view"


class TreeView(PortalPage):
    """Units in the actor's scope under the names and the parents that they had on the day."""

    template = "organisation/tree.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        if not self.actor.may(VIEW):
            raise NotAllowed("您没有查看组织机构的权限", rule=VIEW)
        on = _day(request) or timezone.localdate()
        seen = set(OrgUnit.objects.visible_to(self.actor).values_list("pk", flat=True))
        roots = kept(queries.tree_on(on), seen)
        return self.page(
            on=on, roots=roots, seen=seen, count=_count(roots), is_today=on == timezone.localdate()
        )


def _day(request: HttpRequest) -> date | None:
    try:
        return parse_date(request.GET.get("on", ""))
    except ValueError:
        return None


def kept(units: Iterable[UnitThen], seen: set[int]) -> list[UnitThen]:
    """Units that may be seen, and those above them that lead there."""
    pruned = (replace(unit, children=tuple(kept(unit.children, seen))) for unit in units)
    return [unit for unit in pruned if unit.unit_id in seen or unit.children]


def _count(units: Iterable[UnitThen]) -> int:
    return sum(1 + _count(unit.children) for unit in units)
