"""Applying, and each department deciding its part."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils import timezone

from yanta.hub.sharing import owners, queries, rules
from yanta.hub.sharing.contents import reach_in_words
from yanta.hub.sharing.models import Application, Consumer, Dataset, Decision, Way
from yanta.hub.sharing.services import applications
from yanta.hub.sharing.views.base import CLAUSES, SharingPage, condition_text, tests
from yanta.hub.subjects import conditions
from yanta.kernel.base import Refused

LOOKERS = ("engineer", "auditor", "leader", "security")


def day_in(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Refused("日期读不懂") from error


class ApplyView(SharingPage):
    """What for, which fields, which rows, until when, how."""

    template = "sharing/apply.html"
    permission = applications.apply.permission

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        return self._show(get_object_or_404(Dataset, code=code))

    def _show(self, dataset: Dataset, refusal: Refused | None = None) -> HttpResponse:
        data: Any = self.request.POST if self.request.method == "POST" else {}
        today = timezone.localdate()
        return self.page(
            422 if refusal else 200, dataset=dataset, fields=queries.contract(dataset, dataset.names), refusal=refusal,
            consumers=queries.own_consumers(self.actor), ways=Way.choices, data=data, clauses=CLAUSES, tests=tests(),
            about=dataset.about, chosen=data.getlist("fields") if data else [], chosen_ways=data.getlist("ways") if data else ["rest"],
            today=today, until=today + timedelta(days=min(rules.LONGEST[dataset.level], 365) - 1), longest=rules.LONGEST,
            rows_said=conditions.words(dataset.about, dataset.condition) or "全部",
        )  # fmt: skip

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        dataset = get_object_or_404(Dataset, code=code)
        try:
            made = self._apply(request, dataset)
        except Refused as refusal:
            return self._show(dataset, refusal)
        return HttpResponseRedirect(f"/sharing/applications/{made.pk}/")

    def _apply(self, request: HttpRequest, dataset: Dataset) -> Application:
        data = request.POST
        consumer = Consumer.objects.filter(pk=data.get("consumer") or 0).first()
        if consumer is None:
            raise Refused("请选择使用方", field="consumer")
        valid_from, valid_to = day_in(data.get("valid_from", "")), day_in(data.get("valid_to", ""))
        if valid_from is None or valid_to is None:
            raise Refused("请填写期限", field="valid_to")
        if not data.get("purpose", "").strip():
            raise Refused("请写明用途：哪项业务、谁来看、保存多久", field="purpose")
        return applications.apply(
            actor=self.actor, dataset=dataset, consumer=consumer, purpose=data["purpose"].strip(),
            fields=",".join(data.getlist("fields")), valid_from=valid_from, valid_to=valid_to,
            ways=",".join(data.getlist("ways")), condition=condition_text(data, dataset.about),
            per_minute=as_number(data.get("per_minute", "60")), rows_per_day=as_number(data.get("rows_per_day", "100000")),
        )  # fmt: skip


def as_number(text: str) -> int:
    plain = text.replace(",", "").strip()
    if not plain.isdecimal():
        raise Refused("次数和行数应为整数")
    return int(plain)


class ApplicationView(SharingPage):
    """Where it stands, what each department said, and the form for whose turn it is."""

    template = "sharing/application.html"
    permission = "sharing.application.view"

    def _application(self, pk: int) -> Application:
        rows = Application.objects.select_related(
            "dataset__owner", "consumer__unit", "consumer__responsible", "applicant"
        )
        application = get_object_or_404(rows, pk=pk)
        if not self._may_look(application):
            raise Http404
        return application

    def _may_look(self, application: Application) -> bool:
        if self.actor.has_role(*LOOKERS) or applications.speaks_for_consumer(
            self.actor, application.consumer
        ):
            return True
        units = [
            application.dataset.owner,
            *(one.unit for one in application.decisions.select_related("unit")),
        ]
        return any(owners.speaks_for(self.actor, unit) for unit in units)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._show(self._application(pk))

    def _show(self, application: Application, refusal: Refused | None = None) -> HttpResponse:
        about = application.dataset.about
        decisions = list(application.decisions.select_related("unit").order_by("round", "pk"))
        mine = [one for one in decisions if one.state == Decision.State.WAITING and self._may_decide(one)]
        return self.page(
            422 if refusal else 200, one=application, about=about, decisions=decisions, mine=mine, refusal=refusal,
            rows_said=conditions.words(about, rules.all_of(application.dataset.condition, application.condition)) or "全部",
            reach=reach_in_words(application.consumer, about), clauses=CLAUSES, tests=tests(), title_of=queries.titles,
            narrowed={one.pk: conditions.words(about, one.condition) for one in decisions},
            grant=application.grants.first() or application.renews, ways={way.value: way.label for way in Way},
            may_withdraw=application.state in Application.OPEN and applications.speaks_for_consumer(self.actor, application.consumer),
        )  # fmt: skip

    def _may_decide(self, decision: Decision) -> bool:
        if decision.round == Decision.Round.SECOND:
            head = owners.speaks_for(self.actor, decision.unit, roles=applications.SECOND_ROLES)
            return head or self.actor.has_role("leader")
        return owners.speaks_for(self.actor, decision.unit)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        application = self._application(pk)
        decision = get_object_or_404(application.decisions, pk=request.POST.get("decision") or 0)
        try:
            self._decide(request, decision)
        except Refused as refusal:
            return self._show(application, refusal)
        messages.success(request, "已记录你部门的意见")
        return HttpResponseRedirect(request.path)

    def _decide(self, request: HttpRequest, decision: Decision) -> None:
        data = request.POST
        opinion = data.get("opinion", "").strip()
        if data.get("do") == "refuse":
            if not opinion:
                raise Refused("不同意须写明理由，申请人会看到")
            applications.refuse(decision, actor=self.actor, reason=opinion)
            return
        fields = data.getlist("fields")
        if not fields:
            raise Refused("一个字段都不给，请选“不同意”并写明理由")
        applications.approve(
            decision, actor=self.actor, fields=",".join(fields), opinion=opinion or "同意",
            condition=condition_text(data, decision.application.dataset.about), valid_to=day_in(data.get("valid_to", "")),
        )  # fmt: skip
