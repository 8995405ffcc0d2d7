"""One held-back row: the original with its reasons; cells are put right in place."""

from __future__ import annotations

from typing import Any

import orjson
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404

from yanta.hub.pipelines import queries, services
from yanta.hub.pipelines.models import HeldRow
from yanta.hub.pipelines.running import unreadable
from yanta.hub.pipelines.services.held import UNDECIDED
from yanta.hub.pipelines.views.base import PipelinePage
from yanta.kernel.base import Refused
from yanta.kernel.people.models import Person


class HeldView(PipelinePage):
    template = "pipelines/held.html"
    permission = "pipelines.heldrow.view"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._show(self._item(pk))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        item = self._item(pk)
        original = queries.original_of(item)
        given = {name: request.POST.get(f"cell_{place}", "").strip() for place, name in enumerate(original)}
        changed = {name: value for name, value in given.items() if value != (original[name] or "").strip()}
        try:
            if "dismiss" in request.POST:
                services.dismiss(
                    item, actor=self.actor, reason=request.POST.get("reason", "").strip() or "不予采用"
                )
            elif "let_go" in request.POST:
                services.let_go(item, actor=self.actor)
            elif "person" in request.POST:
                services.identify(item, actor=self.actor, person=self._person(request.POST["person"]))
            else:
                services.correct(item, actor=self.actor, cells=orjson.dumps(changed).decode())
        except Refused as refusal:
            return self._show(item, refusal)
        following = self._open().filter(pk__gt=item.pk).first()
        messages.success(request, f"已记下：{item.get_state_display()}")
        return HttpResponseRedirect(
            f"/pipelines/held/{following.pk}/" if following else f"/pipelines/of/{item.pipeline.code}/"
        )

    def _item(self, pk: int) -> HeldRow:
        return get_object_or_404(
            HeldRow.objects.visible_to(self.actor).select_related("pipeline", "run"), pk=pk
        )

    @staticmethod
    def _person(key: str) -> Person:
        return get_object_or_404(Person, pk=int(key) if key.isdecimal() else 0)

    @staticmethod
    def _people(item: HeldRow) -> list[dict[str, Any]]:
        """The persons that the row may speak of, the likeliest first."""
        known = Person.objects.select_related("home_unit").in_bulk([one["person"] for one in item.candidates])
        return [{**one, "person": known[one["person"]]} for one in item.candidates if one["person"] in known]

    def _open(self):  # type: ignore[no-untyped-def]  # a queryset of held rows
        return HeldRow.objects.visible_to(self.actor).filter(state=HeldRow.State.OPEN).order_by("pk")

    def _show(self, item: HeldRow, refusal: Refused | None = None) -> HttpResponse:
        original, corrected = queries.original_of(item), queries.corrections_of(item)
        cells = [(name, value or "", corrected.get(name, value or "")) for name, value in original.items()]
        return self.page(
            422 if refusal else 200, item=item, cells=cells, refusal=refusal, waiting=self._open().count(),
            people=self._people(item), line=unreadable.LINE,
            may=item.state in UNDECIDED and self.actor.may(services.correct.permission),
        )  # fmt: skip
