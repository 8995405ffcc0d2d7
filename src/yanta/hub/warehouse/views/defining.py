"""Defining a figure on screen: its parts are saved questions or other figures, joined by an expression."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils import timezone

from yanta.hub.warehouse import joining, shapes
from yanta.hub.warehouse.models import Better, Indicator
from yanta.hub.warehouse.services import asking, change_formula, define, figures
from yanta.hub.warehouse.views.boards import FiguresPage
from yanta.kernel.base import Refused
from yanta.kernel.base.refused import NotAllowed

SLOTS = ("n", "d", "a", "b")
USUAL = (
    ("n", "n：直接用第一项"),
    ("n / d", "n / d：第一项除以第二项"),
    ("n / d * 100", "n / d * 100：百分比"),
    ("n - d", "n - d：相差"),
)


class DefiningPage(FiguresPage):
    """For those who may define figures."""

    template = "warehouse/define.html"

    def choices(self) -> list[tuple[str, str]]:
        """What a part can be: questions with a condition, and other figures."""
        titles = {one.name: one.title for one in joining.subjects.all_subjects()}
        kept = [
            (f"q{one.pk}", f"查询：{one.name}（{titles.get(one.document.get('subject', ''), '')}）")
            for one in asking.questions_for(self.actor)
        ]
        others = [(one.code, f"指标：{one.name}") for one in Indicator.objects.filter(is_open=True)]
        return kept + others

    def formula(self, posted: Any) -> str:
        """The formula that was put together, or written out by hand."""
        if posted.get("formula", "").strip():
            return str(posted["formula"])
        parts = {
            slot: self._part(posted[slot], posted.get(f"m_{slot}", "")) for slot in SLOTS if posted.get(slot)
        }
        return json.dumps(
            {"parts": parts, "expression": posted.get("expression", "").strip() or "n"}, ensure_ascii=False
        )

    def _part(self, chosen: str, measure: str) -> dict[str, Any]:
        if not (chosen.startswith("q") and chosen[1:].isdecimal()):
            return {"indicator": chosen}
        question = asking.question_for(int(chosen[1:]), self.actor)
        document = question.document
        how, _, name = (measure or next(iter(document.get("measures", [])), "count")).partition(":")
        part = {
            "subject": document["subject"],
            "title": question.name,
            "where": document.get("where") or {"all": []},
            "measure": how,
        }
        return {**part, "field": name} if name else part


class DefineView(DefiningPage):
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if self.actor.account_id is not None and not self.actor.may(define.permission):
            raise NotAllowed("只有主管部门和数据工程师可以定义指标", rule=define.permission)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show({"n": request.GET.get("n", "")}, None)

    def _show(self, values: Any, refusal: Refused | None) -> HttpResponse:
        return self.page(
            422 if refusal else 200, values=values, refusal=refusal, choices=self.choices(), slots=SLOTS, usual=USUAL,
            betters=Better.choices, indicator=None, version=None, owners=[unit.short_name or unit.name for unit in self.sight.own_units],
        )  # fmt: skip

    def post(self, request: HttpRequest) -> HttpResponse:
        posted = request.POST
        try:
            places = posted.get("decimals", "0")
            made = define(
                actor=self.actor, code=posted.get("code", "").strip(), name=posted.get("name", "").strip(),
                owner=posted.get("owner", "").strip(), formula=self.formula(posted), unit_label=posted.get("unit_label", "").strip(),
                decimals=int(places) if places.isdecimal() else 0, better=Better(posted.get("better") or "neither"),
                basis=posted.get("basis", ""), dimensions=posted.get("dimensions", ""),
            )  # fmt: skip
        except Refused as refusal:
            return self._show(posted, refusal)
        figures.record(timezone.localdate(), actor=self.actor, codes=[made.code], note=f"新定义 {made.name}")
        return HttpResponseRedirect(f"/warehouse/figures/{made.code}/")


class FormulaView(DefiningPage):
    """The formula in force, and how it goes on."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if self.actor.account_id is not None and not self.actor.may(change_formula.permission):
            raise NotAllowed("只有主管部门和数据工程师可以改口径", rule=change_formula.permission)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._show(get_object_or_404(Indicator, pk=pk), {}, None)

    def _show(self, indicator: Indicator, values: Any, refusal: Refused | None) -> HttpResponse:
        version = indicator.versions.filter(valid_to=None).first()
        written = (
            json.dumps(
                {"parts": version.parts, "expression": version.expression}, ensure_ascii=False, indent=1
            )
            if version
            else ""
        )
        words = (
            [
                (name, piece.words())
                for name, piece in shapes.read(version.parts, version.expression).pieces.items()
            ]
            if version
            else []
        )
        return self.page(
            422 if refusal else 200, values=values, refusal=refusal, choices=self.choices(), slots=SLOTS, usual=USUAL, betters=Better.choices,
            indicator=indicator, version=version, written=values.get("formula", "") or written, words=words, owners=[],
        )  # fmt: skip

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        indicator = get_object_or_404(Indicator, pk=pk)
        try:
            change_formula(
                indicator,
                actor=self.actor,
                formula=self.formula(request.POST),
                reason=request.POST.get("reason", "").strip(),
            )
        except Refused as refusal:
            return self._show(indicator, request.POST, refusal)
        figures.record(
            timezone.localdate(), actor=self.actor, codes=[indicator.code], note=f"改口径 {indicator.name}"
        )
        return HttpResponseRedirect(f"/warehouse/figures/{indicator.code}/")
