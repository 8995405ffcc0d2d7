"""Agreements with other schools: what there is both ways, proposing one, one from both sides."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils import timezone

from yanta.hub import subjects
from yanta.hub.exchange.models import Connection
from yanta.hub.nodes import public as nodes
from yanta.hub.sharing import owners, queries
from yanta.hub.sharing.agreements import landing, talking
from yanta.hub.sharing.models import Agreement, ReadEntry, UsageDay
from yanta.hub.sharing.services import agreements
from yanta.hub.sharing.views.applications import as_number, day_in
from yanta.hub.sharing.views.base import CLAUSES, SharingPage, condition_text, tests
from yanta.kernel.base import Refused
from yanta.kernel.organisation.models import OrgUnit

PAGE = 20
# What each state waits for.
STEPS = (
    ("proposed", "来源部门审批"), ("judged", "提供方签署"), ("offered", "使用方签署"), ("active", "生效"),
)  # fmt: skip


class AgreementsView(SharingPage):
    """Newest first, both ways; a page at a time."""

    template = "sharing/agreements.html"
    permission = "sharing.agreement.view"

    def get(self, request: HttpRequest) -> HttpResponse:
        side = request.GET.get("side", "")
        rows = (
            Agreement.objects.visible_to(self.actor, self.permission).select_related("unit").order_by("-pk")
        )
        counts = {key: rows.filter(side=key).count() for key in Agreement.Side.values}
        if side in Agreement.Side.values:
            rows = rows.filter(side=side)
        before = request.GET.get("before", "")
        found = list((rows.filter(pk__lt=int(before)) if before.isdecimal() else rows)[: PAGE + 1])
        return self.page(
            rows=found[:PAGE], more=found[PAGE - 1].pk if len(found) > PAGE else None, side=side, counts=counts,
            sides=Agreement.Side.choices, may_propose=self.actor.may(agreements.propose.permission), peers=nodes.partners(),
            may_introduce=self.actor.may("nodes.node.introduce"),
        )  # fmt: skip


class ProposeView(SharingPage):
    """Choose a school, then one of its datasets, then what of it and what for."""

    template = "sharing/propose.html"
    permission = agreements.propose.permission

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show()

    def _show(self, refusal: Refused | None = None) -> HttpResponse:
        request = self.request
        data: Any = request.POST if request.method == "POST" else {}
        code = data.get("node") or request.GET.get("node", "")
        partner = next((one for one in nodes.partners() if one.code == code), None)
        offered, trouble = _offered(partner)
        wanted = data.get("dataset") or request.GET.get("dataset", "")
        chosen = next((one for one in offered if one["code"] == wanted), None)
        about = subjects.subject(chosen["subject"]) if chosen else None
        begins, ends = agreements.default_term(chosen["level"] if chosen else 1, today=timezone.localdate())
        return self.page(
            422 if refusal else 200, peers=nodes.partners(), partner=partner, offered=offered,
            trouble=trouble, chosen=chosen, about=about, data=data, refusal=refusal, clauses=CLAUSES, tests=tests(),
            fields=data.getlist("fields") if data else [], begins=begins, ends=ends, units=self._units(),
        )  # fmt: skip

    def _units(self) -> list[OrgUnit]:
        return [one for one in OrgUnit.objects.filter(valid_to=None) if owners.speaks_for(self.actor, one)][
            :50
        ]

    def post(self, request: HttpRequest) -> HttpResponse:
        try:
            made = self._proposed(request)
        except Refused as refusal:
            return self._show(refusal)
        return HttpResponseRedirect(f"/sharing/agreements/{made.pk}/")

    def _proposed(self, request: HttpRequest) -> Agreement:
        data = request.POST
        partner = next((one for one in nodes.partners() if one.code == data.get("node")), None)
        offered, trouble = _offered(partner)
        chosen = next((one for one in offered if one["code"] == data.get("dataset")), None)
        if chosen is None:
            raise Refused(trouble or "请先选对方的数据集", field="dataset")
        unit = OrgUnit.objects.filter(pk=as_number(data.get("unit", "0"))).first()
        valid_from, valid_to = day_in(data.get("valid_from", "")), day_in(data.get("valid_to", ""))
        if unit is None or valid_from is None or valid_to is None:
            raise Refused("请选使用部门并填写期限", field="valid_to")
        return agreements.propose(
            actor=self.actor, node=data["node"], dataset=chosen["code"], title=chosen["title"], subject=chosen["subject"],
            fields=",".join(data.getlist("fields")), purpose=data.get("purpose", ""), unit=unit, valid_from=valid_from,
            valid_to=valid_to, condition=condition_text(data, subjects.subject(chosen["subject"])),
            per_minute=as_number(data.get("per_minute", "60")), rows_per_day=as_number(data.get("rows_per_day", "100000")),
        )  # fmt: skip


def _offered(partner: nodes.PeerNode | None) -> tuple[list[dict[str, Any]], str]:
    """The other school's catalogue as far as this installation knows its subjects, or why there is none."""
    if partner is None:
        return [], ""
    try:
        found = nodes.ask(partner.code, "GET", "/sharing/datasets")["datasets"]
    except (Refused, nodes.Unreachable) as problem:
        return [], str(problem)
    known = {one.name for one in subjects.all_subjects()}
    return [one for one in found if one["subject"] in known], ""


class AgreementView(SharingPage):
    """Where it stands, what was agreed, who signed, what was read; what the reader may do."""

    template = "sharing/agreement.html"
    permission = "sharing.agreement.view"

    def _one(self, pk: int) -> Agreement:
        rows = Agreement.objects.visible_to(self.actor, self.permission)
        return get_object_or_404(rows.select_related("unit", "application", "grant"), pk=pk)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        one = self._one(pk)
        about = subjects.subject(one.subject)
        verbs = (agreements.sign, agreements.decline, agreements.connect, agreements.end)
        usage = queries.usage(UsageDay.objects.filter(grant=one.grant_id or 0), on=timezone.localdate())
        return self.page(
            one=one, about=about, words=agreements.facts_of(one), steps=_steps(one), usage=usage,
            actions=[verb for verb in verbs if verb.offered_to(self.actor, one)],
            log=ReadEntry.objects.filter(grant=one.grant_id or 0).order_by("-pk")[:8],
            link=Connection.objects.filter(kind=landing.KIND, address=one.number).first(), own=nodes.own_name(),
            may_ask=any(partner.code == one.node for partner in nodes.partners()),
            warned=queries.forewarning(one)["notice"] if one.gives else one.notice,
        )  # fmt: skip

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask the other school now."""
        one = self._one(pk)
        if one.side == Agreement.Side.TAKES:
            talking.settle(one.pk)
        return HttpResponseRedirect(request.path)


def _steps(one: Agreement) -> list[dict[str, Any]]:
    """How far it came; what was refused or ended shows its reason instead."""
    order = [key for key, _ in STEPS]
    if one.state not in order:
        return []
    reached = order.index(one.state) + (one.state == Agreement.State.ACTIVE)
    own, theirs = (
        one.own_signer if one.own_signature else "",
        one.partner_signer if one.partner_signature else "",
    )
    who = ["", own if one.gives else theirs, theirs if one.gives else own, ""]
    return [
        {
            "label": label,
            "state": "done" if n < reached else "current" if n == reached else "todo",
            "who": who[n] if n < reached else "",
        }
        for n, (_, label) in enumerate(STEPS)
    ]
