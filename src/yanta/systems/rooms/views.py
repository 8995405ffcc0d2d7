"""Free rooms now, the day of the meeting rooms, the screen at a door, a meeting for the calendar."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import segno
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from icalendar import Calendar, Event

from yanta.kernel.portal.pages import PortalPage
from yanta.masterdata.models import Campus, Room
from yanta.systems.rooms import queries
from yanta.systems.rooms.models import Booking, Facility

SHOWN = 60
SIZES = (0, 30, 60, 100, 150)
APPLY = "/hall/service/meeting-room/apply/"


class FreeRoomsView(PortalPage):
    """Which bookable rooms nobody holds, the longest free first; open to everyone in the school."""

    template = "rooms/free.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        at, campus_id, seats = _moment(request), _number(request, "campus"), _number(request, "seats")
        found = queries.free_rooms(at=at, campus_id=campus_id or None, seats=seats)
        return self.page(
            at=at, campus_id=campus_id, seats=seats, sizes=SIZES, campuses=Campus.objects.order_by("code"),
            free=found[:SHOWN], count=len(found), may_book=self.actor.may("rooms.booking.add"),
        )  # fmt: skip


class MeetView(PortalPage):
    """The meeting rooms of a day: what is taken, the next free hour, and the way to take it."""

    template = "rooms/meet.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        on, campus_id, seats = _day(request), _number(request, "campus"), _number(request, "seats")
        video = request.GET.get("video") == "1"
        found = queries.wanted(campus_id=campus_id or None, seats=seats, video=video)
        return self.page(
            on=on, before=on - timedelta(days=1), after=on + timedelta(days=1), campus_id=campus_id, seats=seats, sizes=(0, 20, 50, 150),
            video=video, campuses=Campus.objects.order_by("code"), lanes=queries.lanes(found, on=on, now=timezone.localtime()),
            may_book=self.actor.may("rooms.booking.book"), apply=APPLY,
        )  # fmt: skip


class DoorView(PortalPage):
    """For the screen beside the door: who is in, who comes next, a code to check in with."""

    template = "rooms/door.html"

    def get(self, request: HttpRequest, number: str) -> HttpResponse:
        room = get_object_or_404(Room.objects.select_related("building__campus"), number=number)
        now = timezone.localtime()
        today = Booking.objects.filter(
            room=room, status=Booking.Status.BOOKED, ends_at__gt=now, starts_at__date=now.date()
        )
        coming = list(today.select_related("department", "booked_for").order_by("starts_at")[:6])
        current = coming.pop(0) if coming and coming[0].starts_at <= now else None
        address = request.build_absolute_uri(request.path)
        mine = next(
            (one for one in [current, *coming] if one and one.booked_for_id == self.actor.person_id), None
        )
        return self.page(
            room=room, now=now, current=current, coming=coming, mine=mine, code=segno.make(address, error="m").svg_inline(scale=4),
            facility=Facility.objects.filter(room=room).first(),
        )  # fmt: skip


class CalendarFileView(PortalPage):
    """One meeting as a file that every calendar takes."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        found: Any = (
            Booking.objects.visible_to(self.actor).select_related("room__building").filter(pk=pk).first()
        )
        if found is None:
            raise Http404
        answer = HttpResponse(_calendar_of(found), content_type="text/calendar; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="meeting-{found.pk}.ics"'
        return answer


def _calendar_of(one: Booking) -> bytes:
    event = Event()
    event.add("uid", f"booking-{one.pk}@yanta")
    event.add("dtstamp", one.updated_at)
    event.add("dtstart", timezone.localtime(one.starts_at))
    event.add("dtend", timezone.localtime(one.ends_at))
    event.add("summary", one.purpose)
    event.add("location", f"{one.room.building.name} {one.room.name}")
    event.add("status", "CONFIRMED" if one.status == Booking.Status.BOOKED else "CANCELLED")
    calendar = Calendar()
    calendar.add("prodid", "-//Yanta//rooms//ZH")
    calendar.add("version", "2.0")
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def _day(request: HttpRequest) -> date:
    """The day asked about; today when it is none."""
    try:
        return parse_date(request.GET.get("on", "")) or timezone.localdate()
    except ValueError:
        return timezone.localdate()


def _moment(request: HttpRequest) -> datetime:
    """The instant asked about; now when it is none."""
    try:
        asked = parse_datetime(request.GET.get("at", ""))
    except ValueError:
        asked = None
    if asked is None:
        return timezone.localtime()
    return timezone.make_aware(asked) if timezone.is_naive(asked) else asked


def _number(request: HttpRequest, name: str) -> int:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0
