"""The search page, and the hits below the box as one types."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from yanta.kernel.portal import menu, navigation
from yanta.kernel.portal.navigation import Place
from yanta.kernel.portal.pages import PortalPage
from yanta.kernel.portal.shell import shell_of
from yanta.kernel.search import query

PLACES_IN_THE_BOX = 4


class SearchView(PortalPage):
    """Applications and services by name, then records.

    `/search/?q=…`; `resource=` opens one group, `_part=hits` gives only the list for the box.
    """

    def get(self, request: HttpRequest) -> HttpResponse:
        hits = request.GET.get("_part") == "hits"
        self.template = "search/hits.html" if hits else "search/search.html"
        text, resource = request.GET.get("q", ""), request.GET.get("resource", "")
        per_group = 4 if hits else 50 if resource else 8
        groups = query.find(text, actor=self.actor, per_group=per_group, resource=resource)
        places = [] if resource else self._places(text)
        return self.page(
            text=text, groups=groups, resource=resource, places=places[:PLACES_IN_THE_BOX] if hits else places
        )

    def _places(self, text: str) -> list[Place]:
        return menu.found_in(
            shell_of(self.request).directory, text, besides=navigation.personal_places_of(self.actor)
        )
