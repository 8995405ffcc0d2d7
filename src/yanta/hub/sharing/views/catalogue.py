"""The catalogue, the contract of a dataset, the workbench on which one is made."""

from __future__ import annotations

import json
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils import timezone

from yanta.hub import subjects
from yanta.hub.sharing import owners, queries
from yanta.hub.sharing.models import Dataset, DatasetVersion, UsageDay
from yanta.hub.sharing.services import catalogue
from yanta.hub.sharing.views.base import CLAUSES, SharingPage, condition_text, tests
from yanta.hub.subjects import Level, conditions
from yanta.kernel.base import Refused
from yanta.kernel.organisation.models import OrgUnit

ICONS = {
    "student": "school", "staff_member": "briefcase", "person": "user", "organisation": "sitemap", "course": "book",
    "room": "door", "building": "building", "asset": "microscope", "programme": "certificate",
}  # fmt: skip


OVERSEERS = ("engineer", "auditor", "leader", "security")
VERBS = (catalogue.ask, catalogue.publish, catalogue.take_back, catalogue.deprecate, catalogue.retire)


class CatalogueView(SharingPage):
    """Everything that may be asked for."""

    template = "sharing/catalogue.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        asked = {name: request.GET.get(name, "") for name in ("subject", "level", "owner")}
        wanted = request.GET.get("q", "").strip()
        known = queries.popularity(on=timezone.localdate())
        rows = [
            (one, known.get(one.pk, queries.Popularity()))
            for one in queries.catalogue(self.actor, wanted=wanted, **asked)
        ]
        if request.GET.get("sort", "popular") == "popular":
            rows.sort(key=lambda pair: (-pair[1].reads, pair[0].code))
        every = queries.catalogue(self.actor)
        titles = {one.name: one.title for one in subjects.all_subjects()}
        return self.page(
            rows=rows, q=wanted, asked=asked, icons=ICONS, levels=[(one.value, one.label) for one in Level],
            subject_titles=titles, subjects=sorted({one.subject for one in every}), total=len(every),
            owners=sorted({one.owner.name for one in every}), may_draft=self.actor.may(catalogue.draft.permission),
        )  # fmt: skip


class DatasetView(SharingPage):
    """The contract: what it is, field by field, who consented, who uses it, how it changed."""

    template = "sharing/dataset.html"

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        dataset = get_object_or_404(Dataset.objects.select_related("owner", "successor"), code=code)
        asked = dataset.versions.filter(state="asked").first()
        if not self._may_look(dataset, asked):
            raise Http404
        names = dataset.names if dataset.version else (asked.names if asked else dataset.names)
        version = asked or dataset.versions.filter(state="published").first()
        is_owner = owners.speaks_for(self.actor, dataset.owner)
        use = queries.usage(UsageDay.objects.filter(grant__dataset=dataset), on=timezone.localdate())
        return self.page(
            dataset=dataset, fields=queries.contract(dataset, names), asked=asked, is_owner=is_owner, icons=ICONS,
            rows_said=conditions.words(dataset.about, dataset.condition) or "全部", subject=dataset.about,
            consents=list(version.consents.select_related("unit")) if version else [], usage=use,
            consent_actions={one.pk: owners.speaks_for(self.actor, one.unit) for one in (version.consents.select_related("unit") if version else [])},
            versions=dataset.versions.all(), grants=dataset.grants.filter(state__in=("active", "suspended")).select_related("consumer__unit"),
            actions=[one for one in VERBS if is_owner and one.offered_to(self.actor, dataset)],
            title_of=queries.titles,
        )  # fmt: skip

    def _may_look(self, dataset: Dataset, asked: DatasetVersion | None) -> bool:
        """What was never published is for those who make it, those who are asked, and those who oversee."""
        if dataset.version or self.actor.has_role(*OVERSEERS):
            return True
        units = [one.unit for one in asked.consents.select_related("unit")] if asked else []
        return any(owners.speaks_for(self.actor, unit) for unit in [dataset.owner, *units])


class WorkbenchView(SharingPage):
    """Choose a subject, then fields, rows and words; drafting, changing a draft, or a next version."""

    template = "sharing/workbench.html"
    permission = catalogue.draft.permission

    def get(self, request: HttpRequest, code: str = "") -> HttpResponse:
        return self._show(self._dataset(code))

    def _dataset(self, code: str) -> Dataset | None:
        if not code:
            return None
        dataset = get_object_or_404(Dataset.objects.select_related("owner"), code=code)
        owners.require_speaker(self.actor, dataset.owner, "数据集")
        return dataset

    def _show(self, dataset: Dataset | None, refusal: Refused | None = None) -> HttpResponse:
        name = dataset.subject if dataset else self.request.GET.get("subject", "")
        data: Any = self.request.POST if self.request.method == "POST" else {}
        about = subjects.subject(name) if name else None
        units = [one for one in OrgUnit.objects.filter(valid_to=None) if owners.speaks_for(self.actor, one)][
            :50
        ]
        chosen = data.getlist("fields") if data else (dataset.names if dataset else [])
        return self.page(
            422 if refusal else 200, dataset=dataset, about=about, chosen=chosen, units=units, refusal=refusal, data=data,
            subjects=subjects.all_subjects(), clauses=CLAUSES, tests=tests(), refreshes=Dataset.Refresh.choices, icons=ICONS,
            owner_of=owners.owner_name, condition=conditions.words(about, dataset.condition) if dataset and about else "",
        )  # fmt: skip

    def post(self, request: HttpRequest, code: str = "") -> HttpResponse:
        dataset = self._dataset(code)
        try:
            made = self._save(request, dataset)
        except Refused as refusal:
            return self._show(dataset, refusal)
        return HttpResponseRedirect(f"/sharing/datasets/{made.code}/")

    def _save(self, request: HttpRequest, dataset: Dataset | None) -> Dataset:
        data = request.POST
        about = subjects.subject(dataset.subject if dataset else request.GET.get("subject", ""))
        fields, rows = ",".join(data.getlist("fields")), condition_text(data, about)
        meaning = data.get("meaning", "").strip()
        if not meaning:
            raise Refused("请写明业务口径：收录谁、以什么为准、不含什么", field="meaning")
        if dataset is None:
            return self._draft(request, about.name, fields, rows, meaning)
        if not rows and not data.get("all_rows") and dataset.condition:
            rows = json.dumps(dataset.condition)
        if dataset.state == Dataset.State.DRAFT:
            catalogue.redraft(dataset, actor=self.actor, fields=fields, meaning=meaning, condition=rows)
        else:
            note = data.get("note", "").strip() or "修订"
            catalogue.revise(
                dataset, actor=self.actor, fields=fields, note=note, condition=rows, meaning=meaning
            )
        return dataset

    def _draft(self, request: HttpRequest, subject: str, fields: str, rows: str, meaning: str) -> Dataset:
        data = request.POST
        owner = OrgUnit.objects.filter(pk=data.get("owner") or 0).first()
        if owner is None:
            raise Refused("请选择归口部门", field="owner")
        code = data.get("code", "").strip()
        if not code or Dataset.objects.filter(code=code).exists():
            raise Refused("编码须填写，且不能与已有数据集相同", field="code")
        return catalogue.draft(
            actor=self.actor, code=code, title=data.get("title", "").strip() or code, subject=subject, fields=fields,
            meaning=meaning, owner=owner, condition=rows, refresh=Dataset.Refresh(data.get("refresh") or "live"),
            service=data.get("service", ""), contact=data.get("contact", ""),
        )  # fmt: skip
