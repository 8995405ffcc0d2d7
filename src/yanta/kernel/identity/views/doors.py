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
from yanta.kernel.identity import factors, proofs, signing_in, trusted, visiting
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
        visited = visiting.visited_by(context.get("onward", ""))
        answer = render(self.request, self.template, {"visited": visited, **shown, **context}, status=status)
        visiting.let_form_lead_to(answer, visited)
        if isinstance(refusal, Busy):
            answer.status_code = 503
            answer["Retry-After"] = RETRY_SECONDS
        answer["Cache-Control"] = "no-store"
        return answer


def let_in(request: HttpRequest, account: Account, *, method: str, is_enrolled: bool) -> HttpResponse:
    """After the first proof: the session, or the second proof that is still owed."""
    remembered, onward = "remember" in request.POST, onward_of(request)
    demand = signing_in.demand_of(request, account, is_enrolled=is_enrolled)
    if demand.factor or demand.text:
        signing_in.ask_factor(request, account, remembered=remembered, onward=onward, by_text=demand.text)
        return HttpResponseRedirect(reverse("second-factor"))
    signing_in.open_session(request, account, method=method, remembered=remembered, is_enrolled=is_enrolled)
    return HttpResponseRedirect(onward)


class SignInView(DoorPage):
    """Name and password."""

    template = "identity/sign_in.html"

    def page(self, refusal: Refused | None = None, **context: Any) -> HttpResponse:
        return super().page(refusal, ways=visiting.ways_to(context["onward"]), **context)

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
        account = cast(Account, found.account)
        return let_in(request, account, method="password", is_enrolled=found.is_enrolled)


class SecondFactorView(DoorPage):
    """A passkey, a code of the authenticator app, or a recovery code."""

    template = "identity/second_factor.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        account = signing_in.pending_account(request)
        if account is None:
            return HttpResponseRedirect(reverse("sign-in"))
        return self._asked(account)

    def _asked(self, account: Account, refusal: Refused | None = None) -> HttpResponse:
        pending = self.request.session["pending"]
        texted = proofs.shown(proofs.phone_of(account)) if pending.get("by_text") else ""
        return self.page(refusal, onward=pending["onward"], texted=texted, **factors.kinds_of(account))

    def post(self, request: HttpRequest) -> HttpResponse:
        account = signing_in.pending_account(request)
        if account is None:
            return HttpResponseRedirect(reverse("sign-in"))
        try:
            code, shown = request.POST.get("code", ""), request.POST.get("answer", "")
            method = signing_in.prove_factor(request, account, code=code, answer=shown)
        except Refused as refusal:
            return self._asked(account, refusal)
        pending = request.session["pending"]
        signing_in.open_session(request, account, method=method, remembered=pending["remembered"])
        answer = HttpResponseRedirect(pending["onward"])
        if pending["remembered"]:
            trusted.trust(answer, account)
        return answer


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    page = visiting.page_after_sign_out(request)
    signing_in.close_session(request)
    return HttpResponseRedirect(page)
