"""The catalogue and a service's own page."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone

from yanta.kernel import workflow
from yanta.kernel.portal.pages import PortalPage
from yanta.kernel.workflow.offering import CHANNELS, Bundle, Service, bundles, offered
from yanta.systems.hall.models import Design, Favourite, Matter, Rating
from yanta.systems.hall.queries import catalogue, mine
from yanta.systems.hall.views.applying import service_or_404
from yanta.systems.hall.views.asking import asking_for

MINE, ALL = "mine", "all"
AUDIENCES = {MINE: "我能办的", ALL: "全部", "student": "学生", "teacher": "教职工"}


class HallView(PortalPage):
    """What one can apply for: one's own first, and everything by area, by audience, by name."""

    template = "hall/hall.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        today = timezone.localdate()
        text, area = request.GET.get("q", "").strip()[:60], request.GET.get("area", "")
        # Whoever searches may mean what is for others; whoever looks around is shown what they can use.
        audience = request.GET.get("for") or (ALL if text else MINE)
        every = self._for(audience)
        found = catalogue.found_by(every, text) if text else every
        shown = [one for one in found if not area or one.area == area]
        stars = catalogue.favourites_of(self.actor.person_id)
        return self.page(
            text=text, audience=audience, area=area, audiences=AUDIENCES, today=today, count=len(shown), stars=stars,
            areas=[(name, len(list(group))) for name, group in groupby(found_sorted(found), key=lambda one: one.area)],
            groups=[("", shown)] if text else _by_area(shown), records=catalogue.records(on=today),
            bundles=[] if text or area else self._bundles(audience), **(self._own(every, stars) if not text and not area else {}),
        )  # fmt: skip

    def _for(self, audience: str) -> list[Service]:
        if audience == MINE:
            return [
                one for one in offered() if one.is_for(self.actor) or one.is_taken_for_others_by(self.actor)
            ]
        return [one for one in offered() if audience == ALL or not one.who or audience in one.who]

    def _own(self, every: list[Service], stars: set[str]) -> dict[str, Any]:
        """What stands above the catalogue: under way, starred, used lately, likely."""
        known = {one.key: one for one in every}
        recent = catalogue.recent_of(self.actor.person_id)
        return {
            "open": mine.under_way(self.actor.person_id)[:3],
            "starred": [known[key] for key in sorted(stars) if key in known],
            "recent": [known[key] for key in recent if key in known],
            "likely": catalogue.recommended(every, self.actor, on=timezone.localdate()),
        }

    def _bundles(self, audience: str) -> list[tuple[Bundle, list[Service]]]:
        return [
            (one, services) for one, services in bundles() if one.is_for(self.actor) or audience in one.who
        ]


def found_sorted(services: list[Service]) -> list[Service]:
    return sorted(services, key=lambda one: one.area)


def _by_area(services: list[Service]) -> list[tuple[str, list[Service]]]:
    return [(area, list(group)) for area, group in groupby(found_sorted(services), key=lambda one: one.area)]


class ServiceView(PortalPage):
    """One service: who may, what for, what it needs, how long it really takes, and the way in."""

    template = "hall/service.html"

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        today, service = timezone.localdate(), service_or_404(key)
        own = self.actor.person_id if service.is_for(self.actor) else None
        sheet = self._sheet(service)
        return self.page(
            service=service, today=today, refusal=service.why_not(self.actor, on=today), channel=CHANNELS[service.channel],
            materials=catalogue.materials_for(service, own, on=today), steps=_steps(service), sheet=sheet,
            record=catalogue.records([key], on=today).get(key, catalogue.NOTHING), starred=key in catalogue.favourites_of(self.actor.person_id),
            ratings=list(Rating.objects.filter(service=key).exclude(text="")[:5]), helps=service.is_taken_for_others_by(self.actor),
            is_for=service.is_for(self.actor), open=Matter.objects.filter(
                applicant_id=self.actor.person_id, service=key, state__in=Matter.UNDER_WAY
            ).first(), design=self._design(key),
        )  # fmt: skip

    def _sheet(self, service: Service) -> Any:
        """What this person would be asked, so that the page can say how little it is."""
        if self.actor.person_id is None or service.why_not(self.actor, on=timezone.localdate()):
            return None
        asking = asking_for(service, actor=self.actor, applicant=mine.person(self.actor.person_id))
        return asking.sheet() if asking and service.is_for(self.actor) else None

    def _design(self, key: str) -> Design | None:
        if not self.actor.may("hall.design.edit"):
            return None
        return Design.objects.visible_to(self.actor, "hall.design.edit").filter(key=key).first()


def _steps(service: Service) -> list[str]:
    """The steps of people, from the drawing itself."""
    if not service.process:
        return []
    return [title for _, title in workflow.nodes_ahead(service.process)]


class StarView(PortalPage):
    """Put a service at hand, or away."""

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        service = service_or_404(key)
        mine_, made = Favourite.objects.get_or_create(person_id=self.actor.person_id, service=service.key)
        if not made:
            mine_.delete()
        return HttpResponseRedirect(f"/hall/service/{service.key}/")
