"""The registry's board: how a version stands, where a meeting could go, what moved, how rooms are used."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import F, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, render

from yanta.kernel.base import Refused
from yanta.kernel.base.refused import NotAllowed
from yanta.kernel.jobs.models import JobRun
from yanta.kernel.portal.pages import PortalPage
from yanta.masterdata import weeks
from yanta.masterdata.models import Room
from yanta.systems.timetables import services
from yanta.systems.timetables.models import Placement, Version
from yanta.systems.timetables.queries import boards, differences
from yanta.systems.timetables.rules.comparing import KINDS
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
    """One version: receipt, hard conflicts, every meeting, what is not placed first."""

    template = "timetables/board.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        versions = self.versions()
        version = self.asked("version", versions) or next(iter(versions), None)
        if version is None:
            return self.page(version=None)
        if request.GET.get("_part") == "progress":
            return render(request, "timetables/progress.html", self.progress(version))
        rows = (
            Placement.objects.visible_to(self.actor, SEES)
            .filter(version=version)
            .select_related("course", "room")
            .order_by(F("weekday").asc(nulls_first=True), "first_period", "room__number", "pk")
        )
        query, missing = request.GET.get("q", "").strip()[:40], "missing" in request.GET
        if query:
            rows = rows.filter(
                Q(course__name__icontains=query)
                | Q(section_number__icontains=query)
                | Q(room__number__icontains=query)
            )
        elif missing:
            rows = rows.filter(weekday=None)
        wrong = [] if version.status == Version.Status.SOLVING else boards.collisions_of(version)
        return self.page(
            **self.progress(version), versions=versions, query=query, missing=missing, wrong=wrong[:COLLISIONS_SHOWN],
            wrong_count=len(wrong), lines=Paginator(rows, SHOWN).get_page(request.GET.get("page")), receipt=version.receipt,
            may_move=self.actor.may(services.move.permission),
        )  # fmt: skip

    def progress(self, version: Version) -> dict[str, Any]:
        """How far the search is, or how the last one went."""
        return {
            "version": version, "may_run": self.actor.may(services.solve.permission), **boards.search_of(version),
            "solving": version.status == Version.Status.SOLVING,
            "run": JobRun.objects.filter(pk=version.run_id).first(),
        }  # fmt: skip


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

    @property
    def wants_json(self) -> bool:
        return "application/json" in self.request.headers.get("Accept", "")

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
            if self.wants_json:
                return JsonResponse({"message": refused.message}, status=409)
            return self.shown(self.row(key), refused.message, status=409)
        if self.wants_json:
            return JsonResponse({})
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
            status, row=row, grid=grid, free=free, days=[weeks.day_name(day) for day in boards.WORK_DAYS], refusal=refusal,
            weeks=row.taught, is_open=row.version.is_open,
        )  # fmt: skip


class TargetsView(PlaceView):
    """The same for the board that is put together by hand: asked when a meeting is picked up."""

    def get(self, request: HttpRequest, key: int) -> HttpResponse:
        found = boards.targets_of(self.row(key))
        told = [
            {
                "day": one.weekday, "first": one.first, "free": one.is_free, "here": one.is_here, "room": one.room,
                "roomId": one.room_id or 0, "text": "；".join(one.clashes[:2]),
                "when": f"{weeks.day_name(one.weekday)}第 {one.first} 节",
            }
            for one in found
        ]  # fmt: skip
        free = sum(1 for one in found if one.is_free and not one.is_here)
        return JsonResponse({"targets": told, "free": free})


class CompareView(VersionPage):
    """What moved between two versions."""

    template = "timetables/compare.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        versions = self.versions()
        after = self.asked("after", versions) or next(iter(versions), None)
        before = self.asked("before", versions)
        if before is None and after is not None and after.based_on_id:
            before = Version.objects.select_related("term").get(pk=after.based_on_id)
        if before is None and after is not None:
            others = [one for one in versions if one.term_id == after.term_id and one.pk != after.pk]
            before = next(
                (one for one in others if one.status == Version.Status.PUBLISHED), next(iter(others), None)
            )
        if before is None or after is None:
            return self.page(before=None, after=after, may_publish=False)
        found, kind = differences.compare(before, after), request.GET.get("kind", "")
        shown = [one for one in found.meetings if one.kind == kind] if kind in KINDS else found.moved
        return self.page(
            versions=versions, before=before, after=after, found=found, kind=kind if kind in KINDS else "",
            lines=Paginator(shown, SHOWN).get_page(request.GET.get("page")), affected=differences.affected(found.moved),
            may_publish=after.is_open and self.actor.may(services.publish.permission),
        )  # fmt: skip
