"""Pages for people: a device's code, and the way out."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from ninja.utils import check_csrf
from oauth2_provider.http import OAuth2ResponseRedirect

from yanta.kernel.base import Refused
from yanta.kernel.identity import devices, lockout, signing_in
from yanta.kernel.identity.views.doors import DoorPage
from yanta.sso.applications import public as sso
from yanta.sso.applications.catalogue import SCOPES
from yanta.sso.applications.signing_out import front_pages_of
from yanta.sso.applications.views.doors import page_for_leaving
from yanta.sso.oidc import issuing, keys
from yanta.sso.oidc.models import Client, DeviceGrant
from yanta.sso.oidc.rules import with_state

KEPT = ("client_id", "post_logout_redirect_uri", "state")


class DeviceView(DoorPage):
    """Somebody signed in types the code that a device shows, sees what it is, and says yes or no."""

    template = "oidc/device.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(code=request.GET.get("user_code", "")[:12], waiting=None, done="", asked=[])

    def post(self, request: HttpRequest) -> HttpResponse:
        code = request.POST.get("user_code", "").upper().replace("-", "").strip()[:12]
        try:
            waiting = self._waiting(request, code)
        except Refused as refusal:
            return self.page(refusal, code=code, waiting=None, done="", asked=[])
        answer = request.POST.get("answer", "")
        if answer not in ("yes", "no"):
            asked = [SCOPES[scope] for scope in waiting.scope.split() if scope in SCOPES]
            return self.page(code=code, waiting=waiting, done="", asked=asked)
        return self._answered(request, waiting, yes=answer == "yes")

    def _waiting(self, request: HttpRequest, code: str) -> DeviceGrant:
        """Guessing codes counts like guessing passwords."""
        at, account_id = timezone.now(), int(request.user.pk or 0)
        counted = lockout.name_key("", account_id), lockout.address_key(devices.address_of(request))
        lockout.check(*counted, at=at)
        rows = DeviceGrant.objects.select_related("owner__application__owner", "owner__application__contact")
        found = rows.filter(user_code=code, status=DeviceGrant.AUTHORIZATION_PENDING, expires__gt=at).first()
        if found is None:
            lockout.count_failure(*counted, at=at)
            sso.refused(
                "oidc", "device", request=request, account=request.user, reason="设备码不存在、过期或已用过"
            )
            raise Refused("没有这个设备码，或它已经过期、用过", field="user_code")
        return found

    def _answered(self, request: HttpRequest, waiting: DeviceGrant, *, yes: bool) -> HttpResponse:
        app = waiting.owner.application
        found = sso.decide(app, sso.Holder(request.user, timezone.localdate()))  # type: ignore[arg-type]  # our middleware sets it
        if yes and not found.allowed:
            sso.refused("oidc", "device", request=request, application=app, account=request.user, rule=found.rule, reason=found.reason)  # fmt: skip
            return sso.refusal_page(request, app, found.reason)
        status = DeviceGrant.AUTHORIZED if yes else DeviceGrant.DENIED
        values: dict[str, Any] = {"status": status, "user": request.user}
        if yes:
            values |= {
                "entry": issuing.entry_for(sso.session_of(request), waiting.owner),
                "shown_at": timezone.now(),
            }
        DeviceGrant.objects.filter(pk=waiting.pk, status=DeviceGrant.AUTHORIZATION_PENDING).update(**values)
        outcome = sso.granted if yes else sso.refused
        outcome(
            "oidc", "device", request=request, application=app, account=request.user, service=waiting.client_id,
            reason="" if yes else "本人不同意",
        )  # fmt: skip
        return self.page(code="", waiting=None, done=status, asked=[])


@method_decorator(csrf_exempt, name="dispatch")
class LogoutView(View):
    """RP-initiated logout: at once with a proof of who it is about, else after a question."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._asked(request, request.GET)

    def post(self, request: HttpRequest) -> HttpResponse:
        return self._asked(request, request.POST)

    def _asked(self, request: HttpRequest, given: Any) -> HttpResponse:
        client, is_proved = self._client(request, given)
        onward = self._onward(request, client, given)
        if not request.user.is_authenticated:
            return _led(client, onward) if onward else HttpResponseRedirect(reverse("sign-in"))
        if is_proved or _is_sure(request):
            return self._left(request, client, onward)
        kept = {name: given[name] for name in KEPT if name in given}
        return render(request, "oidc/logout.html", {"given": kept, "client": client})

    def _client(self, request: HttpRequest, given: Any) -> tuple[Client | None, bool]:
        """The client, and whether its hint proves that this session's owner is meant."""
        hint, name = given.get("id_token_hint", ""), given.get("client_id", "")
        claims = keys.claims_of(hint) if hint else None
        if hint and claims is None:
            sso.refused("oidc", "logout", request=request, rule="id_token_hint", reason="id_token_hint 不是本系统签发的", service=name)  # fmt: skip
        wanted = str(claims["aud"]) if claims else name
        if claims and name and name != wanted:
            sso.refused("oidc", "logout", request=request, rule="client_id", reason="client_id 与 id_token_hint 不符", service=name)  # fmt: skip
            return None, False
        client = (
            Client.objects.select_related("application")
            .filter(client_id=wanted[:100].replace("\0", ""))
            .first()
        )
        return client, bool(claims and client and _is_about(request, client, claims))

    def _onward(self, request: HttpRequest, client: Client | None, given: Any) -> str:
        uri = given.get("post_logout_redirect_uri", "")
        if not uri:
            return ""
        if client is None or not client.post_logout_redirect_uri_allowed(uri):
            sso.refused(
                "oidc", "logout", request=request, application=client.application if client else None, service=uri,
                rule="redirect_uri", reason="退出后的地址没有登记，不转去",
            )  # fmt: skip
            return ""
        return with_state(uri, given.get("state", ""))

    def _left(self, request: HttpRequest, client: Client | None, onward: str) -> HttpResponse:
        page, row = page_for_leaving(request, onward), request.session.row  # type: ignore[attr-defined]  # our middleware sets it
        entries = sso.Entry.objects.filter(session__session_id=row.pk, notice=sso.Entry.Notice.OPEN)
        pages = front_pages_of(entries.select_related("application", "session__account"))
        sso.granted("oidc", "logout", request=request, application=client.application if client else None, account=request.user, service=onward)  # fmt: skip
        signing_in.close_session(request)
        return _led(client, onward) if onward and not pages else HttpResponseRedirect(page)


def _is_sure(request: HttpRequest) -> bool:
    """The button of our own page, which another site cannot press."""
    return request.POST.get("sure") == "yes" and check_csrf(request) is None


def _led(client: Client | None, onward: str) -> HttpResponse:
    return OAuth2ResponseRedirect(onward, client.get_allowed_schemes() if client else ["https"])


def _is_about(request: HttpRequest, client: Client, claims: dict[str, Any]) -> bool:
    if not request.user.is_authenticated:
        return False
    return bool(claims.get("sub") == sso.stable_subject_for(client.application, request.user))
