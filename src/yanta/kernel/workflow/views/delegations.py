"""To whom my to-dos go while I am away."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone

from yanta.kernel.base import Refused
from yanta.kernel.portal.pages import PortalPage
from yanta.kernel.workflow import delegating
from yanta.kernel.workflow.models import Delegation
from yanta.kernel.workflow.views import listing
from yanta.kernel.workflow.views.inbox import tabs_of

HERE = "/workflow/delegations/"


class DelegationsView(PortalPage):
    template = "workflow/delegations.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._shown()

    def _shown(self, refusal: str = "") -> HttpResponse:
        titles = dict(listing.processes())
        today = timezone.localdate()
        rows = [
            (one, "、".join(titles.get(key, key) for key in one.processes), state_of(one, today))
            for one in delegating.of(self.actor)
        ]
        return self.page(
            422 if refusal else 200, rows=rows, titles=titles, refusal=refusal, today=today,
            said=self.request.POST, tabs=tabs_of("delegations", self.request),
        )  # fmt: skip

    def post(self, request: HttpRequest) -> HttpResponse:
        asked = request.POST
        try:
            self._delegate(asked)
        except (Refused, ValueError) as refusal:
            text = str(refusal) if isinstance(refusal, Refused) else "请选人并填写起止日期"
            return self._shown(text)
        return HttpResponseRedirect(HERE)

    def _delegate(self, asked: Any) -> None:
        delegating.delegate(
            actor=self.actor, deputy=int(asked.get("deputy", "")), first=date.fromisoformat(asked.get("valid_from", "")),
            last=date.fromisoformat(asked.get("valid_to", "")), processes=asked.getlist("processes"),
            reason=asked.get("reason", ""), on=timezone.localdate(),
        )  # fmt: skip


def state_of(one: Delegation, today: date) -> tuple[str, str]:
    """The word and its tone."""
    if one.ended_at is not None or one.valid_to < today:
        return "已结束", ""
    return ("未开始", "info") if one.valid_from > today else ("生效中", "success")


class EndView(PortalPage):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        found = Delegation.objects.filter(pk=pk, principal_id=self.actor.person_id).first()
        if found is None:
            raise Http404
        delegating.end(found, actor=self.actor)
        return HttpResponseRedirect(HERE)
