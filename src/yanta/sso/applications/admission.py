"""From a browser at one of our doors to somebody who may enter: signed in, allowed, agreed, and asked again if wanted."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import get_random_string

from yanta.kernel.identity.models import Account
from yanta.sso.applications import access, decisions, sessions
from yanta.sso.applications.models import Application, Consent, SsoSession
from yanta.sso.applications.people import Holder, releases_of
from yanta.sso.applications.rules import missing

ASKED = "asked"
ASKED_VALID = timedelta(minutes=15)
_SALT = "sso.asked"


@dataclass(frozen=True, slots=True)
class Wish:
    """Who wants somebody, and how: `passive` without any page, `fresh` with credentials shown just now."""

    application: Application
    protocol: str
    service: str
    attributes: frozenset[str] = frozenset()
    passive: bool = False
    fresh: bool = False
    longest: timedelta | None = None
    must_agree: bool = False


@dataclass(frozen=True, slots=True)
class Admitted:
    """Somebody who may enter now; `shown_at` is when credentials were last shown."""

    account: Account
    holder: Holder
    session: SsoSession
    shown_at: datetime
    is_fresh: bool


@dataclass(frozen=True, slots=True)
class Declined:
    """Nobody enters yet: `code` in the protocols' common words, `answer` the page that leads on."""

    code: str
    answer: HttpResponse
    reason: str = field(default="")


def admit(request: HttpRequest, wish: Wish) -> Admitted | Declined:
    """One step after the other; a page in between brings the browser back to the same address."""
    if not request.user.is_authenticated:
        return Declined("login_required", _to_sign_in(request))
    duty = _duty_of(request)
    if duty:
        return Declined("interaction_required", HttpResponseRedirect(reverse(duty)))
    asked = _asked_of(request)
    shown_at = shown_at_of(request)
    is_fresh = asked is not None and shown_at >= asked["at"]
    too_old = wish.longest is not None and timezone.now() - shown_at > wish.longest
    if (wish.fresh or too_old) and not is_fresh:
        return Declined("login_required", _to_page(request, "sso-confirm"))
    return _entered(request, wish, shown_at, asked if is_fresh else None)


def _entered(
    request: HttpRequest, wish: Wish, shown_at: datetime, asked: dict[str, Any] | None
) -> Admitted | Declined:
    account: Account = request.session.account  # type: ignore[attr-defined]  # our middleware sets it
    holder = Holder(account, timezone.localdate())
    verdict = access.decide(wish.application, holder)
    if not verdict.allowed:
        decisions.refused(
            wish.protocol, "enter", request=request, application=wish.application, account=account,
            rule=verdict.rule, reason=verdict.reason, service=wish.service,
        )  # fmt: skip
        return Declined(
            "access_denied", refusal_page(request, wish.application, verdict.reason), verdict.reason
        )
    has_agreed = _has_just_agreed(request, wish)
    if unagreed(wish, account) and not has_agreed:
        page = _to_page(request, "sso-consent", wish.application.code, want=",".join(sorted(wish.attributes)))
        return Declined("consent_required", page)
    if asked is not None:
        request.session["asked_used"] = [*request.session.get("asked_used", []), asked["nonce"]][-10:]
    return Admitted(account, holder, sessions.session_of(request), shown_at, asked is not None)


def _duty_of(request: HttpRequest) -> str:
    """Our doors are public pages, so what the middleware demands first elsewhere is demanded here."""
    if request.user.must_change_password:  # type: ignore[union-attr]  # our middleware sets it
        return "change-password"
    asked = request.user.must_enrol_factor  # type: ignore[union-attr]  # likewise
    return "enrol-factor" if asked or request.session.get("must_enrol") else ""


def shown_at_of(request: HttpRequest) -> datetime:
    """When this session last saw credentials: its sign-in, or a confirmation since."""
    opened: datetime = request.session.row.created_at  # type: ignore[attr-defined]  # our middleware sets it
    confirmed = request.session.get("confirmed_at")
    return max(opened, datetime.fromisoformat(confirmed)) if confirmed else opened


def _asked_of(request: HttpRequest) -> dict[str, Any] | None:
    """The mark that this very request already led to a page that asks for credentials; good for one entry."""
    try:
        mark = signing.loads(request.GET.get(ASKED, ""), salt=_SALT, max_age=ASKED_VALID)
    except signing.BadSignature:
        return None
    if mark["nonce"] in request.session.get("asked_used", []):
        return None
    return {**mark, "at": datetime.fromisoformat(mark["at"])}


def _marked(request: HttpRequest) -> str:
    """This request's address with a new mark; a POST becomes the same request as a GET."""
    parts = urlsplit(request.get_full_path())
    given = request.POST if request.method == "POST" else request.GET
    kept = [
        (name, value)
        for name, values in given.lists()
        for value in values
        if name not in (ASKED, "csrfmiddlewaretoken")
    ]
    mark = signing.dumps({"at": timezone.now().isoformat(), "nonce": get_random_string(12)}, salt=_SALT)
    return urlunsplit(("", "", parts.path, urlencode([*kept, (ASKED, mark)]), ""))


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('sign-in')}?{urlencode({'next': _marked(request)})}")


def _to_page(request: HttpRequest, name: str, *args: str, **more: str) -> HttpResponse:
    onward = _marked(request) if name == "sso-confirm" else request.get_full_path()
    return HttpResponseRedirect(f"{reverse(name, args=args)}?{urlencode({'next': onward, **more})}")


def unagreed(wish: Wish, account: Account) -> frozenset[str]:
    """What the person still has to be asked about; empty when nothing."""
    asking, wanted = wish.application.asking, wish.attributes
    if asking == Application.Asking.NEVER and not wish.must_agree:
        return frozenset()
    if asking == Application.Asking.ALWAYS or wish.must_agree:
        return wanted or frozenset({"account"})
    kept = Consent.objects.filter(application=wish.application, account=account).values_list(
        "attributes", flat=True
    )
    agreed = kept.first()
    # Somebody who was never asked is asked even where there is nothing to tell but who it is.
    return missing(wanted, agreed) if agreed is not None else wanted or frozenset({"account"})


def _has_just_agreed(request: HttpRequest, wish: Wish) -> bool:
    """An answer given on the consent page counts for the one entry that asked."""
    kept = request.session.get("agreed", {})
    if wish.application.code not in kept:
        return False
    request.session["agreed"] = {code: names for code, names in kept.items() if code != wish.application.code}
    return not missing(wish.attributes, kept[wish.application.code])


def wanted_from(application: Application, asked: frozenset[str] | None = None) -> frozenset[str]:
    """The attributes that policy lets the application have, of those it asked for."""
    policy = frozenset(one.attribute for one in releases_of(application))
    return policy if asked is None else policy & asked


def refusal_page(
    request: HttpRequest, application: Application | None, reason: str, *, status: int = 403
) -> HttpResponse:
    """Why not, by which rule, and whom to ask."""
    context = {"application": application, "reason": reason, "status": status}
    return render(request, "applications/refused.html", context, status=status)
