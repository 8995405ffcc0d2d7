"""The day's board of the fleet: what is out, what is free, what still waits for a vehicle."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_date

from yanta.kernel.base.refused import NotAllowed
from yanta.kernel.portal.pages import PortalPage
from yanta.systems.vehicles import queries, services
from yanta.systems.vehicles.models import Ride, Run, Vehicle

HOURS = tuple(range(6, 24, 3))


class BoardView(PortalPage):
    """A day, vehicle by vehicle."""

    template = "vehicles/board.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        if not queries.may_see_board(self.actor):
            raise NotAllowed("派车看板面向车队和校领导", rule="vehicles.driver.view")
        on = _day(request)
        rides: Any = Ride.objects.visible_to(self.actor)
        waiting = list(
            rides.filter(status=Ride.Status.ENDORSED, starts_at__gte=timezone.now())
            .select_related("applicant", "department").order_by("starts_at")[:30]
        )  # fmt: skip
        lines = [
            {
                "ride": one,
                "vehicle": queries.vehicle_for(one),
                "runs": queries.joinable(one) if one.shares else [],
            }
            for one in waiting
        ]
        lanes = queries.day_board(on)
        runs = [bar.run.pk for _, bars, _ in lanes for bar in bars]
        return self.page(
            on=on, before=on - timedelta(days=1), after=on + timedelta(days=1), lanes=lanes, hours=HOURS, lines=lines,
            costs=queries.costs_by_unit(rides, since=on.replace(month=1, day=1))[:12], may_plan=self.actor.may(services.plan.permission),
            seen=set(Run.objects.visible_to(self.actor).filter(pk__in=runs).values_list("pk", flat=True)),
            consumption=queries.consumption(Vehicle.objects.all()), is_today=on == timezone.localdate(),
        )  # fmt: skip


class DriveView(PortalPage):
    """A driver's runs on the phone: today's and the coming ones."""

    template = "vehicles/drive.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        own = Run.objects.filter(driver__person_id=self.actor.person_id)
        live = (
            own.filter(status__in=(Run.Status.PLANNED, Run.Status.OUT))
            .select_related("vehicle")
            .prefetch_related("rides__applicant")
        )
        return self.page(runs=list(live.order_by("starts_at")[:20]), is_driver=own.exists())


def _day(request: HttpRequest) -> date:
    """The day asked for; today when it is none."""
    try:
        return parse_date(request.GET.get("on", "")) or timezone.localdate()
    except ValueError:
        return timezone.localdate()
