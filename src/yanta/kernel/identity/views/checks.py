"""The receipt of a check of all accounts: the sum, the kinds, and how the last checks went."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone

from yanta.kernel.base.refused import NotAllowed
from yanta.kernel.identity.findings import terms
from yanta.kernel.identity.models import AccountCheck, AccountFinding
from yanta.kernel.portal.pages import PortalPage

VIEW = "identity.accountcheck.view"
LIST = "/identity/accountfinding/"
CHECKS_SHOWN = 30
Kind = AccountFinding.Kind


class CheckView(PortalPage):
    template = "identity/check.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.actor.may(VIEW):
            raise NotAllowed("核查对账单给信息中心和安全管理员看", rule=VIEW)
        receipt = get_object_or_404(AccountCheck, pk=pk)
        parts = [
            ("新发现", receipt.new, "warning", f"{LIST}?state=open"),
            ("再次出现", receipt.reopened, "warning", f"{LIST}?state=open"),
            ("仍待处理", receipt.unchanged, "danger", f"{LIST}?state=open"),
            ("已说明", receipt.explained, "info", f"{LIST}?state=explained"),
        ]
        kinds = [
            (str(kind.label), receipt.by_kind.get(kind, 0), f"{LIST}?kind={kind}", kind in terms.GRAVE)
            for kind in Kind
        ]
        return self.page(receipt=receipt, parts=parts, kinds=kinds, chart=_trend(receipt))


def _trend(receipt: AccountCheck) -> dict[str, Any] | None:
    """Found and settled by the checks up to this one; nothing to draw with a single one."""
    last = list(AccountCheck.objects.filter(pk__lte=receipt.pk).order_by("-pk")[:CHECKS_SHOWN])[::-1]
    if len(last) < 2:
        return None
    return {
        "type": "line",
        "labels": [f"{timezone.localtime(one.started_at):%m-%d %H:%M}" for one in last],
        "series": [
            {"name": "发现", "values": [one.found for one in last]},
            {"name": "消除", "values": [one.settled for one in last]},
        ],
        "unit": "个",
    }
