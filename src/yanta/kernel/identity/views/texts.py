"""Signing in, and getting back in, by a code sent to the telephone on record."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from yanta.kernel.audit import record
from yanta.kernel.base import Actor, Refused
from yanta.kernel.identity import activation, devices, factors, lockout, lookup, proofs, signing_in
from yanta.kernel.identity.models import Account
from yanta.kernel.identity.rules import SHORTEST
from yanta.kernel.identity.views.activation import typed_twice
from yanta.kernel.identity.views.doors import DoorPage, let_in, onward_of

KEPT_SECONDS = 600


class TextedPage(DoorPage):
    """Two steps: who one is, then the code. What is answered never tells whether anybody was found."""

    said = ""
    purpose = proofs.Purpose.SIGN_IN

    def remembered(self) -> tuple[bool, Account | None]:
        """Whether the first step was taken of late, and by whose account if anybody's."""
        kept = self.request.session.get(self.said)
        if not kept or timezone.now().timestamp() - kept["at"] > KEPT_SECONDS:
            return False, None
        return True, Account.objects.select_related("person").filter(pk=kept["account"]).first()

    def remember(self, account: Account | None) -> None:
        self.request.session.cycle_key()
        self.request.session[self.said] = {
            "account": account.pk if account else None,
            "at": timezone.now().timestamp(),
        }
        if account is not None and proofs.phone_of(account):
            proofs.send_code(account, self.purpose, at=timezone.now())

    def prove(self, account: Account | None) -> Account:
        """The code was right, or the failure counts, whether or not there is an account."""
        device, at = devices.device_of(self.request), timezone.now()
        name = lockout.name_key(f"text:{device.address}", account.pk if account else None)
        keys = name, lockout.address_key(device.address)
        lockout.check(*keys, at=at)
        try:
            if account is None:
                raise Refused(proofs.WRONG, field="code", rule="identity.text")
            proofs.use_code(account, self.purpose, self.request.POST.get("code", ""), at=at)
        except Refused:
            lockout.count_failure(*keys, at=at)
            raise
        signing_in.check_state(self.request, account, method="text")
        return account


class TextSignInView(TextedPage):
    """Telephone, then code."""

    template = "identity/text_sign_in.html"
    said = "texted"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(onward=onward_of(request), phone="", sent=False)

    def post(self, request: HttpRequest) -> HttpResponse:
        onward, phone = onward_of(request), lookup.cleaned(request.POST.get("phone", ""))
        sent = "code" in request.POST
        try:
            signing_in.limit_rate(devices.address_of(request), at=timezone.now())
            if not sent:
                self.remember(lookup.account_of_phone(phone))
                return self.page(onward=onward, phone=phone, sent=True)
            account = self.prove(self.remembered()[1])
        except Refused as refusal:
            return self.page(refusal, onward=onward, phone=phone, sent=sent)
        return let_in(request, account, method="text", is_enrolled=factors.is_enrolled(account))


class RecoverView(TextedPage):
    """Who forgot the password shows number, name and the end of the identity number, then the code."""

    template = "identity/recover.html"
    said = "recovering"
    purpose = proofs.Purpose.RECOVERY

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(number="", name="")

    def post(self, request: HttpRequest) -> HttpResponse:
        typed = {name: request.POST.get(name, "") for name in ("number", "name")}
        device = devices.device_of(request)
        try:
            signing_in.limit_rate(device.address, at=timezone.now())
            account = activation.owner_by_proof(
                **typed, id_tail=request.POST.get("id_tail", ""), device=device
            )
            self.remember(account)
        except Refused as refusal:
            return self.page(refusal, **typed)
        return HttpResponseRedirect(reverse("recover-password"))


class RecoverPasswordView(RecoverView):
    """The code and the new password."""

    template = "identity/recover_password.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        is_known, _account = self.remembered()
        return self.page(shortest=SHORTEST) if is_known else HttpResponseRedirect(reverse("recover"))

    def post(self, request: HttpRequest) -> HttpResponse:
        is_known, account = self.remembered()
        if not is_known:
            return HttpResponseRedirect(reverse("recover"))
        try:
            password = typed_twice(request)
            activation.check_new(account, password)
            owner = self.prove(account)
            activation.set_first_password(owner, password)
        except Refused as refusal:
            return self.page(refusal, shortest=SHORTEST)
        record(
            "identity.account.recover",
            actor=Actor.system("identity"),
            subject=owner,
            summary="凭短信找回密码",
        )
        request.session.flush()
        return HttpResponseRedirect(reverse("sign-in"))
