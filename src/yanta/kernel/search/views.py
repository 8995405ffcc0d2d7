"""The search page, and the hits below the box as one types."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from yanta.kernel.portal.pages import PortalPage
from yanta.kernel.search import query


class SearchView(PortalPage):
    """`/search/?q=…`; `resource=` opens one group, `_part=hits` gives only the list for the box."""

    def get(self, request: HttpRequest) -> HttpResponse:
        hits = request.GET.get("_part") == "hits"
        self.template = "search/hits.html" if hits else "search/search.html"
        text, resource = request.GET.get("q", ""), request.GET.get("resource", "")
        per_group = 4 if hits else 50 if resource else 8
        groups = query.find(text, actor=self.actor, per_group=per_group, resource=resource)
        return self.page(text=text, groups=groups, resource=resource)
