"""How services do, for those who answer for them; and what people say of departments, for everybody."""

from __future__ import annotations

import io
from typing import Any

import xlsxwriter
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext

from yanta.kernel import audit
from yanta.kernel.base.refused import NotAllowed
from yanta.kernel.portal.pages import PortalPage
from yanta.kernel.resource.sheets import EXCEL_TYPE
from yanta.systems.hall.models import Design, Rating
from yanta.systems.hall.queries import figures
from yanta.systems.hall.views.applying import service_or_404

SEES = "hall.matter.export"
HEAD = ("事项", "主管部门", "办件", "在办", "平均小时", "超期 %", "退回 %", "少填 %", "评价", "评价数")


class FiguresPage(PortalPage):
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if self.actor.account_id is not None and not self.actor.may(SEES):
            raise NotAllowed("您没有查看办件统计的权限", rule=SEES)
        return super().dispatch(request, *args, **kwargs)


class FiguresView(FiguresPage):
    """Every service on one line; `?format=xlsx` as a sheet."""

    template = "hall/figures.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        found = figures.lines(self.actor, on=timezone.localdate())
        if request.GET.get("format") == "xlsx":
            audit.record(SEES, actor=self.actor, summary="导出事项统计", data={"rows": len(found)})
            return _sheet(found)
        slow = sorted((one for one in found if one.hours), key=lambda one: -(one.hours or 0))[:8]
        chart = {
            "type": "bar", "unit": gettext("小时"), "labels": [gettext(one.title) for one in slow],
            "series": [{"name": gettext("平均用时"), "values": [round(one.hours or 0, 1) for one in slow]}],
        }  # fmt: skip
        return self.page(
            lines=found, chart=chart, title=_slowest(slow[0]) if slow else "",
            count=sum(one.count for one in found), saved=sum(one.saved for one in found), open=sum(one.open for one in found),
            overdue=sum(one.overdue for one in found),
        )  # fmt: skip


class ServiceFiguresView(FiguresPage):
    """One service: months, steps, where it waits."""

    template = "hall/service_figures.html"

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        today = timezone.localdate()
        line = next((one for one in figures.lines(self.actor, on=today) if one.key == key), None)
        if line is None:
            return self.page(line=None, service=_title_of(key))
        months = figures.by_month(self.actor, key, on=today)
        chart = {
            "type": "bar", "unit": gettext("件"), "labels": [f"{month:%Y-%m}" for month, *_ in months],
            "series": [{"name": gettext("提交"), "values": [one[1] for one in months]}, {"name": gettext("已办结"), "values": [one[2] for one in months]}],
        }  # fmt: skip
        peak = max(months, key=lambda one: one[1])
        return self.page(
            line=line, service=line.title, chart=chart, steps=self._steps(key, today),
            title=gettext("%(month)s 最多，%(n)s 件") % {"month": f"{peak[0]:%Y-%m}", "n": peak[1]},
            ratings=list(Rating.objects.visible_to(self.actor, "hall.rating.view").filter(service=key)[:8]),
        )  # fmt: skip

    def _steps(self, key: str, today: Any) -> list[figures.StepTime]:
        return figures.step_times(self.actor, key, on=today)


class RankingView(PortalPage):
    """好差评 of departments, open to the whole school."""

    template = "hall/ranking.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(ranks=figures.ranking(on=timezone.localdate()), least=figures.LEAST_RATINGS)


def _title_of(key: str) -> str:
    """Of a service that may not be open yet, or no longer."""
    design = Design.objects.filter(key=key).first()
    return design.title if design else service_or_404(key).title


def _slowest(line: figures.Line) -> str:
    said = {"title": gettext(line.title), "hours": f"{line.hours or 0:.0f}"}
    return gettext("“%(title)s”最慢，平均 %(hours)s 小时") % said


def _sheet(found: list[figures.Line]) -> HttpResponse:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"constant_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet("事项统计")
    sheet.write_row(0, 0, [gettext(label) for label in HEAD])
    for number, one in enumerate(found, start=1):
        sheet.write_row(number, 0, [
            one.title, one.department, one.count, one.open, round(one.hours, 1) if one.hours else "", one.overdue_share,
            one.returned_share, one.share, round(one.stars, 2) if one.stars else "", one.ratings,
        ])  # fmt: skip
    book.close()
    answer = HttpResponse(buffer.getvalue(), content_type=EXCEL_TYPE)
    answer["Content-Disposition"] = 'attachment; filename="services.xlsx"'
    return answer
