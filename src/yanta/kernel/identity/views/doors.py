"""Signing in and out."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views import View
from django.views.decorators.http import require_POST

from yanta.kernel.base import Refused
from yanta.kernel.identity import factors, hashing, proofs, signing_in, trusted, visiting, waiting
from yanta.kernel.identity.hashing import Busy
from yanta.kernel.identity.models import Account
from yanta.kernel.identity.watching import History


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
            answer["Retry-After"] = str(refusal.seconds)
        answer["Cache-Control"] = "no-store"
        return answer


def let_in(
    request: HttpRequest,
    account: Account,
    *,
    method: str,
    is_enrolled: bool,
    onward: str = "",
    remembered: bool | None = None,
    history: History | None = None,
) -> HttpResponse:
    """After the first proof: the session, or the second proof that is still owed."""
    remembered = "remember" in request.POST if remembered is None else remembered
    onward = onward or onward_of(request)
    demand = signing_in.demand_of(request, account, is_enrolled=is_enrolled, history=history)
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
        waited = waiting.read(request) if "waiting" in request.GET else None
        if waited is not None:
            return self._enter(request, waited)
        answer = self.page(onward=onward_of(request), login="")
        if waiting.COOKIE in request.COOKIES:
            waiting.forget(answer)
        return answer

    def post(self, request: HttpRequest) -> HttpResponse:
        login, password = request.POST.get("login", ""), request.POST.get("password", "")
        remembered, onward = "remember" in request.POST, onward_of(request)
        return self._enter(request, waiting.Waited(login, password, remembered, onward))

    def _enter(self, request: HttpRequest, brought: waiting.Waited) -> HttpResponse:
        """In, refused, or told when one's turn comes; what was brought is then kept by the browser, sealed."""
        attempt = signing_in.attempt_of(request, login=brought.login, password=brought.password)
        try:
            signing_in.limit_rate(attempt.device.address, at=attempt.at)
            hashing.pool.check_turn(turn=brought.turn, now=attempt.at.timestamp())
            found = signing_in.account_by_password(attempt)
        except hashing.Busy as busy:
            return self._wait(brought, busy, at=attempt.at)
        except Refused as refusal:
            answer = self.page(refusal, onward=brought.onward, login=brought.login)
        else:
            signing_in.give_back(attempt.device.address, at=attempt.at)
            account = cast(Account, found.account)
            answer = let_in(
                request, account, method="password", is_enrolled=found.is_enrolled, onward=brought.onward,
                remembered=brought.remembered, history=found.history,
            )  # fmt: skip
        if waiting.COOKIE in request.COOKIES:
            waiting.forget(answer)
        return answer

    def _wait(self, brought: waiting.Waited, busy: hashing.Busy, *, at: datetime) -> HttpResponse:
        answer = DoorPage.page(self, None, onward=brought.onward, busy=busy, login=brought.login)
        answer.status_code = 503
        answer["Retry-After"] = str(busy.seconds)
        # The browser itself asks again, without any script, when the turn has come.
        answer["Refresh"] = f"{busy.seconds}; url={reverse('sign-in')}?waiting"
        waiting.keep(
            answer, replace(brought, turn=brought.turn or at.timestamp() + busy.seconds), busy.seconds
        )
        return answer


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
        origin = request.session.get("origin", "")
        signing_in.open_session(
            request, account, method=method, remembered=pending["remembered"], origin=origin
        )
        answer = HttpResponseRedirect(pending["onward"])
        if pending["remembered"]:
            trusted.trust(answer, account)
        return answer


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    page = visiting.page_after_sign_out(request)
    signing_in.close_session(request)
    return HttpResponseRedirect(page)
