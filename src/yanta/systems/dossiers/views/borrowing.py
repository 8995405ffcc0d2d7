"""Applying for another's file; what belongs into files."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone

from yanta.kernel.base import Refused
from yanta.kernel.base.archives import PERIODS, ranges
from yanta.kernel.portal.pages import PortalPage
from yanta.systems.dossiers import services
from yanta.systems.dossiers.models import Loan
from yanta.systems.dossiers.queries import reading


class BorrowView(PortalPage):
    """My applications, and a new one."""

    template = "dossiers/borrow.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._shown()

    def post(self, request: HttpRequest) -> HttpResponse:
        given = request.POST
        days = given.get("days", "")
        try:
            services.borrow(
                actor=self.actor, number=given.get("number", ""), purpose=given.get("purpose", ""),
                days=int(days) if days.isascii() and days.isdecimal() and len(days) < 4 else 0, periods=",".join(given.getlist("periods")),
            )  # fmt: skip
        except Refused as refusal:
            return self._shown(422, refusal.message, given)
        return HttpResponseRedirect(request.path)

    def _shown(self, status: int = 200, refusal: str = "", given: Any = None) -> HttpResponse:
        if not self.actor.may(services.borrow.permission):
            raise Http404
        today = timezone.localdate()
        loans = Loan.objects.filter(borrower_id=self.actor.person_id or 0).select_related("dossier__person")[
            :50
        ]
        chosen = set(given.getlist("periods")) if given else set()
        return self.page(
            status,
            loans=[(one, one.is_open(on=today)) for one in loans],
            periods=PERIODS,
            refusal=refusal,
            given=given or {},
            chosen=chosen,
        )


class RangesView(PortalPage):
    """归档范围: every kind of record, by period, with owner and time."""

    template = "dossiers/ranges.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        found = ranges().values()
        groups = [
            (audience, title, [one for one in found if one.audience == audience and one.period == period])
            for audience, periods in PERIODS.items()
            for period, title in periods.items()
        ]
        return self.page(groups=groups, secrecy=reading.SECRECY)
