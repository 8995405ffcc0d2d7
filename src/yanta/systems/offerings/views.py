"""Pages that no declaration expresses: the term's board, clashes, workload, the calendar, one's own sections."""

from __future__ import annotations

import io
from itertools import groupby
from typing import Any

import xlsxwriter
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse

from yanta.kernel import audit
from yanta.kernel.base.refused import NotAllowed
from yanta.kernel.portal.pages import PortalPage
from yanta.kernel.resource.sheets import EXCEL_TYPE
from yanta.masterdata.models import StaffMember
from yanta.systems.offerings.models import Offering, Season
from yanta.systems.offerings.queries import facts, tasks
from yanta.systems.offerings.rules import calendar

SHOWN = 40
SEES = "offerings.offering.view"


class SeasonPage(PortalPage):
    """A page about one term, for whoever sees offerings; `?season=` chooses the term."""

    def get(self, request: HttpRequest) -> HttpResponse:
        if not self.actor.may(SEES):
            raise NotAllowed("您没有查看开课的权限", rule=SEES)
        season = tasks.season_asked(request.GET.get("season", ""))
        seasons = list(Season.objects.select_related("term").order_by("-term__starts_on")[:6])
        if season is None:
            return self.page(season=None, seasons=seasons)
        return self.shown(request, season, seasons)

    def shown(self, request: HttpRequest, season: Season, seasons: list[Season]) -> HttpResponse:
        """The page itself, each its own."""
        return self.page(season=season, seasons=seasons)

    def offerings(self, season: Season) -> Any:
        return Offering.objects.visible_to(self.actor, SEES).filter(season=season)


class BoardView(SeasonPage):
    """How far each unit has come, and what the last generation did."""

    template = "offerings/board.html"

    def shown(self, request: HttpRequest, season: Season, seasons: list[Season]) -> HttpResponse:
        units = tasks.progress_of(season, self.offerings(season).values("pk"))
        shown = units[:12]
        chart = {
            "type": "stack", "unit": "门", "labels": [one.unit for one in shown],
            "series": [
                {"name": "已确认", "values": [one.confirmed for one in shown]},
                {"name": "待确认", "values": [one.waiting for one in shown]},
            ],
        }  # fmt: skip
        confirmed, waiting = sum(one.confirmed for one in units), sum(one.waiting for one in units)
        behind = sum(1 for one in units if one.waiting)
        title = f"{behind} 个单位还有 {waiting} 门课没有确认" if waiting else "所有开课都已确认"
        return self.page(
            season=season, seasons=seasons, units=units, chart=chart, title=title, confirmed=confirmed, waiting=waiting,
            sections=sum(one.sections for one in units), unstaffed=sum(one.unstaffed for one in units),
            receipt=season.receipt, may_run=self.actor.may("offerings.season.generate"),
        )  # fmt: skip


class ChecksView(SeasonPage):
    """What clashes before any timetable is made, the kinds with most first."""

    template = "offerings/checks.html"
    kinds = {
        "teacher": "没有教师", "shares": "承担比例", "qualified": "任教资格", "hours": "学时", "size": "人数", "seats": "座位",
        "room": "教室", "load": "教师超负荷",
    }  # fmt: skip

    def shown(self, request: HttpRequest, season: Season, seasons: list[Season]) -> HttpResponse:
        waiting = self.offerings(season).exclude(status=Offering.Status.DROPPED)
        keys = list(waiting.values_list("pk", flat=True))
        found = [(section, one) for section, clashes in facts.clashes(keys) for one in clashes]
        loads = self._overloads(season)
        counts = {kind: sum(1 for _, one in found if one.kind == kind) for kind in self.kinds}
        counts["load"] = len(loads)
        kind = request.GET.get("kind", "")
        lines = [(section, one) for section, one in found if not kind or one.kind == kind]
        pages = Paginator(lines, SHOWN)
        return self.page(
            season=season, seasons=seasons, kinds=self.kinds, counts=counts, kind=kind, total=len(found) + len(loads),
            lines=pages.get_page(request.GET.get("page")), loads=loads if kind in ("", "load") else [],
        )  # fmt: skip

    def _overloads(self, season: Season) -> list[Any]:
        reached = self.actor.reach(SEES)
        staff = StaffMember.objects.visible_to(self.actor, SEES).values_list("pk", flat=True)
        mine = None if reached.everything else set(staff)
        return [one for key, one in facts.overloads(facts.work_of(season)) if mine is None or key in mine][
            :SHOWN
        ]


class WorkloadView(SeasonPage):
    """Hours and weighed hours by unit and by teacher; `?format=xlsx` as a sheet."""

    template = "offerings/workload.html"

    def shown(self, request: HttpRequest, season: Season, seasons: list[Season]) -> HttpResponse:
        works = facts.work_of(season)
        if not self.actor.reach(SEES).everything:
            seen = set(StaffMember.objects.visible_to(self.actor, SEES).values_list("pk", flat=True))
            works = [one for one in works if one.teacher.pk in seen]
        if request.GET.get("format") == "xlsx" and self.actor.may("offerings.offering.export"):
            audit.record(
                "offerings.offering.export",
                actor=self.actor,
                summary="导出教学工作量",
                data={"rows": len(works)},
            )
            return _sheet(season, works)
        units = _by_unit(works)
        chart = {
            "type": "bar", "unit": "标准学时", "labels": [name for name, *_ in units[:12]],
            "series": [{"name": "标准学时", "values": [float(weighed) for *_, weighed in units[:12]]}],
        }  # fmt: skip
        lines = Paginator(works, SHOWN).get_page(request.GET.get("page"))
        total = sum(one.weighed for one in works)
        return self.page(
            season=season,
            seasons=seasons,
            units=units,
            chart=chart,
            lines=lines,
            total=total,
            count=len(works),
            may_export=self.actor.may("offerings.offering.export"),
        )


def _by_unit(works: list[facts.TeacherWork]) -> list[tuple[str, int, Any, Any]]:
    """Name, teachers, hours, weighed hours; the most first."""
    ordered = sorted(works, key=lambda one: one.teacher.department.name)
    found = []
    for name, group in groupby(ordered, key=lambda one: one.teacher.department.name):
        mine = list(group)
        found.append((name, len(mine), sum(one.hours for one in mine), sum(one.weighed for one in mine)))
    return sorted(found, key=lambda line: -line[3])


def _sheet(season: Season, works: list[facts.TeacherWork]) -> HttpResponse:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"constant_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet("工作量")
    sheet.write_row(0, 0, ["工号", "姓名", "单位", "教学班", "人数", "承担比例", "学时", "系数", "标准学时"])
    lines = ((one, work) for one in works for work in one.works)
    for number, (one, work) in enumerate(lines, start=1):
        task = work.task
        sheet.write_row(number, 0, [
            one.teacher.number, one.teacher.person.name, one.teacher.department.name, task.section, task.size,
            float(task.share), float(work.hours), float(work.factor), float(work.weighed),
        ])  # fmt: skip
    book.close()
    answer = HttpResponse(buffer.getvalue(), content_type=EXCEL_TYPE)
    answer["Content-Disposition"] = f'attachment; filename="workload-{season.term.code}.xlsx"'
    return answer


class CalendarView(PortalPage):
    """The weeks of a term with holidays and make-up days; open to everyone in the school."""

    template = "offerings/calendar.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        season = tasks.season_asked(request.GET.get("season", ""))
        term = season.term if season and request.GET.get("season") else tasks.present_term()
        if term is None:
            return self.page(term=None, weeks=[])
        events = [
            calendar.Event(one.kind, one.name, one.starts_on, one.ends_on, one.follows_on)
            for one in term.events.order_by("starts_on")
        ]
        days = calendar.days_of(term.starts_on, term.ends_on, term.teaching_weeks, events)
        weeks = [(number, list(found)) for number, found in groupby(days, key=lambda day: day.week)]
        return self.page(term=term, weeks=weeks, events=events)


class MineView(PortalPage):
    """What I teach, what my class attends."""

    template = "offerings/mine.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        seasons = list(Season.objects.select_related("term").order_by("-term__starts_on")[:4])
        season = (
            tasks.season_asked(request.GET.get("season", ""))
            if "season" in request.GET
            else tasks.present_season()
        )
        teaching = tasks.taught_by(self.actor.person_id, season) if season else []
        attending = tasks.attended_by(self.actor.person_id, season) if season else []
        return self.page(season=season, seasons=seasons, teaching=teaching, attending=attending)
