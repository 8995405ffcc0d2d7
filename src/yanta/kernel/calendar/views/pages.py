"""One's own calendar as agenda, day, week and month; and how devices follow it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone

from yanta.kernel.base import Refused
from yanta.kernel.calendar import services
from yanta.kernel.calendar.declare import Calendar, Entry, calendars, entries_of
from yanta.kernel.calendar.models import Device, Feed
from yanta.kernel.portal.pages import PortalPage

VIEWS = (("agenda", "日程"), ("day", "日"), ("week", "周"), ("month", "月"))
AGENDA_DAYS = 14
WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")


@dataclass(frozen=True, slots=True)
class Shown:
    """One entry on a page, with the calendar it comes from."""

    kind: Calendar
    entry: Entry

    def time_on(self, day: date) -> str:
        """`08:00–09:50`; on whole days, and in the middle of long ones, nothing."""
        one = self.entry
        if one.is_whole_day:
            return ""
        begins = f"{one.since:%H:%M}" if one.since.date() == day else ""
        ends = f"{one.until:%H:%M}" if one.until.date() == day else ""
        return f"{begins}–{ends}" if begins or ends else ""


@dataclass(frozen=True, slots=True)
class Day:
    date: date
    shown: tuple[Shown, ...]
    is_today: bool
    is_beyond: bool = False

    @property
    def weekday(self) -> str:
        return WEEKDAYS[self.date.weekday()]


class CalendarPage(PortalPage):
    """`?view=week&on=2026-11-21&hide=deadlines`; without a view the agenda, which suits a phone."""

    template = "calendar/calendar.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        view = request.GET.get("view", "agenda")
        view = view if view in dict(VIEWS) else "agenda"
        on, today = _day(request.GET.get("on", "")), timezone.localdate()
        hidden = [key for key in request.GET.getlist("hide") if key in {one.key for one in calendars()}]
        start, end = _span(view, on)
        days = _days(
            self.actor.person_id or 0,
            start,
            end,
            hidden=hidden,
            today=today,
            month=on.month if view == "month" else 0,
        )
        return self.page(
            view=view, views=VIEWS, on=on, today=today, days=days, hidden=hidden, calendars=calendars(), start=start, end=end,
            back=_moved(view, on, -1), forth=_moved(view, on, 1), heading=_heading(view, start, end, on), weekdays=WEEKDAYS,
            filled=[day for day in days if day.shown or day.is_today], keep="".join(f"&hide={key}" for key in hidden),
        )  # fmt: skip


def _day(text: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return timezone.localdate()
    return found if 2000 <= found.year <= 2099 else timezone.localdate()


def _span(view: str, on: date) -> tuple[date, date]:
    monday = on - timedelta(days=on.weekday())
    if view == "day":
        return on, on
    if view == "week":
        return monday, monday + timedelta(days=6)
    if view == "month":
        first = on.replace(day=1)
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        return first - timedelta(days=first.weekday()), last + timedelta(days=6 - last.weekday())
    return on, on + timedelta(days=AGENDA_DAYS - 1)


def _moved(view: str, on: date, by: int) -> date:
    if view == "month":
        first = on.replace(day=1)
        return (
            (first + timedelta(days=31)).replace(day=1)
            if by > 0
            else (first - timedelta(days=1)).replace(day=1)
        )
    return on + timedelta(days=by * {"day": 1, "week": 7}.get(view, AGENDA_DAYS))


def _heading(view: str, start: date, end: date, on: date) -> str:
    if view == "month":
        return f"{on.year} 年 {on.month} 月"
    if view == "day":
        return f"{on.month} 月 {on.day} 日 {WEEKDAYS[on.weekday()]}"
    return f"{start:%m-%d} 至 {end:%m-%d}"


def _days(person: int, start: date, end: date, *, hidden: list[str], today: date, month: int) -> list[Day]:
    kinds = [one for one in calendars() if one.key not in hidden]
    found = [Shown(kind, entry) for kind in kinds for entry in entries_of(kind, person, start, end)]
    found.sort(key=lambda one: (not one.entry.is_whole_day, one.entry.since, one.entry.title))
    return [
        Day(
            day, tuple(one for one in found if one.entry.touches(day)), day == today,
            is_beyond=bool(month) and day.month != month,
        )
        for day in (start + timedelta(days=n) for n in range((end - start).days + 1))
    ]  # fmt: skip


class FollowPage(PortalPage):
    """Secret addresses and passwords of devices."""

    template = "calendar/follow.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.shown()

    def shown(
        self, *, error: str = "", password: str = "", device: str = "", status: int = 200
    ) -> HttpResponse:
        person, account = self.actor.person_id or 0, self.actor.account_id or 0
        site = self.request.build_absolute_uri("/").rstrip("/")
        feeds = [
            (feed, f"{site}/calendar/feed/{feed.secret}.ics")
            for feed in Feed.objects.filter(person_id=person, closed_at=None)
        ]
        answer = self.page(
            status, feeds=feeds, devices=Device.objects.filter(account_id=account, revoked_at=None), error=error, password=password,
            device=device, server=f"{site}/dav/", username=self.request.user.get_username(), calendars=calendars(),
        )  # fmt: skip
        answer["Cache-Control"] = "no-store"
        return answer

    def post(self, request: HttpRequest) -> HttpResponse:
        verb, key = request.POST.get("verb", ""), request.POST.get("key", "")
        number = int(key) if key.isascii() and key.isdecimal() and len(key) < 16 else 0
        try:
            if verb == "device":
                made, password = services.add_device(actor=self.actor, name=request.POST.get("name", ""))
                return self.shown(password=password, device=made.name)
            if verb == "feed":
                services.open_feed(
                    actor=self.actor,
                    name=request.POST.get("name", ""),
                    calendars=request.POST.getlist("calendars"),
                )
            elif verb == "close":
                services.close_feed(number, actor=self.actor)
            elif verb == "revoke":
                services.revoke_device(number, actor=self.actor)
        except Refused as refusal:
            return self.shown(error=refusal.message, status=422)
        return HttpResponseRedirect("/calendar/follow/")
