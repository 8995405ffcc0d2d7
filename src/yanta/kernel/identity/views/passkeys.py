"""Passkeys over the wire: the page asks for a challenge, the browser's own dialogue answers, a form brings it back."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from yanta.kernel.audit import record
from yanta.kernel.base import Refused
from yanta.kernel.identity import devices, factors, passkeys, signing_in
from yanta.kernel.identity.views.doors import DoorPage, onward_of
from yanta.kernel.identity.views.own import OwnPage, account_of, confirm_password, owes_factor


def _asked(make: Any) -> JsonResponse:
    """The challenge, or why there is none."""
    try:
        return JsonResponse(make())
    except Refused as refusal:
        return JsonResponse({"detail": refusal.message}, status=422)


@require_POST
def enrolment_challenge(request: HttpRequest) -> JsonResponse:
    """An open browser is not enough: the password is asked before a key is made."""
    account = account_of(request)

    def make() -> dict[str, Any]:
        confirm_password(request, account)
        return passkeys.begin_enrolment(request, account)

    return _asked(make)


class EnrolPasskeyView(OwnPage):
    """Name the device, show the password, let the device make its key."""

    template = "identity/enrol_passkey.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._form()

    def _form(self, refusal: Refused | None = None) -> HttpResponse:
        device = devices.described(devices.device_of(self.request).agent)
        return self.shown(refusal, device=device, duty=owes_factor(self.request))

    def post(self, request: HttpRequest) -> HttpResponse:
        account = account_of(request)
        try:
            codes = passkeys.enrol(
                request, account, request.POST.get("answer", ""), name=request.POST.get("name", "")
            )
        except Refused as refusal:
            return self._form(refusal)
        record("identity.account.enrol_passkey", actor=self.actor, subject=account, summary="登记通行密钥")
        request.session["must_enrol"] = False
        if not codes:
            return HttpResponseRedirect(reverse("account"))
        self.template = "identity/enrol_factor.html"
        return self.shown(secret="", drawn="", codes=codes, duty=False)


@require_POST
def remove_passkey(request: HttpRequest, pk: int) -> HttpResponse:
    """The key opens nothing any more; whoever must have a second factor keeps at least one."""
    account = account_of(request)
    confirm_password(request, account)
    if signing_in.is_guarded(account) and factors.count(account) == 1:
        raise Refused("您的角色必须使用二次验证，请先登记另一个")
    passkeys.remove(account, pk)
    record("identity.account.remove_passkey", actor=request.actor, subject=account, summary="移除通行密钥")  # type: ignore[attr-defined]
    return HttpResponseRedirect(reverse("account"))


@require_POST
def sign_in_challenge(request: HttpRequest) -> JsonResponse:
    """For whichever key the device holds for us."""

    def make() -> dict[str, Any]:
        signing_in.limit_rate(devices.address_of(request), at=timezone.now())
        return passkeys.begin_proof(request, None)

    return _asked(make)


@require_POST
def factor_challenge(request: HttpRequest) -> JsonResponse:
    """For one of the keys of the account whose password was just shown."""
    account = signing_in.pending_account(request)
    if account is None:
        return JsonResponse({"detail": "验证已过期，请重新登录"}, status=422)
    return _asked(lambda: passkeys.begin_proof(request, account))


class PasskeySignInView(DoorPage):
    """Without name and password: the key is the possession and, by the device's own lock, the person."""

    template = "identity/sign_in.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponseRedirect(reverse("sign-in"))

    def post(self, request: HttpRequest) -> HttpResponse:
        onward, at = onward_of(request), timezone.now()
        try:
            signing_in.limit_rate(devices.address_of(request), at=at)
            account = passkeys.account_by_proof(request, request.POST.get("answer", ""), account=None, at=at)
            signing_in.check_state(request, account, method="passkey")
        except Refused as refusal:
            return self.page(refusal, onward=onward, login="")
        signing_in.open_session(request, account, method="passkey", is_enrolled=True)
        return HttpResponseRedirect(onward)
