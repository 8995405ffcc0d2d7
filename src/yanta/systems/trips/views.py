"""The classes that a trip would miss, and what a unit's trips come to."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Count, F, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from yanta.kernel.base.refused import NotAllowed
from yanta.kernel.portal.pages import PortalPage
from yanta.systems.timetables import public as timetables
from yanta.systems.trips.models import Trip

SEES = "trips.trip.export"


class ClassesView(PortalPage):
    """Each class in the way, with the way to move it."""

    template = "trips/classes.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        trip = (
            Trip.objects.visible_to(self.actor).select_related("traveller", "allowance").filter(pk=pk).first()
        )
        if trip is None:
            raise Http404
        return self.page(
            trip=trip, classes=timetables.classes_between(trip.traveller_id, trip.starts_on, trip.ends_on)
        )


class SummaryView(PortalPage):
    """This year's trips of the units in one's reach."""

    template = "trips/summary.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        if not self.actor.may(SEES):
            raise NotAllowed("出差统计面向单位和人事处", rule=SEES)
        today = timezone.localdate()
        rows: Any = Trip.objects.visible_to(self.actor, SEES).filter(starts_on__gte=date(today.year, 1, 1))
        granted = rows.filter(status__in=(Trip.Status.GRANTED, Trip.Status.REPORTED))
        units = granted.values(name=F("department__name")).annotate(
            times=Count("pk"), people=Count("traveller", distinct=True), estimate=Sum("estimate"), spent=Sum("spent"), clashes=Sum("clashes")
        ).order_by("-estimate")[:40]  # fmt: skip
        away = granted.filter(starts_on__lte=today, ends_on__gte=today).select_related(
            "traveller", "department", "allowance"
        )
        places = list(
            granted.filter(allowance__isnull=False)
            .values_list("allowance__place")
            .annotate(Count("pk"))
            .order_by("-pk__count")[:10]
        )
        chart = {
            "type": "bar",
            "unit": "人次",
            "labels": [name for name, _ in places],
            "series": [{"name": "人次", "values": [n for _, n in places]}],
        }
        return self.page(units=list(units), away=list(away[:40]), places=places, chart=chart, year=today.year)
