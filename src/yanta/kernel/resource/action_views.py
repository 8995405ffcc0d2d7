"""The pages of verbs: one row, many rows, or none."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from yanta.kernel.base import Refused
from yanta.kernel.base.refused import NotAllowed
from yanta.kernel.operation import Operation
from yanta.kernel.resource import lists, writing
from yanta.kernel.resource.forms import OperationForm, inputs_of, visible_rows
from yanta.kernel.resource.views import FOUND_AT_ONCE, ResourcePage

MOST_AT_ONCE = 5000


class ActionPage(ResourcePage):
    """Finds the verb by its name."""

    action: Operation[..., Any]

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        name = self.kwargs.pop("action")
        found = next((one for one in self.resource.actions if one.name == name), None)
        if found is None:
            raise Http404
        self.action = found

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not self.actor.may(self.action.permission):
            raise NotAllowed(f"您没有“{self.action.title}”的权限", rule=self.action.permission)
        return super().dispatch(request, *args, **kwargs)

    def form(self, data: QueryDict | None = None, files: Any = None) -> OperationForm:
        return OperationForm(data, files, operation=self.action, actor=self.actor)

    def show(self, form: OperationForm, refusal: str = "", **context: Any) -> HttpResponse:
        status = 422 if form.errors or refusal else 200
        inputs = list(inputs_of(form, lookup_base=f"{self.resource.base_url}lookup/{self.action.name}/"))
        context |= {"action": self.action, "form": form, "inputs": inputs, "refusal": refusal}
        return self.page("action", status, **context)


class ActionView(ActionPage):
    """A verb on one row, or on the collection when there is no key in the address."""

    def get(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        return self.show(self.form(), row=self._row(pk))

    def post(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        row, form = self._row(pk), self.form(request.POST, request.FILES)
        if not form.is_valid():
            return self.show(form, row=row)
        try:
            result = self.action(*(() if row is None else (row,)), actor=self.actor, **form.parameters())
        except NotAllowed:
            raise
        except Refused as refusal:
            return self.show(form, refusal.message, row=row)
        if isinstance(result, str):
            return self.page("told", action=self.action, row=row, told=result)
        return self.to_row(
            result if isinstance(result, self.resource.model) else row or self.resource.model()
        )

    def _row(self, pk: int | None) -> Any:
        if self.action.on_collection != (pk is None):
            raise Http404
        return None if pk is None else writing.row_for(self.resource, self.actor, pk, self.action.name)


class ActionLookupView(ActionPage):
    """Options of a verb's long link while one types, as far as the actor reaches with the verb."""

    def get(self, request: HttpRequest, name: str) -> HttpResponse:
        asked = next((one for one in self.action.parameters if one.name == name and one.is_model), None)
        if asked is None:
            raise Http404
        rows = visible_rows(asked.kind, self.actor, self.action.permission)
        found = lists.matching(rows, request.GET.get("q", ""))
        return render(request, "resource/options.html", {"options": lists.titles_of(found, FOUND_AT_ONCE)})


class BulkView(ActionPage):
    """A verb on the ticked rows, or on all that the list's address finds; every row gets its answer."""

    def post(self, request: HttpRequest) -> HttpResponse:
        rows = self._rows(request)
        if self.action.parameters and "_confirmed" not in request.POST:
            return self.show(self.form(), rows=rows, keys=[row.pk for row in rows], bulk=True)
        form = self.form(request.POST, request.FILES)
        if not form.is_valid():
            return self.show(form, rows=rows, keys=[row.pk for row in rows], bulk=True)
        outcomes = self.action.on_each(rows, actor=self.actor, **form.parameters())
        return self.page("outcomes", action=self.action, outcomes=outcomes)

    def _rows(self, request: HttpRequest) -> list[Any]:
        if request.POST.get("all"):
            rows = lists.selected(
                self.resource, self.actor, QueryDict(request.POST.get("query", "")), verb=self.action.name
            )
        else:
            keys = [key for key in request.POST.getlist("keys") if key.isdecimal()]
            rows = self.resource.visible_to(self.actor, self.action.name).filter(pk__in=keys)
        found = list(rows[: MOST_AT_ONCE + 1])
        if len(found) > MOST_AT_ONCE:
            raise Refused(f"一次最多处理 {MOST_AT_ONCE:,} 行，请先筛选")
        return found
