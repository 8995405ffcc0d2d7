"""Pages on the way into an application: show credentials again, agree to what is told, the way out."""

from __future__ import annotations

from typing import Any

from django.core import signing
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
)
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from yanta.kernel.base import Refused
from yanta.kernel.files import storing
from yanta.kernel.identity import devices, factors, lockout, signing_in, visiting
from yanta.kernel.identity.models import Account
from yanta.kernel.identity.views.doors import DoorPage, onward_of
from yanta.sso.applications import decisions, sessions
from yanta.sso.applications.catalogue import ATTRIBUTES
from yanta.sso.applications.models import Application, Consent, Entry
from yanta.sso.applications.people import Holder, releases_of
from yanta.sso.applications.rules import place_of
from yanta.sso.applications.signing_out import front_pages_of

LEFT_VALID_SECONDS = 300
LEFT_SALT = "sso.left"


class ConfirmView(DoorPage):
    """An application wants to be sure: password again, and the second factor where there is one."""

    template = "applications/confirm.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._asked()

    def post(self, request: HttpRequest) -> HttpResponse:
        account: Account = request.user  # type: ignore[assignment]  # our middleware sets it
        attempt = signing_in.attempt_of(
            request, login=account.username, password=request.POST.get("password", "")
        )
        try:
            signing_in.limit_rate(attempt.device.address, at=attempt.at)
            signing_in.account_by_password(attempt)
            if factors.is_enrolled(account):
                _check_factor(request, account, request.POST.get("code", ""))
        except Refused as refusal:
            return self._asked(refusal)
        request.session["confirmed_at"] = timezone.now().isoformat()
        return HttpResponseRedirect(onward_of(request))

    def _asked(self, refusal: Refused | None = None) -> HttpResponse:
        account: Account = self.request.user  # type: ignore[assignment]  # our middleware sets it
        enrolled = factors.is_enrolled(account)
        return self.page(refusal, onward=onward_of(self.request), account=account, enrolled=enrolled)


def _check_factor(request: HttpRequest, account: Account, code: str) -> None:
    """A code of the app or a recovery code; guessing counts like at the door."""
    at = timezone.now()
    counted = lockout.name_key("", account.pk), lockout.address_key(devices.address_of(request))
    lockout.check(*counted, at=at)
    if not factors.accepts(account, code):
        lockout.count_failure(*counted, at=at)
        raise Refused("验证码不正确，或已经用过", field="code", rule="identity.factor")


class ConsentView(DoorPage):
    """What an application will be told, with the values; the person says yes or no."""

    template = "applications/consent.html"

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        app = get_object_or_404(Application, code=code)
        wanted = _wanted(app, request.GET.get("want", ""))
        holder = Holder(request.user, timezone.localdate())  # type: ignore[arg-type]  # our middleware sets it
        shown = [(ATTRIBUTES[one.attribute], holder.words(one.attribute), one.purpose) for one in wanted]
        return self.page(onward=onward_of(request), app=app, shown=shown, want=request.GET.get("want", ""))

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        app = get_object_or_404(Application, code=code)
        if request.POST.get("answer") != "yes":
            decisions.refused("sso", "consent", request=request, application=app, account=request.user, reason="本人不同意提供信息")  # fmt: skip
            return render(request, "applications/refused.html", {"application": app, "reason": "您没有同意提供信息，所以没有进入", "status": 200})  # fmt: skip
        names = [one.attribute for one in _wanted(app, request.POST.get("want", ""))]
        Consent.objects.update_or_create(
            application=app, account=request.user, defaults={"attributes": names, "given_at": timezone.now()}
        )
        request.session["agreed"] = {**request.session.get("agreed", {}), app.code: names}
        told = f"同意提供：{'、'.join(names) or '账号标识'}"
        decisions.granted(
            "sso", "consent", request=request, application=app, account=request.user, reason=told
        )
        return HttpResponseRedirect(onward_of(request))


def _wanted(app: Application, want: str) -> list[Any]:
    """Nothing beyond what policy releases, whatever the address asks for."""
    asked = set(want.split(","))
    return [one for one in releases_of(app) if one.attribute in asked]


@require_GET
def left(request: HttpRequest) -> HttpResponse:
    """Signed out: the applications that do it in the browser are opened in frames, the others are told by us."""
    try:
        kept = signing.loads(request.GET.get("k", ""), salt=LEFT_SALT, max_age=LEFT_VALID_SECONDS)
    except signing.BadSignature:
        return HttpResponseRedirect(reverse("sign-in"))
    answer = render(request, "applications/left.html", kept)
    origins = sorted({place.origin for place in map(place_of, kept["frames"]) if place})
    if origins:
        answer._csp_update = {"frame-src": origins}  # type: ignore[attr-defined]  # read by django-csp
    answer["Cache-Control"] = "no-store"
    return answer


def page_for_leaving(request: HttpRequest, onward: str = "") -> str:
    """The address of the page above for the session that is about to be closed; `onward` is where it leads in the end."""
    row = getattr(request.session, "row", None)
    entries = Entry.objects.filter(session__ended_at=None, notice=Entry.Notice.OPEN).select_related(
        "application"
    )
    found = list(entries.filter(session__session_id=row.pk)) if row else []
    there = visiting.still_in(request)
    kept = {
        "names": sorted({entry.application.name for entry in found}),
        "frames": [page for _, page in front_pages_of(found)], "onward": onward,
        "there": {"title": there.title, "url": there.url} if there else None,
    }  # fmt: skip
    return f"{reverse('sso-left')}?k={signing.dumps(kept, salt=LEFT_SALT)}"


@visiting.leaving
def _page_when_in_applications(request: HttpRequest) -> str | None:
    """The portal's own sign-out says which applications one leaves with it, and where one stays signed in."""
    if not request.user.is_authenticated:
        return None
    row = request.session.row  # type: ignore[attr-defined]  # our middleware sets it
    entered = sessions.open_entries(request.user.pk).filter(session__session_id=row.pk)
    return page_for_leaving(request) if row.origin or entered.exists() else None


@require_GET
def logo(request: HttpRequest, code: str) -> HttpResponseBase:
    """Public, since it stands on the sign-in page."""
    app = Application.objects.select_related("logo").filter(code=code).exclude(logo=None).first()
    if app is None or app.logo is None:
        raise Http404
    answer = FileResponse(storing.open_file(app.logo), content_type=app.logo.content_type)
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "public, max-age=3600"
    return answer


def visited(app: Application, url: str) -> visiting.Visited:
    """The application as the sign-in page shows it; the form may lead to where the browser is sent."""
    place = place_of(url)
    origin = place.origin if place else f"{url.partition(':')[0]}:"
    address = reverse("sso-logo", args=[app.code]) if app.logo_id else ""
    return visiting.Visited(app.name, app.summary, address, origin)
