"""The registry's console: seats as they are, and what may be changed about them."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from yanta.kernel.base import Actor
from yanta.kernel.base.refused import NotAllowed
from yanta.kernel.portal.pages import PortalPage
from yanta.systems.course_selection import queries
from yanta.systems.course_selection.models import Place, Round, Simulation

SHOWN = 20
SEES = "course_selection.round.view"


def _seen(actor: Actor, keys: Iterable[int]) -> set[int]:
    return set(Place.objects.visible_to(actor).filter(pk__in=keys).values_list("pk", flat=True))


class ConsoleView(PortalPage):
    """Seats of every place as they are now, those with most who wait first."""

    template = "course_selection/console.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        if not self.actor.may(SEES):
            raise NotAllowed("您没有查看选课轮次的权限", rule=SEES)
        term = queries.term_asked(request.GET.get("term", ""))
        if term is None:
            return self.page(term=None)
        search = queries.search_of(request.GET.dict())
        differs, only = queries.differing(term), {"differs": "1"} if request.GET.get("differs") else {}
        found = (
            queries.places_of(term, search=search)
            .prefetch_related("pools__programme", "pools__campus")
            .order_by("-waits", "number")
        )
        found = found.filter(pk__in=differs) if only else found
        pages = Paginator(found, SHOWN).get_page(request.GET.get("page"))
        now = timezone.now()
        return self.page(
            term=term, rounds=Round.objects.filter(term=term).order_by("opens_at"), pages=pages, search=search,
            query=urlencode({"term": term.pk, **search.asked, **only}), differs=differs, only=only,
            choices=queries.choices_of(term), now=now, queue=queries.queue_of(term, now=now),
            missing=queries.times_missing(term), strays=queries.stray_limits(term), totals=queries.totals_of(term),
            changes=self.actor.may("course_selection.pool.change_capacity"), seen=_seen(self.actor, [one.pk for one in pages]),
        )  # fmt: skip


class SimulationView(PortalPage):
    """Who would be left over, by programme and grade and section by section."""

    template = "course_selection/simulation.html"

    def get(self, request: HttpRequest, key: int) -> HttpResponse:
        if not self.actor.may(SEES):
            raise NotAllowed("您没有查看选课轮次的权限", rule=SEES)
        made = Simulation.objects.select_related("round__term", "source__term").filter(pk=key).first()
        if made is None:
            raise Http404
        students = sum(one["students"] for one in made.groups)
        nothing = sum(one["nothing"] for one in made.groups)
        return self.page(
            made=made, students=students, nothing=nothing, full=sum(one["full"] > 0 for one in made.sections),
            seen=_seen(self.actor, [one["place"] for one in made.sections]),
        )  # fmt: skip
