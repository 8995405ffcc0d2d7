"""The pages of every resource. One class per page; each makes at most one call that writes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    QueryDict,
    StreamingHttpResponse,
)
from django.shortcuts import render
from django.views import View

from yanta.kernel.base import Actor, Refused
from yanta.kernel.resource import importing, lists, paths, records, sheets, views_kept, writing
from yanta.kernel.resource.declare import Resource
from yanta.kernel.resource.forms import ResourceForm, form_class, groups_of
from yanta.kernel.resource.models import SheetImport
from yanta.kernel.resource.registry import resource_of

FOUND_AT_ONCE = 20


class ResourcePage(View):
    """Finds the resource by its address; a subclass answers."""

    resource: Resource
    verb = "view"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        found = resource_of(f"{kwargs.pop('app')}.{kwargs.pop('noun')}")
        if found is None:
            raise Http404
        self.resource = found
        self.kwargs = kwargs

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        writing.require(self.resource, self.actor, self.verb)
        return super().dispatch(request, *args, **self.kwargs)

    @property
    def actor(self) -> Actor:
        actor: Actor = self.request.actor  # type: ignore[attr-defined]
        return actor

    def may(self, verb: str) -> bool:
        return verb in self.resource.verbs and self.actor.may(self.resource.permission(verb))

    def page(self, template: str, status: int = 200, **context: Any) -> HttpResponse:
        context |= {"resource": self.resource, "may": self.may, "actor": self.actor}
        return render(self.request, f"resource/{template}.html", context, status=status)

    def to_row(self, row: Any) -> HttpResponse:
        """Back to the record; a panel's form tells htmx to go there."""
        address = f"{self.resource.base_url}{row.pk}/" if row.pk else self.resource.base_url
        return self.to(address)

    def to(self, address: str) -> HttpResponse:
        if self.request.headers.get("HX-Request"):
            return HttpResponse(status=204, headers={"HX-Redirect": address})
        return HttpResponseRedirect(address)


class ListView(ResourcePage):
    """The work list; `_part=rows` answers only the table, `_part=filters` only the filter panel."""

    def get(self, request: HttpRequest) -> HttpResponse:
        # htmx names its target in a header, so that the address it pushes stays the list's own.
        part = request.GET.get("_part", "") or ("rows" if request.headers.get("HX-Target") == "rows" else "")
        if part == "filters":
            filters = lists.with_options(self.resource, self.actor, request.GET)
            return self.page("filters", filters=filters, query=request.GET)
        found = lists.list_page(self.resource, self.actor, request.GET)
        context: dict[str, Any] = {
            "found": found, "columns": lists.columns_of(self.resource), "query": request.GET,
            "bulk": [one for one in self.resource.actions if one.bulk and not one.on_collection and one.offered_to(self.actor)],
            "collection": [one for one in self.resource.actions if one.on_collection and one.offered_to(self.actor)],
            "base_query": lists.without(request.GET), "unsorted_query": lists.without(request.GET, "sort"),
        }  # fmt: skip
        if part == "rows":
            return self.page("rows", **context)
        return self.page("list", views=views_kept.views_of(self.resource, self.actor), **context)


class RecordView(ResourcePage):
    """The record, as a page or in the side panel (`_part=panel`)."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = self._row(pk)
        panel = request.GET.get("_part") == "panel"
        return self.page(
            "panel" if panel else "record", row=row, groups=records.facts_of(self.resource, row, self.actor),
            actions=records.actions_for(self.resource, row, self.actor),
            tabs=[] if panel else records.tabs_of(self.resource, row, self.actor),
            moments=[] if panel else records.timeline_of(row),
            no_edit=self.resource.refusal_to_edit(row) or not records.may_do(self.resource, row, self.actor, "edit"),
            no_delete=self.resource.refusal_to_delete(row) or not records.may_do(self.resource, row, self.actor, "delete"),
        )  # fmt: skip

    def _row(self, pk: int) -> Any:
        names = records.fact_names(self.resource)
        rows = paths.with_related_rows(self.resource.model, self.resource.visible_to(self.actor), names)
        row = rows.filter(pk=pk).first()
        if row is None:
            raise Http404(f"没有这条{self.resource.noun}，或它不在您的管理范围内")
        return row


class FormPage(ResourcePage):
    """Asking, and saying kindly what is wrong."""

    row: Any = None

    def form(self, data: QueryDict | None = None, files: Any = None) -> ResourceForm:
        initial = self.resource.initial(self.actor) if self.row is None else None
        made = form_class(self.resource)
        return made(data, files, instance=self.row, initial=initial, resource=self.resource, actor=self.actor)

    def show(self, form: ResourceForm, refusal: str = "") -> HttpResponse:
        status = 422 if form.errors or refusal else 200
        groups = groups_of(form, self.resource.form)
        return self.page("form", status, form=form, groups=groups, row=self.row, refusal=refusal)

    def submit(self, request: HttpRequest) -> HttpResponse:
        form = self.form(request.POST, request.FILES)
        if not form.is_valid():
            return self.show(form)
        try:
            writing.save(self.resource, form.instance, actor=self.actor)
        except Refused as refusal:
            return self.show(form, refusal.message)
        return self.to_row(form.instance)


class AddView(FormPage):
    verb = "add"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(self.form())

    def post(self, request: HttpRequest) -> HttpResponse:
        return self.submit(request)


class EditView(FormPage):
    verb = "edit"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.row = writing.row_for(self.resource, self.actor, pk, "edit")
        refusal = self.resource.refusal_to_edit(self.row)
        if refusal:
            raise Refused(refusal)
        return self.show(self.form())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.row = writing.row_for(self.resource, self.actor, pk, "edit")
        return self.submit(request)


class DeleteView(ResourcePage):
    """Asks once, naming what will be lost, then removes."""

    verb = "delete"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.page("delete", row=writing.row_for(self.resource, self.actor, pk, "delete"))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = writing.row_for(self.resource, self.actor, pk, "delete")
        writing.delete(self.resource, row, actor=self.actor)
        return self.to(self.resource.base_url)


class ExportView(ResourcePage):
    """What the list shows under the same address, as Excel or CSV."""

    verb = "export"

    def get(self, request: HttpRequest, kind: str) -> HttpResponse | StreamingHttpResponse:
        rows = lists.selected(self.resource, self.actor, request.GET, verb="export")
        names = [
            *self.resource.columns,
            *[name for name in self.resource.sheet_columns if name not in self.resource.columns],
        ]
        columns = [paths.path_of(self.resource.model, name) for name in names]
        rows = paths.with_related_rows(self.resource.model, rows, names)
        writing.note_export(self.resource, self.actor, request.GET.urlencode())
        if kind == "csv":
            answer: Any = StreamingHttpResponse(
                sheets.comma_separated(columns, rows), content_type="text/csv; charset=utf-8"
            )
        else:
            answer = HttpResponse(
                sheets.excel(columns, rows, title=self.resource.label), content_type=sheets.EXCEL_TYPE
            )
        answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(self.resource.label)}.{kind}"
        return answer


class ImportView(ResourcePage):
    """Upload, preview with an answer for every row, confirm, receipt."""

    verb = "import"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page("import", columns=sheets.columns_of(self.resource))

    def post(self, request: HttpRequest) -> HttpResponse:
        upload = request.FILES.get("file")
        try:
            if upload is None:
                raise Refused("请选择要导入的文件")
            kept, preview = importing.begin(
                self.resource, self.actor, name=str(upload.name), content=upload.read()
            )
        except Refused as refusal:
            return self.page("import", 422, columns=sheets.columns_of(self.resource), refusal=refusal.message)
        return self.page("preview", kept=kept, preview=preview)


class ImportedView(ResourcePage):
    """Confirm a previewed import, and its receipt."""

    verb = "import"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.page("receipt", kept=self._kept(pk))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        importing.carry_out(self._kept(pk), self.resource, self.actor)
        return self.to(f"{self.resource.base_url}import/{pk}/")

    def _kept(self, pk: int) -> SheetImport:
        kept = SheetImport.objects.filter(
            pk=pk, resource=self.resource.key, account_id=self.actor.account_id
        ).first()
        if kept is None:
            raise Http404
        return kept


class TemplateView(ResourcePage):
    """The empty sheet to fill in."""

    verb = "import"

    def get(self, request: HttpRequest) -> HttpResponse:
        answer = HttpResponse(sheets.template(self.resource), content_type=sheets.EXCEL_TYPE)
        answer["Content-Disposition"] = (
            f"attachment; filename*=UTF-8''{quote(self.resource.label)}{quote('导入模板')}.xlsx"
        )
        return answer


class LookupView(ResourcePage):
    """Options of a long link while one types, in the actor's scope."""

    def get(self, request: HttpRequest, name: str) -> HttpResponse:
        if name not in (*self.resource.form_fields, *self.resource.filters):
            raise Http404
        options = list(self._found(name, request.GET.get("q", "")))
        return render(request, "resource/options.html", {"options": options})

    def _found(self, name: str, text: str) -> Iterator[tuple[str, str]]:
        verb = "add" if name in self.resource.form_fields and self.may("add") else "view"
        rows = lists.linked_rows(self.resource, name, self.actor, self.resource.permission(verb))
        for row in lists.matching(rows, text)[:FOUND_AT_ONCE]:
            yield str(row.pk), str(row)
