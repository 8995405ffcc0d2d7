"""Free rooms now: a page that is computed, not kept."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from yanta.kernel.portal.pages import PortalPage
from yanta.masterdata.models import Campus
from yanta.systems.rooms import queries

SHOWN = 60
SIZES = (0, 30, 60, 100, 150)


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
