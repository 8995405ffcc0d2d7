"""Classrooms: which are free when, and how they are used."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from yanta.kernel.base.refused import NotAllowed
from yanta.kernel.portal.pages import PortalPage
from yanta.masterdata import weeks as bitmaps
from yanta.masterdata.models import Campus, StaffMember
from yanta.systems.offerings import public as offerings
from yanta.systems.offerings.public import RoomView
from yanta.systems.timetables import services
from yanta.systems.timetables.adapters import sheets
from yanta.systems.timetables.models import Period, Placement, Version
from yanta.systems.timetables.queries import using, vacancies, whose
from yanta.systems.timetables.queries.using import Use
from yanta.systems.timetables.queries.vacancies import Wanted
from yanta.systems.timetables.views.boards import VersionPage

SHOWN = 40
LAST_PERIOD = 12
BUILDINGS_SHOWN = 12
CHANGE = "/hall/service/class-change/apply/"


class FreeView(PortalPage):
    """Classrooms that are free then, for the registry's board and for a teacher who moves a class."""

    template = "timetables/rooms.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        if not self.actor.may(services.request.permission) and not self.actor.may("timetables.version.view"):
            raise NotAllowed("您没有查找空教室的权限", rule=services.request.permission)
        drafts = self.actor.may(services.move.permission)
        version = whose.version_shown(request.GET.get("version", ""), drafts=drafts)
        if version is None:
            return self.page(version=None)
        moved = self.moved(version)
        asked = Asked(request, version, moved)
        found = vacancies.vacant(version, asked.wanted) if not asked.wrong else []
        if request.GET.get("format") == "xlsx":
            return self.sheet(version, found)
        return self.page(
            version=version, asked=asked, count=len(found), lines=Paginator(found, SHOWN).get_page(request.GET.get("page")),
            kinds=offerings.room_kinds(), campuses=list(Campus.objects.order_by("code").values_list("pk", "name")),
            days=[(day, bitmaps.day_name(day)) for day in range(1, 8)], periods=[(n, n) for n in range(1, self.last + 1)],
            moved=moved, taking=self.taking(moved, asked), more=asked.address,
        )  # fmt: skip

    @property
    def last(self) -> int:
        return Period.objects.order_by("-number").values_list("number", flat=True).first() or LAST_PERIOD

    def moved(self, version: Version) -> Placement | None:
        """The class that is to be moved; only one's own, or any for the registry."""
        key = _number(self.request, "placement")
        row = (
            Placement.objects.filter(pk=key, version=version).select_related("course").first()
            if key
            else None
        )
        if row is None or self.actor.may(services.ask_move.permission):
            return row
        taught = StaffMember.objects.filter(person_id=self.actor.person_id).values_list("pk", flat=True)
        return row if set(taught) & set(row.teachers) else None

    def taking(self, moved: Placement | None, asked: Asked) -> str:
        """The application for the change, filled in but for the room."""
        if moved is None or asked.week is None:
            return ""
        return f"{CHANGE}?" + urlencode({
            "placement": moved.pk, "kind": "move", "week": _number(self.request, "week") or asked.week, "new_week": asked.week,
            "new_weekday": asked.wanted.weekday, "new_period": asked.wanted.first,
        })  # fmt: skip

    def sheet(self, version: Version, found: list[RoomView]) -> HttpResponse:
        head = ["教室", "楼宇", "类型", "座位数", "设备"]
        rows = (
            [one.number, one.building, one.kind_name, one.capacity, "、".join(sorted(one.features))]
            for one in found
        )
        return sheets.answer(f"free-rooms-{version.term.code}", "空教室", head, rows)


class Asked:
    """What a reader asked for; what was not said comes from the class that is moved, else from today."""

    def __init__(self, request: HttpRequest, version: Version, moved: Placement | None) -> None:
        self.request, self.moved = request, moved
        term, today = version.term, timezone.localdate()
        self.weeks = request.GET.get("weeks", "").strip()[:40] or str(
            max(1, min(term.week_of(today), term.teaching_weeks))
        )
        self.wrong = ""
        bitmap = 1
        try:
            bitmap = bitmaps.bits(self.weeks)
        except bitmaps.NotWeeks as wrong:
            self.wrong = str(wrong)
        first = _number(request, "first") or (moved.first_period if moved else None) or 1
        last = max(first, _number(request, "last") or first + (moved.periods if moved else 2) - 1)
        features = request.GET.get("has", "、".join(moved.features) if moved else "")[:120]
        self.has = features
        self.wanted = Wanted(
            _number(request, "day") or (moved.weekday if moved else None) or today.isoweekday(), first, last, bitmap,
            seats=_number(request, "seats") or (moved.size if moved else 0),
            kind=request.GET.get("kind", moved.room_kind if moved else ""),
            campus_id=_number(request, "campus") or (moved.campus_id if moved else None),
            features=offerings.features_of(features),
        )  # fmt: skip

    @property
    def week(self) -> int | None:
        """The one week that was asked for, if it is one."""
        return self.wanted.weeks.bit_length() if self.wanted.weeks.bit_count() == 1 else None

    @property
    def address(self) -> str:
        kept = {key: value for key, value in self.request.GET.items() if key not in ("page", "format")}
        return urlencode(kept)


class UseView(VersionPage):
    """How the rooms are used in the published timetable."""

    template = "timetables/use.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        self.versions()
        version = whose.version_shown("", drafts=False)
        if version is None:
            return self.page(version=None)
        use = using.use_of(version)
        if request.GET.get("format") == "xlsx":
            return self.sheet(version, use)
        rooms = sorted(use.rooms, key=lambda one: (-one.hours, one.number))
        periods = use.periods
        return self.page(
            version=version, buildings=use.buildings, busiest=max(periods, key=lambda one: one[1], default=(0, 0)),
            by_building=_bars("节", "每间教室每周", [(name, hours) for name, hours in use.buildings[:BUILDINGS_SHOWN]]),
            by_period=_bars("%", "在用的教室", [(f"第 {n} 节", round(100 * share, 1)) for n, share in periods]),
            hours=_hours(use), days=[bitmaps.day_name(day) for day in using.DAYS], idle=sum(one.hours == 0 for one in rooms),
            lines=Paginator(rooms, SHOWN).get_page(request.GET.get("page")),
        )  # fmt: skip

    def sheet(self, version: Version, use: Use) -> HttpResponse:
        head = ["教室", "楼宇", "类型", "座位数", "每周节数", "上座率"]
        rows = (
            [one.number, one.building, one.kind, one.capacity, one.hours, round(one.filled, 3)] for one in use.rooms
        )  # fmt: skip
        return sheets.answer(f"room-use-{version.term.code}", "教室使用", head, rows)


def _bars(unit: str, name: str, values: list[tuple[str, float]]) -> dict[str, Any]:
    return {
        "type": "bar", "unit": unit, "labels": [label for label, _ in values],
        "series": [{"name": name, "values": [value for _, value in values]}],
    }  # fmt: skip


def _hours(use: Use) -> list[tuple[int, list[float]]]:
    """Each period with the share of rooms in use on each day."""
    return [(period, [use.busy.get((day, period), 0.0) for day in using.DAYS]) for period, _ in use.periods]


def _number(request: HttpRequest, name: str) -> int:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0
