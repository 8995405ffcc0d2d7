"""Campus code: the desktop's page that waits, and the phone's page that decides."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_GET

from yanta.kernel.base import Refused
from yanta.kernel.identity import devices, factors, risk, signing_in
from yanta.kernel.identity.scanning import campus
from yanta.kernel.identity.scanning.models import CampusCode
from yanta.kernel.identity.scanning.views.pictures import picture
from yanta.kernel.identity.views.doors import DoorPage, let_in, onward_of
from yanta.kernel.identity.views.own import OwnPage, account_of

State = CampusCode.State


class CampusCodeView(DoorPage):
    """Shows a code; a POST enters once the phone has confirmed, with and without JavaScript."""

    template = "scanning/campus_code.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        onward = onward_of(request)
        if request.user.is_authenticated:
            return HttpResponseRedirect(onward)
        try:
            signing_in.limit_rate(devices.address_of(request), at=timezone.now())
            code, shown = campus.ask(request, onward=onward, at=timezone.now())
        except Refused as refusal:
            return self.page(refusal, onward=onward, code=None)
        address = f"{settings.SITE_ADDRESS}{reverse('scanned', args=[shown])}"
        seconds = int(campus.VALID_FOR.total_seconds())
        return self.page(onward=onward, code=code, picture=picture(address), address=address, seconds=seconds)

    def post(self, request: HttpRequest) -> HttpResponse:
        try:
            account, onward = campus.enter(request, at=timezone.now())
            signing_in.check_state(request, account, method=campus.METHOD)
        except Refused as refusal:
            return self.page(refusal, onward=onward_of(request), code=None)
        enrolled = factors.is_enrolled(account)
        answer = let_in(request, account, method=campus.METHOD, is_enrolled=enrolled, onward=onward)
        if request.headers.get("HX-Request"):
            return HttpResponse(status=200, headers={"HX-Redirect": answer["Location"]})
        return answer


@require_GET
def campus_state(request: HttpRequest) -> HttpResponse:
    """What became of this browser's code; unchanged costs a 204 and no body."""
    code, now = campus.of_browser(request), timezone.now()
    state = "over" if code is None or code.expires_at <= now else code.state
    if state == request.GET.get("seen"):
        answer = HttpResponse(status=204)
    else:
        answer = render(
            request, "scanning/campus_state.html", {"state": state, "onward": code.onward if code else "/"}
        )
    patch_cache_control(answer, no_store=True)
    return answer


class ScannedView(OwnPage):
    """Who asks, from where, with which device; let in or not."""

    template = "scanning/scanned.html"

    def get(self, request: HttpRequest, shown: str) -> HttpResponse:
        try:
            code = campus.scanned(shown, account_of(request), at=timezone.now())
        except Refused as refusal:
            return self.shown(refusal, code=None, done="")
        return self.shown(code=code, done="", **self._seen(code))

    def post(self, request: HttpRequest, shown: str) -> HttpResponse:
        may = request.POST.get("may") == "yes"
        try:
            code = campus.decide(shown, account_of(request), may=may, actor=self.actor, at=timezone.now())
        except Refused as refusal:
            return self.shown(refusal, code=None, done="")
        return self.shown(code=None, done=code.state)

    def _seen(self, code: CampusCode) -> dict[str, Any]:
        here = devices.address_of(self.request)
        return {
            "device": devices.described(code.agent),
            "place": campus.place_of(code.address),
            "is_near": bool(here) and risk.neighbourhood(here) == risk.neighbourhood(code.address),
            "own": account_of(self.request),
        }
