"""A trial for one person, the layout in pixels, the receipt of a batch, the sources of a document."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils import timezone

from yanta.kernel.base import Refused
from yanta.kernel.base.elements import declared
from yanta.kernel.base.refused import NotAllowed
from yanta.kernel.documents import layout, printing
from yanta.kernel.jobs.models import JobRun
from yanta.kernel.organisation.models import OrgUnit
from yanta.kernel.people.models import Person
from yanta.kernel.portal.pages import PortalPage
from yanta.masterdata.models import AdminClass
from yanta.systems.paperwork import jobs, queries, rules, services
from yanta.systems.paperwork.models import Batch, Issued
from yanta.systems.paperwork.services import batches, producing
from yanta.systems.paperwork.views.mapping import EditionPage
from yanta.systems.paperwork.views.showing import as_file, lines_of, previews


class TryView(EditionPage):
    """The form filled for one person in scope, with every gap; nothing is noted down."""

    template = "paperwork/try.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        edition, wanted = self.edition(), request.GET.get("q", "").strip()
        person = self._person(wanted) if wanted else None
        if person is None:
            return self.page(
                edition=edition, q=wanted, person=None, filled=None, may_print=printing.is_available()
            )
        filled = services.produce(
            edition, actor=self.actor, person=person, on=timezone.localdate(), trial=True
        )
        return self.page(
            edition=edition, q=wanted, person=person, filled=filled, lines=lines_of(edition, filled, person.pk),
            pages=previews(filled), may_print=printing.is_available(),
        )  # fmt: skip

    def _person(self, wanted: str) -> Person | None:
        mine = Person.objects.visible_to(self.actor)
        numbered = (
            Q(enrolments__number=wanted) | Q(employments__number=wanted) | Q(number=wanted) | Q(name=wanted)
        )
        found: Person | None = mine.filter(numbered).order_by("pk").first()
        return found


class TryFileView(EditionPage):
    def post(self, request: HttpRequest, pk: int, person: int) -> HttpResponse:
        edition = self.edition()
        found: Person = get_object_or_404(Person.objects.visible_to(self.actor), pk=person)
        filled = services.produce(
            edition, actor=self.actor, person=found, on=timezone.localdate(), trial=True
        )
        return as_file(filled, f"{edition.form.title}_{found.name}", request.POST.get("as", ""))


class LayoutView(EditionPage):
    """How far the filled form is from the original, in pixels outside the filled cells; for whoever owns the form."""

    template = "paperwork/layout.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        edition = self.edition()
        if not printing.is_available():
            raise Refused(printing.ABSENT, rule="document.pdf")
        person: Person = get_object_or_404(
            Person.objects.visible_to(self.actor), pk=request.GET.get("person", 0)
        )
        filled = services.produce(
            edition, actor=self.actor, person=person, on=timezone.localdate(), trial=True
        )
        files = layout.files_of(producing.opened(edition), [one.slot for one in filled.written])
        printed = printing.to_pdf({**files, "filled": (filled.kind, filled.content)}, seconds=120).pdfs
        found = layout.compare(
            layout.original(printed["original"], printed["marked"]),
            printed["filled"],
            added=filled.pages_added,
        )
        return self.page(edition=edition, found=found, person=person)


class BatchView(PortalPage):
    """The receipt of a batch."""

    template = "paperwork/batch.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        batch: Batch = get_object_or_404(
            Batch.objects.visible_to(self.actor).select_related("edition__form"), pk=pk
        )
        problems = [one for kept in batch.issued.values_list("problems", flat=True) for one in kept]
        shown = [
            (label, batches.KINDS[kind], count) for label, kind, count in rules.gaps_by_cell(problems)[:30]
        ]
        return self.page(batch=batch, cells=shown, strangers=batch.strangers[:50], run=self._run(batch))

    def _run(self, batch: Batch) -> JobRun | None:
        """How far it is, for whoever started it."""
        runs = JobRun.objects.filter(account_id=self.actor.account_id, params__batch=batch.pk)
        found: JobRun | None = runs.filter(name=jobs.produce_batch.name).order_by("-pk").first()
        return found


class NewBatchView(PortalPage):
    """A form for a class, a unit or a pasted list; anybody who may start batches chooses among all forms in force."""

    template = "paperwork/new_batch.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if self.actor.account_id is not None and not self.actor.may(services.start_batch.permission):
            raise NotAllowed("您没有批量生成表格的权限", rule=services.start_batch.permission)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show(request.GET)

    def post(self, request: HttpRequest) -> HttpResponse:
        given = request.POST
        try:
            if self._chosen(OrgUnit, "unit") is None:
                raise Refused("请选择单位", field="unit")
            batch = services.start_batch(
                actor=self.actor, form=given.get("form", ""), unit=self._chosen(OrgUnit, "unit"), purpose=given.get("purpose", ""),
                output=Batch.Output(given.get("output") or "original"), numbers=given.get("numbers", ""),
                admin_class=self._chosen(AdminClass, "admin_class"),
            )  # fmt: skip
        except Refused as refusal:
            return self._show(given, refusal)
        return HttpResponseRedirect(f"/paperwork/batches/{batch.pk}/")

    def _chosen(self, model: Any, name: str) -> Any:
        key = self.request.POST.get(name, "")
        return model.objects.visible_to(self.actor).filter(pk=key).first() if key.isdecimal() else None

    def _show(self, given: Any, refusal: Refused | None = None) -> HttpResponse:
        forms = [(one.form.code, f"{one.form.title}（{one.form.owner.name}）") for one in queries.in_force()]
        units = OrgUnit.objects.visible_to(self.actor).filter(valid_to=None).values_list("pk", "name")
        classes = (
            AdminClass.objects.visible_to(self.actor)
            .order_by("-grade", "code")
            .values_list("pk", "name")[:500]
        )
        return self.page(
            422 if refusal else 200, forms=forms, units=list(units), classes=list(classes), given=given, refusal=refusal,
            outputs=Batch.Output.choices, may_print=printing.is_available(),
        )  # fmt: skip


class SourceView(PortalPage):
    """Where every value of a produced document came from."""

    template = "paperwork/source.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        issued: Issued = get_object_or_404(
            Issued.objects.visible_to(self.actor).select_related("edition__form", "person"), pk=pk
        )
        return self.page(issued=issued, labels={name: one.label for name, one in declared().items()})
