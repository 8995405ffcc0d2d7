"""Finding a colleague by name or number, to hand something to."""

from __future__ import annotations

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from yanta.kernel.people.models import Person
from yanta.kernel.portal.pages import PortalPage

MOST = 12


class PeopleView(PortalPage):
    """Options while one types: name, number and unit, nothing more; two characters at least."""

    def get(self, request: HttpRequest) -> HttpResponse:
        words = request.GET.get("q", "").strip()
        found = []
        if len(words) >= 2:
            rows = Person.objects.filter(Q(name__startswith=words) | Q(number=words), merged_into=None)
            rows = rows.exclude(pk=self.actor.person_id).select_related("home_unit").order_by("name")[:MOST]
            found = [
                (
                    one.pk,
                    " · ".join(
                        filter(None, (one.name, one.number, one.home_unit.name if one.home_unit else ""))
                    ),
                )
                for one in rows
            ]
        return render(request, "resource/options.html", {"options": found})
