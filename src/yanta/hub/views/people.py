"""A person's record in which every value explains itself."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.html import escape

from yanta.hub import queries, services
from yanta.hub.elements import ELEMENTS, Element
from yanta.hub.models import Correction, RowPerson
from yanta.kernel.base import Refused
from yanta.kernel.files import store
from yanta.kernel.people.models import Person
from yanta.kernel.portal.pages import PortalPage

GROUPS = (
    ("身份", ("name", "former_name", "latin_name", "sex", "birth_date", "id_type", "id_no")),
    ("背景", ("nationality", "ethnic", "political", "native_place")),
    ("联系", ("phone", "email", "bank_account", "dorm_bed")),
    ("在校", ("org_code", "staff_no", "ug_no", "grad_no", "exam_no", "major_code", "title_code")),
)


class PersonPage(PortalPage):
    """Finds the person within the reader's scope, and the element if the address names one."""

    def person(self) -> Person:
        pk = self.kwargs.get("pk") or self.actor.person_id
        if pk is None:
            raise Http404
        found: Person = get_object_or_404(Person.objects.visible_to(self.actor), pk=pk)
        return found

    def element(self) -> Element:
        if self.kwargs["element"] not in ELEMENTS:
            raise Http404
        return ELEMENTS[self.kwargs["element"]]

    @property
    def is_own(self) -> bool:
        return "pk" not in self.kwargs or self.kwargs["pk"] == self.actor.person_id

    def view_of(self, person: Person, element: Element) -> queries.ValueView:
        views = queries.record_of(person, with_others=self.actor.may("hub.elementvalue.view"))
        return next((view for view in views if view.element == element), queries.ValueView(element, "", ""))

    def back(self, person: Person) -> str:
        return "/me/" if person.pk == self.actor.person_id else f"/hub/people/{person.pk}/"


class RecordView(PersonPage):
    """/hub/people/<pk>/ and, for oneself, /me/."""

    template = "hub/person.html"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        person = self.person()
        views = {
            view.element.name: view
            for view in queries.record_of(person, with_others=self.actor.may("hub.elementvalue.view"))
        }
        groups = [(title, [views[name] for name in names if name in views]) for title, names in GROUPS]
        return self.page(
            person=person, groups=[group for group in groups if group[1]], own=person.pk == self.actor.person_id,
            affiliations=person.affiliations.select_related("org_unit").order_by("-valid_from"),
            corrections=Correction.objects.filter(person=person)[:10], rows=self._rows(person),
            may_split=self.actor.may(services.split_off.permission), elements=ELEMENTS,
        )  # fmt: skip

    def _rows(self, person: Person) -> list[RowPerson]:
        """The delivered rows behind the record, for those who keep the data and for oneself."""
        if not (self.is_own or self.actor.may("hub.elementvalue.view") or self.actor.may("hub.run.view")):
            return []
        links = RowPerson.objects.filter(person=person, is_current=True).select_related(
            "row__source", "row__changed_run"
        )
        return sorted(links, key=lambda link: (link.row.source.code, link.row.file, link.row.row))


class SourceCardView(PersonPage):
    """What the quiet mark shows: owner, source, standard, since when, who uses it."""

    template = "hub/source_card.html"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        person, element = self.person(), self.element()
        return self.page(
            person=person, view=self.view_of(person, element), users=queries.users_of(element.standard),
            base=f"/hub/people/{person.pk}/{element.name}",
        )  # fmt: skip


class HistoryView(PersonPage):
    """What the value was before, and what changed it."""

    template = "hub/history.html"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        person, element = self.person(), self.element()
        changes = [
            (change, *queries.change_texts(change)) for change in queries.history_of(person, element.name)
        ]
        return self.page(
            person=person, view=self.view_of(person, element), changes=changes, back=self.back(person),
            users=queries.users_of(element.standard),
        )  # fmt: skip


class RevealView(PersonPage):
    """The whole of a masked value, once, for a reason that stays in the audit trail."""

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        value = services.reveal(
            self.person(),
            actor=self.actor,
            element=self.element().name,
            reason=request.POST.get("reason", ""),
        )
        return HttpResponse(escape(value or "—"))


class WrongView(PersonPage):
    """“This is wrong”: the value as it stands, what it should be, a word and a paper."""

    template = "hub/wrong.html"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self._show()

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        person, element = self.person(), self.element()
        try:
            paper = request.FILES.get("evidence")
            evidence = (
                store(paper.name or "evidence", paper, actor=self.actor, purpose="数据更正")
                if paper
                else None
            )
            services.report_wrong(
                person, actor=self.actor, element=element.name, proposed=request.POST.get("proposed", ""),
                reason=request.POST.get("reason", "").strip() or "本人核对发现", evidence=evidence,
            )  # fmt: skip
        except Refused as refusal:
            return self._show(refusal)
        messages.success(request, "已送归口部门核准，结果会通知您")
        return HttpResponseRedirect(self.back(person))

    def _show(self, refusal: Refused | None = None) -> HttpResponse:
        person, element = self.person(), self.element()
        owner = queries.owner_of(person, element.name)
        return self.page(
            422 if refusal else 200, person=person, view=self.view_of(person, element), refusal=refusal,
            owner=owner.name if owner else "归口部门", given=self.request.POST, back=self.back(person),
            options=queries.options_of(element),
        )  # fmt: skip


class SplitView(PersonPage):
    """Rows that are somebody else's leave the person; takes effect with the next settling."""

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        from yanta.hub.jobs import settle
        from yanta.kernel.jobs import start

        person = self.person()
        links = RowPerson.objects.filter(
            person=person, is_current=True, row_id__in=request.POST.getlist("rows")
        )
        rows = [link.row for link in links.select_related("row")]
        try:
            services.split_off(person, actor=self.actor, rows=rows, reason=request.POST.get("reason", ""))
        except Refused as refusal:
            messages.error(request, refusal.message)
            return HttpResponseRedirect(self.back(person))
        run = start(settle, actor=self.actor)
        return HttpResponseRedirect(f"/jobs/{run.pk}/")
