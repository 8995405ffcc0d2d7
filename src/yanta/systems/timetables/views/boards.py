"""The registry's board: how a version stands, where a meeting could go, what moved, how rooms are used."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404

from yanta.kernel.base import Refused
from yanta.kernel.base.refused import NotAllowed
from yanta.kernel.portal.pages import PortalPage
from yanta.masterdata import weeks
from yanta.masterdata.models import Room
from yanta.systems.timetables import services
from yanta.systems.timetables.models import Placement, Version
from yanta.systems.timetables.queries import boards, differences, whose
from yanta.systems.timetables.rules import clashes
from yanta.systems.timetables.rules.placing import WORK_DAYS
from yanta.systems.timetables.views.weeks import SEES

SHOWN = 30
COLLISIONS_SHOWN = 20


class VersionPage(PortalPage):
    """A page about versions, for whoever sees them."""

    def versions(self) -> list[Version]:
        if not self.actor.may("timetables.version.view"):
            raise NotAllowed("您没有查看课表版本的权限", rule="timetables.version.view")
        return list(Version.objects.select_related("term")[:8])

    def asked(self, name: str, among: list[Version]) -> Version | None:
        key = self.request.GET.get(name, "")
        if not (key.isascii() and key.isdecimal()):
            return None
        found: Version | None = next((one for one in among if one.pk == int(key)), None)
        return found or Version.objects.select_related("term").filter(pk=int(key)).first()


class BoardView(VersionPage):
    """One version: receipt, hard conflicts, what is not placed; search leads to any meeting."""

    template = "timetables/board.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        versions = self.versions()
        version = self.asked("version", versions) or next(iter(versions), None)
        if version is None:
            return self.page(version=None)
        rows = (
            Placement.objects.visible_to(self.actor, SEES)
            .filter(version=version)
            .select_related("course", "room")
        )
        query = request.GET.get("q", "").strip()[:40]
        if query:
            rows = rows.filter(
                Q(course__name__icontains=query)
                | Q(section_number__icontains=query)
                | Q(room__number__icontains=query)
            )
        elif "all" not in request.GET:
            rows = rows.filter(weekday=None)
        wrong = boards.collisions_of(version)
        return self.page(
            version=version, versions=versions, query=query, everything="all" in request.GET, wrong=wrong[:COLLISIONS_SHOWN],
            wrong_count=len(wrong), lines=Paginator(rows, SHOWN).get_page(request.GET.get("page")), receipt=version.receipt,
            may_run=self.actor.may(services.solve.permission), may_move=self.actor.may(services.move.permission), days=clashes.DAYS,
        )  # fmt: skip


class PlaceView(PortalPage):
    """Where one meeting could go, each time with its room or with what is in the way; a click moves it."""

    template = "timetables/place.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if self.actor.account_id is not None and not self.actor.may(services.move.permission):
            raise NotAllowed("您没有调整课表的权限", rule=services.move.permission)
        return super().dispatch(request, *args, **kwargs)

    def row(self, key: int) -> Placement:
        rows = Placement.objects.visible_to(self.actor, services.move.permission)
        found: Placement = get_object_or_404(rows.select_related("course", "room", "version__term"), pk=key)
        return found

    def get(self, request: HttpRequest, key: int) -> HttpResponse:
        return self.shown(self.row(key))

    def post(self, request: HttpRequest, key: int) -> HttpResponse:
        row = self.row(key)
        parts = request.POST.get("to", "").split("-")
        if len(parts) != 3 or not all(
            part.isascii() and part.isdecimal() and len(part) < 10 for part in parts
        ):
            raise Http404
        day, first, room_id = (int(part) for part in parts)
        room = get_object_or_404(Room, pk=room_id) if room_id else None
        try:
            services.move(row, actor=self.actor, weekday=day, first_period=first, room=room)  # type: ignore[arg-type]  # a day's number
        except Refused as refused:
            return self.shown(self.row(key), refused.message, status=409)
        return HttpResponseRedirect(f"/timetables/place/{key}/")

    def shown(self, row: Placement, refusal: str = "", status: int = 200) -> HttpResponse:
        targets = boards.targets_of(row)
        firsts = sorted({one.first for one in targets})
        grid = [
            (first, first + row.periods - 1, [one for one in targets if one.first == first])
            for first in firsts
        ]
        free = sum(1 for one in targets if one.is_free and not one.is_here)
        return self.page(
            status, row=row, grid=grid, free=free, days=[clashes.weekday_name(day) for day in WORK_DAYS], refusal=refusal,
            weeks=weeks.text_of(row.weeks), is_open=row.version.is_open,
        )  # fmt: skip


class CompareView(VersionPage):
    """What moved between two versions."""

    template = "timetables/compare.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        versions = self.versions()
        after = self.asked("after", versions) or next(iter(versions), None)
        before = self.asked("before", versions)
        if before is None and after is not None:
            others = [one for one in versions if one.term_id == after.term_id and one.pk != after.pk]
            before = next(
                (one for one in others if one.status == Version.Status.PUBLISHED), next(iter(others), None)
            )
        moved = differences.compare(before, after) if before is not None and after is not None else []
        lines = Paginator(moved, SHOWN).get_page(request.GET.get("page"))
        return self.page(
            versions=versions, before=before, after=after, count=len(moved), lines=lines, days=clashes.DAYS
        )


class UseView(VersionPage):
    """How the rooms are used in the published timetable."""

    template = "timetables/use.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        self.versions()
        version = whose.version_shown("", drafts=False)
        if version is None:
            return self.page(version=None)
        shares, begins = boards.use_of(version, version.term.teaching_weeks)
        by_building = {
            "type": "bar", "unit": "节", "labels": [name for name, _ in shares[:12]],
            "series": [{"name": "每间教室每周", "values": [hours for _, hours in shares[:12]]}],
        }  # fmt: skip
        by_period = {
            "type": "bar", "unit": "次课", "labels": [name for name, _ in begins],
            "series": [{"name": "开始上课", "values": [count for _, count in begins]}],
        }  # fmt: skip
        return self.page(
            version=version,
            shares=shares,
            by_building=by_building,
            by_period=by_period,
            busiest=max(begins, key=lambda one: one[1], default=("", 0)),
        )
