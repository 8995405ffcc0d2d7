"""Trips on the home page and in the menu; what is to be reported among the to-dos."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date

from django.utils import timezone

from yanta.kernel.base import Actor
from yanta.kernel.calendar import Entry, calendar
from yanta.kernel.portal.cards import CardContent, CardRow, card
from yanta.kernel.portal.navigation import Place, places
from yanta.kernel.portal.todos import Todo, todos
from yanta.systems.trips import views
from yanta.systems.trips.models import Trip

Status = Trip.Status


@places
def pages() -> list[Place]:
    return [
        Place(
            "出差统计",
            "/trips/summary/",
            "人事",
            "chart-bar",
            "今年各单位去了哪里、花了多少、今天谁不在",
            views.SEES,
        )
    ]


@card(title="我的出差", order=45, for_roles=("teacher",), icon="briefcase")
def my_trips(actor: Actor) -> CardContent | None:
    """The coming ones and those that are not reported yet."""
    rows = (
        Trip.objects.filter(traveller_id=actor.person_id, status__in=Trip.LIVE)
        .select_related("allowance")
        .order_by("starts_on")[:3]
    )
    found = [
        CardRow(
            one.where,
            f"/trips/trip/{one.pk}/",
            f"{one.starts_on:%m-%d} 至 {one.ends_on:%m-%d}",
            one.get_status_display(),
        )
        for one in rows
    ]
    return CardContent(rows=found, more_url="/trips/trip/", more="全部出差") if found else None


@todos
def to_report(actor: Actor) -> list[Todo]:
    """One's own trips that are over."""
    if actor.person_id is None:
        return []
    mine = Trip.objects.filter(
        traveller_id=actor.person_id, status=Status.GRANTED, ends_on__lt=timezone.localdate()
    ).select_related("allowance")
    return [
        Todo(
            f"出差已结束，请回报：{one.where}",
            f"/trips/trip/{one.pk}/report_back/",
            f"{one.ends_on:%m-%d} 结束",
            "home-check",
            "出差",
            one.ends_on,
        )
        for one in mine
    ]


@calendar("出差", icon="briefcase", colour="amber", order=35)
def trips(person_ids: Collection[int], start: date, end: date) -> Iterator[Entry]:
    """Granted trips."""
    rows = Trip.objects.filter(
        traveller_id__in=person_ids, status__in=(Status.GRANTED, Status.REPORTED), starts_on__lte=end, ends_on__gte=start
    ).select_related("allowance")  # fmt: skip
    for one in rows:
        yield Entry(
            one.traveller_id, str(one.pk), f"出差：{one.where}", one.starts_on, one.returned_on or one.ends_on, one.place,
            link=f"/trips/trip/{one.pk}/",
        )  # fmt: skip
