"""Activating an account, and setting a password by a link."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from yanta.kernel.base import Refused
from yanta.kernel.identity import activation, devices, signing_in
from yanta.kernel.identity.models import Account
from yanta.kernel.identity.rules import SHORTEST
from yanta.kernel.identity.views.doors import DoorPage

PROOF_SECONDS = 900


def typed_twice(request: HttpRequest) -> str:
    """The new password, which was typed the same way both times."""
    password = request.POST.get("password", "")
    if password != request.POST.get("again", ""):
        raise Refused("两次输入的密码不一样", field="again")
    return password


class ActivateView(DoorPage):
    """Who one is, by what only the person and the school know."""

    template = "identity/activate.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        by_code = "code" in request.GET
        return self.page(number=request.GET.get("number", "")[:30], name="", by_code=by_code)

    def post(self, request: HttpRequest) -> HttpResponse:
        typed = {name: request.POST.get(name, "") for name in ("number", "name")}
        by_code = "code" in request.POST
        try:
            signing_in.limit_rate(devices.address_of(request), at=timezone.now())
            account, code = self._shown(request, **typed)
        except Refused as refusal:
            return self.page(refusal, by_code=by_code, **typed)
        request.session.cycle_key()
        kept = {"account": account.pk, "code": code, "at": timezone.now().timestamp()}
        request.session["activating"] = kept
        return HttpResponseRedirect(reverse("first-password"))

    @staticmethod
    def _shown(request: HttpRequest, *, number: str, name: str) -> tuple[Account, int | None]:
        """By a code of the hand-out, else by the end of the identity number."""
        device = devices.device_of(request)
        if "code" in request.POST:
            return activation.account_by_code(number=number, code=request.POST["code"][:40], device=device)
        tail = request.POST.get("id_tail", "")
        return activation.account_by_proof(number=number, name=name, id_tail=tail, device=device), None


class FirstPasswordView(DoorPage):
    """The password of an account whose owner has just shown who they are."""

    template = "identity/set_password.html"

    def _account(self, request: HttpRequest) -> Account | None:
        shown = request.session.get("activating")
        if not shown or timezone.now().timestamp() - shown["at"] > PROOF_SECONDS:
            return None
        return Account.objects.filter(pk=shown["account"], state=Account.State.PENDING).first()

    def get(self, request: HttpRequest) -> HttpResponse:
        account = self._account(request)
        return (
            self.page(account=account, shortest=SHORTEST)
            if account
            else HttpResponseRedirect(reverse("activate"))
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        account = self._account(request)
        if account is None:
            return HttpResponseRedirect(reverse("activate"))
        try:
            code = request.session["activating"].get("code")
            activation.set_first_password(account, typed_twice(request), code=code)
        except Refused as refusal:
            return self.page(refusal, account=account, shortest=SHORTEST)
        signing_in.open_session(request, account, method="activation")
        return HttpResponseRedirect("/")


class ResetPasswordView(DoorPage):
    """A new password by a link that works once; one signs in with it afterwards, second factor and all."""

    template = "identity/set_password.html"

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        try:
            account = activation.account_of_code(code, at=timezone.now())
        except Refused as refusal:
            return self.page(refusal, account=None, shortest=SHORTEST)
        return self.page(account=account, shortest=SHORTEST)

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        account = None
        try:
            account = activation.account_of_code(code, at=timezone.now())
            activation.use_code(code, typed_twice(request), at=timezone.now())
        except Refused as refusal:
            return self.page(refusal, account=account, shortest=SHORTEST)
        return HttpResponseRedirect(reverse("sign-in"))
