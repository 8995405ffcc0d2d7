"""Signing in and out."""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views import View
from django.views.decorators.http import require_POST

from yanta.kernel.base import Refused
from yanta.kernel.identity import signing_in, trusted
from yanta.kernel.identity.hashing import Busy
from yanta.kernel.identity.models import Account

RETRY_SECONDS = "5"


def onward_of(request: HttpRequest) -> str:
    """Where to go after signing in: a place of ours, else home."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if ours else settings.LOGIN_REDIRECT_URL


class DoorPage(View):
    """A page for whoever is not signed in yet; a refusal is shown in place."""

    template = ""

    def page(self, refusal: Refused | None = None, **context: Any) -> HttpResponse:
        status = 200 if refusal is None else 422
        shown = {"refusal": refusal.message if refusal else "", "field": refusal.field if refusal else None}
        answer = render(self.request, self.template, {**shown, **context}, status=status)
        if isinstance(refusal, Busy):
            answer.status_code = 503
            answer["Retry-After"] = RETRY_SECONDS
        answer["Cache-Control"] = "no-store"
        return answer


class SignInView(DoorPage):
    """Name and password."""

    template = "identity/sign_in.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            return HttpResponseRedirect(onward_of(request))
        return self.page(onward=onward_of(request), login="")

    def post(self, request: HttpRequest) -> HttpResponse:
        login, password = request.POST.get("login", ""), request.POST.get("password", "")
        attempt = signing_in.attempt_of(request, login=login, password=password)
        try:
            signing_in.limit_rate(attempt.device.address, at=attempt.at)
            found = signing_in.account_by_password(attempt)
        except Refused as refusal:
            return self.page(refusal, onward=onward_of(request), login=login)
        return self._let_in(request, cast(Account, found.account), is_enrolled=found.is_enrolled)

    def _let_in(self, request: HttpRequest, account: Account, *, is_enrolled: bool) -> HttpResponse:
        remembered, onward = "remember" in request.POST, onward_of(request)
        if is_enrolled and not trusted.is_trusted(request, account):
            signing_in.ask_factor(request, account, remembered=remembered, onward=onward)
            return HttpResponseRedirect(reverse("second-factor"))
        signing_in.open_session(
            request, account, method="password", remembered=remembered, is_enrolled=is_enrolled
        )
        return HttpResponseRedirect(onward)


class SecondFactorView(DoorPage):
    """A code of the authenticator app, or a recovery code."""

    template = "identity/second_factor.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        if signing_in.pending_account(request) is None:
            return HttpResponseRedirect(reverse("sign-in"))
        return self.page()

    def post(self, request: HttpRequest) -> HttpResponse:
        account = signing_in.pending_account(request)
        if account is None:
            return HttpResponseRedirect(reverse("sign-in"))
        try:
            signing_in.account_by_factor(request, account, request.POST.get("code", ""))
        except Refused as refusal:
            return self.page(refusal)
        pending = request.session["pending"]
        signing_in.open_session(request, account, method="factor", remembered=pending["remembered"])
        answer = HttpResponseRedirect(pending["onward"])
        if pending["remembered"]:
            trusted.trust(answer, account)
        return answer


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    signing_in.close_session(request)
    return HttpResponseRedirect(reverse("sign-in"))
