"""The workbench of questions: choose, filter, group, keep, share; and what was kept."""

from __future__ import annotations

import json
import secrets
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils.cache import patch_cache_control

from yanta.hub.subjects import Field, Subject, conditions
from yanta.hub.warehouse import joining
from yanta.hub.warehouse.asking import documents, pivoting, running
from yanta.hub.warehouse.asking.documents import Document
from yanta.hub.warehouse.models import Export, Question
from yanta.hub.warehouse.services import asking
from yanta.hub.warehouse.sight import Sight
from yanta.kernel.access.roles import ROLES
from yanta.kernel.base import Refused
from yanta.kernel.base.refused import NotAllowed
from yanta.kernel.codes import service as codes
from yanta.kernel.organisation.models import OrgUnit
from yanta.kernel.portal.pages import PortalPage

MOST_OPTIONS = 300
FIELDS_KEPT_SECONDS = 600


class QuestionsPage(PortalPage):
    """For those who may ask and export."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if self.actor.account_id is not None and not self.actor.may(asking.PERMISSION):
            raise NotAllowed("您没有综合查询的权限", rule=asking.PERMISSION)
        return super().dispatch(request, *args, **kwargs)


class AskView(QuestionsPage):
    """The address is the question: back and forward work, and a colleague can be given it."""

    template = "warehouse/ask.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        kept = (
            asking.question_for(int(request.GET["q"]), self.actor)
            if request.GET.get("q", "").isdecimal()
            else None
        )
        asked = (
            documents.from_json(kept.document)
            if kept and "s" not in request.GET
            else documents.from_query(request.GET)
        )
        subjects = joining.open_subjects(self.actor)
        if not asked.subject:
            return self.page(subjects=subjects, document=None, plan=None, kept=None, refusal=None)
        return self._answer(request, asked, subjects, kept)

    def _answer(
        self, request: HttpRequest, asked: Document, subjects: list[Subject], kept: Question | None
    ) -> HttpResponse:
        token = request.GET.get("t") or secrets.token_hex(6)
        shown: dict[str, Any] = {"answer": None, "pivot": None, "refusal": None}
        plan, status = None, 200
        try:
            plan = documents.plan(asked, self.actor)
            running.note_sensitive(plan, request.GET.get("why", ""))
            if plan.document.is_grouped:
                shown["pivot"] = pivoting.pivot_of(plan, token=token)
            else:
                page = request.GET.get("page", "1")
                shown["answer"] = running.page_of(plan, int(page) if page.isdecimal() else 1, token=token)
        except Refused as refusal:
            shown["refusal"], status = refusal, 422
        subject = joining.open_to(asked.subject, self.actor)
        return self.page(
            status, subjects=subjects, subject=subject, document=plan.document if plan else asked, plan=plan, kept=kept, **shown,
            groups=_field_groups(subject), titles={one.name: one.title for one in subject.fields},
            measures=documents.measures_for(subject), where=json.dumps(dict(asked.where), ensure_ascii=False),
            why=request.GET.get("why", ""), token=token, formats=Export.Format.choices, schedules=Question.Schedule.choices,
            roles=[(role.code, role.title) for role in ROLES.values() if role.code not in ("student", "teacher")],
            mine=kept is not None and kept.person_id == self.actor.person_id, units=Sight(self.actor).own_units,
        )  # fmt: skip


def _field_groups(subject: Subject) -> list[tuple[str, list[Field]]]:
    """The subject's own fields, then what lies behind each link."""
    found: dict[str, list[Field]] = {}
    for one in subject.fields:
        link, _, behind = one.name.partition(joining.SEPARATOR)
        title = subject.field(link).title if behind else subject.title
        found.setdefault(title, []).append(one)
    return list(found.items())


class FieldsView(QuestionsPage):
    """What the builder of questions has to know of each field of a subject; asked once per subject and browser."""

    def get(self, request: HttpRequest, subject: str) -> HttpResponse:
        found = [
            {
                "name": one.name, "title": one.title, "group": title, "kind": one.kind, "sealed": one.is_sealed,
                "unit": one.refers == conditions.UNIT, "options": _options(one),
            }
            for title, fields in _field_groups(joining.open_to(subject, self.actor)) for one in fields
        ]  # fmt: skip
        answer = JsonResponse({"fields": found, "tests": conditions.WORDS})
        patch_cache_control(answer, private=True, max_age=FIELDS_KEPT_SECONDS)
        return answer


def _options(field: Field) -> list[tuple[str, str]] | None:
    if field.kind == "flag":
        return [("true", "是"), ("false", "否")]
    if field.choices:
        return list(field.choices)
    if field.refers == conditions.UNIT:
        return [
            (code, f"{'　' * (depth - 1)}{name}")
            for code, name, depth in OrgUnit.objects.filter(valid_to=None).values_list(
                "code", "name", "depth"
            )
        ]
    if field.code_set:
        found = codes.choices(field.code_set)
        return found if len(found) <= MOST_OPTIONS else None
    return None


class StopView(QuestionsPage):
    """End one's own running question."""

    def post(self, request: HttpRequest) -> HttpResponse:
        return JsonResponse({"stopped": running.stop(self.actor, request.POST.get("t", ""))})


class KeepView(QuestionsPage):
    """Keep what was asked, alone or for others, now and then by message."""

    def post(self, request: HttpRequest) -> HttpResponse:
        kept = None
        if request.POST.get("q", "").isdecimal() and "as_new" not in request.POST:
            kept = asking.question_for(int(request.POST["q"]), self.actor, to_change=True)
        document = documents.from_query(request.POST)
        made = asking.keep(
            document, actor=self.actor, name=request.POST.get("name", ""), question=kept, role=request.POST.get("role", ""),
            unit_code=request.POST.get("unit", ""), schedule=request.POST.get("schedule", ""),
        )  # fmt: skip
        return HttpResponseRedirect(f"/warehouse/questions/{made.pk}/")


class QuestionListView(QuestionsPage):
    """One's own and those one was given."""

    template = "warehouse/questions.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        found = list(asking.questions_for(self.actor))
        mine = [one for one in found if one.person_id == self.actor.person_id]
        exports = (
            Export.objects.filter(person_id=self.actor.person_id).select_related("file")[:10]
            if self.actor.person_id
            else []
        )
        return self.page(
            mine=mine, shared=[one for one in found if one not in mine], exports=exports, titles=_titles()
        )


def _titles() -> dict[str, str]:
    return {one.name: one.title for one in joining.subjects.all_subjects()}


class QuestionView(QuestionsPage):
    """A kept question opens with its answer for whoever opens it."""

    template = "warehouse/question.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        kept = asking.question_for(pk, self.actor)
        document = documents.from_json(kept.document)
        if "versions" not in request.GET:
            return HttpResponseRedirect(f"/warehouse/ask/?q={kept.pk}&{document.query}")
        versions = [(one, documents.from_json(one.document).query) for one in kept.versions.all()]
        return self.page(kept=kept, versions=versions, mine=kept.person_id == self.actor.person_id)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        asking.drop(asking.question_for(pk, self.actor, to_change=True), actor=self.actor)
        return HttpResponseRedirect("/warehouse/questions/")
