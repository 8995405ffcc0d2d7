"""The health of the school's data: marks, league, what is off standard, a department, a run, a rule."""

from __future__ import annotations

from typing import Any

from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils import timezone

from yanta.hub.quality import checks, queries, rules
from yanta.hub.quality.models import FailingRow, Inspection, Order, Rule, Score, UnitResult
from yanta.hub.quality.resources import BOARD
from yanta.kernel.base.refused import NotAllowed
from yanta.kernel.organisation.models import OrgUnit
from yanta.kernel.portal.pages import PortalPage

LAST = 10


class QualityPage(PortalPage):
    """For those who may see this part of quality."""

    permission = BOARD

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if self.actor.account_id is not None and not self.actor.may(self.permission):
            raise NotAllowed("您没有数据质量的这项权限", rule=self.permission)
        return super().dispatch(request, *args, **kwargs)

    def readable(self) -> set[int]:
        """The rules of which a link may be shown."""
        return set(queries.readable_rules(self.actor).values_list("pk", flat=True))


def _line(points: list[tuple[Any, Any]], name: str) -> dict[str, Any]:
    values = [float(value) for _, value in points]
    return {
        "type": "line",
        "labels": [f"{day:%m-%d}" for day, _ in points],
        "series": [{"name": name, "values": values}],
        "unit": "分",
    }


class BoardView(QualityPage):
    """/quality/: the finding first, then where it lies and what is done about it."""

    template = "quality/board.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        on = queries.latest_day()
        if on is None:
            return self.page(on=None)
        subject = request.GET.get("subject", "")
        marks = queries.subject_marks(on)
        if subject not in {"", *(one.subject for one in marks)}:
            raise Http404
        points = queries.trend(subject=subject, until=on)
        league = queries.league(on, self.actor, subject)
        everyone = "all" in request.GET or len(league) <= LAST
        places = league if everyone else league[: -LAST - 1 : -1]
        titles = {one.name: one.title for one in checks.all_subjects()}
        shares = queries.dimension_shares(on)
        return self.page(
            on=on, subject=subject, titles=titles, marks=marks, points=points, line=_line(points, "得分"), places=places,
            number=len(league), everyone=everyone, ranks={one.unit_id: at for at, one in enumerate(league, 1)},
            value=points[-1][1] if points else None, grade=rules.grade(points[-1][1] if points else None), shares=shares,
            worst=queries.worst_rules(), readable=self.readable(), statistics=queries.order_statistics(Order.objects.visible_to(self.actor)),
            change=points[-1][1] - points[0][1] if len(points) > 1 else None, since=points[0][0] if points else None,
            weights=rules.WEIGHTS, last=Inspection.objects.exclude(ended_at=None).first(),
        )  # fmt: skip


class UnitView(QualityPage):
    """One department: its mark by subject, the rules it fails, its orders."""

    template = "quality/unit.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        unit = get_object_or_404(OrgUnit, pk=pk)
        on = queries.latest_day()
        scores = Score.objects.visible_to(self.actor).filter(unit=unit, on=on)
        if on is None or not scores.exists():
            raise Http404
        points = queries.trend(unit=unit.pk, until=on)
        failing = (
            UnitResult.objects.filter(unit=unit, failed__gt=0, result__rule__standing__result=F("result"))
            .select_related("result__rule").order_by("-failed")
        )  # fmt: skip
        titles = {one.name: one.title for one in checks.all_subjects()}
        return self.page(
            unit=unit, on=on, total=scores.filter(subject="").first(), points=points, line=_line(points, unit.name),
            marks=queries.subject_marks(on, unit.pk), failing=failing[:30], titles=titles,
            readable=self.readable(),
            statistics=queries.order_statistics(Order.objects.filter(unit=unit)), rules=rules,
        )  # fmt: skip


class InspectionView(QualityPage):
    """A run, rule by rule; the numbers add up."""

    template = "quality/inspection.html"
    permission = "quality.inspection.view"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        inspection = get_object_or_404(Inspection.objects.visible_to(self.actor), pk=pk)
        results = inspection.results.select_related("rule__owner").order_by("-failed", "rule")
        sums = {
            name: sum(getattr(one, name) for one in results) for name in ("new", "persisting", "repaired")
        }
        return self.page(inspection=inspection, results=results, sums=sums, readable=self.readable())


class RuleView(QualityPage):
    """A rule over time, with the rows that break it as far as the reader may see them."""

    template = "quality/rule.html"
    permission = "quality.rule.view"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        rule = get_object_or_404(queries.readable_rules(self.actor).select_related("owner"), pk=pk)
        rows = FailingRow.objects.visible_to(self.actor).filter(rule=rule).select_related("unit")
        results = queries.results_of(rule)
        shares = [round(float(one.share or 0), 3) for one in results]
        line = {
            "type": "line", "labels": [f"{timezone.localtime(one.at):%m-%d}" for one in results], "unit": "%",
            "series": [{"name": "不合格比例", "values": shares}],
        }  # fmt: skip
        units = (
            results[-1].units.visible_to(self.actor).select_related("unit").order_by("-failed")
            if results
            else []
        )
        return self.page(
            rule=rule, rows=rows[:100], number=rows.count(), results=results, line=line, latest=results[-1] if results else None,
            units=[one for one in units if one.failed][:20],
            has_record=Rule.objects.visible_to(self.actor).filter(pk=pk).exists(),
            may_edit=Rule.objects.visible_to(self.actor, "quality.rule.revise").filter(pk=pk).exists(),
        )  # fmt: skip


class RowView(QualityPage):
    """From a failing row to the record itself, within the reader's rights."""

    permission = "quality.failingrow.view"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = get_object_or_404(FailingRow.objects.visible_to(self.actor).select_related("rule"), pk=pk)
        return HttpResponseRedirect(queries.record_url(row.rule.spec.subject, row.row_id))


class OrderRowsView(QualityPage):
    """What is left to put right in an order, row by row, each leading to its record."""

    template = "quality/order_rows.html"
    permission = "quality.order.view"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        found = Order.objects.visible_to(self.actor).select_related("rule__owner", "unit", "handler")
        order = get_object_or_404(found, pk=pk)
        subject = order.rule.spec.subject
        rows = queries.rows_of_order(order, self.actor)
        addresses = {row_id: queries.record_url(subject, row_id) for row_id, _, _ in rows}
        return self.page(
            order=order, rows=rows, addresses=addresses, today=timezone.localdate(), subject=subject
        )


class StandardsView(QualityPage):
    """落标率: how far the coded values of each system keep to the dictionary."""

    template = "quality/standards.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        systems = queries.off_standard()
        coded = [one for one in systems if one.filled]
        bars = {
            "type": "bar", "labels": [one.system for one in coded[:12]], "unit": "%",
            "series": [{"name": "合标率", "values": [round(100 * one.share, 2) for one in coded[:12]]}],
        }  # fmt: skip
        filled, good = sum(one.filled for one in coded), sum(one.on_standard for one in coded)
        return self.page(
            systems=systems, bars=bars, filled=filled, good=good, bound=sum(one.bound for one in systems)
        )
