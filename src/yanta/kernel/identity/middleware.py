"""Every request gets its account and actor; every page is closed to strangers unless it says otherwise."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from yanta.kernel.access.actors import actor_of
from yanta.kernel.base import Actor
from yanta.kernel.identity import devices, gate, tokens
from yanta.kernel.identity.models import Account, ApiToken

API_PREFIX = "/api/"
# The one address that a token of a gate opens.
GATE_PATH = "/api/identity/code/"
SAFE = ("GET", "HEAD", "OPTIONS")


class ActorMiddleware(AuthenticationMiddleware):
    """`request.user`, `request.actor`, `request.token`; stands where Django's own middleware would."""

    def process_request(self, request: HttpRequest) -> HttpResponse | None:  # type: ignore[override]
        request.token = None  # type: ignore[attr-defined]
        bearer = _bearer_of(request)
        if bearer is None:
            request.user = SimpleLazyObject(lambda: _account_of_session(request))  # type: ignore[assignment]
            request.actor = SimpleLazyObject(lambda: _actor_for(request))  # type: ignore[attr-defined]
            request.roles = SimpleLazyObject(lambda: _roles_for(request))  # type: ignore[attr-defined]
            return None
        token = tokens.token_of(bearer, address=devices.address_of(request))
        return _answer_to(request, token)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        request.actor = _actor_for(request)  # type: ignore[attr-defined]
        if not request.user.is_authenticated:
            return None if gate.is_public(view) else _closed(request)
        duty = _duty_of(request)
        return None if duty is None or gate.is_open_during_duty(view) else _first(request, duty)


def _bearer_of(request: HttpRequest) -> str | None:
    """Tokens open the API and no screen."""
    kind, _space, secret = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    return secret.strip() if kind.lower() == "bearer" and request.path.startswith(API_PREFIX) else None


def _answer_to(request: HttpRequest, token: ApiToken | None) -> HttpResponse | None:
    if token is None:
        return _problem(401, _("令牌无效、已过期或已吊销"))
    if token.scope == ApiToken.Scope.GATE and request.path != GATE_PATH:
        return _problem(403, _("这个令牌只能核验身份码"))
    if token.scope == ApiToken.Scope.READ and request.method not in SAFE:
        return _problem(403, _("这个令牌只能读取"))
    request.token = token  # type: ignore[attr-defined]
    request.user = token.account
    # A browser never sends this header by itself, so the request cannot be forged across sites.
    request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]
    return None


def _account_of_session(request: HttpRequest) -> Account | AnonymousUser:
    """The account came with the session's own query; a locked account is nobody from this moment on."""
    account = request.session.account  # type: ignore[attr-defined]
    return account if account is not None and account.is_active else AnonymousUser()


def _actor_for(request: HttpRequest) -> Actor:
    if not request.user.is_authenticated:
        return Actor.nobody()
    token = request.token  # type: ignore[attr-defined]
    account = token.account if token else request.session.account  # type: ignore[attr-defined]
    acting_as = "" if token else request.session.get("acting_as", "")
    return actor_of(
        account,
        acting_as=acting_as,
        address=devices.address_of(request) or "",
        request_id=request.META.get("HTTP_X_REQUEST_ID", "")[:64] or uuid.uuid4().hex,
    )


def _roles_for(request: HttpRequest) -> dict[str, str]:
    """Every role of the person, whichever they act in now: code and title, for the identity switch."""
    account = request.session.account if request.user.is_authenticated else None  # type: ignore[attr-defined]
    grants = actor_of(account).grants if account else ()
    return {
        grant.role: f"{grant.title} · {grant.unit_name}" if grant.unit_name else grant.title
        for grant in grants
    }


def _duty_of(request: HttpRequest) -> str | None:
    """What has to be done before anything else, as the name of the page where it is done."""
    if request.token:  # type: ignore[attr-defined]
        return None
    if request.user.must_change_password:  # type: ignore[union-attr]
        return "change-password"
    asked = request.user.must_enrol_factor  # type: ignore[union-attr]  # an account, since somebody is signed in
    return "enrol-factor" if asked or request.session.get("must_enrol") else None


def _closed(request: HttpRequest) -> HttpResponse:
    if request.path.startswith(API_PREFIX):
        return _problem(401, _("请先登录，或在请求头中带上令牌"))
    onward = request.get_full_path() if request.method == "GET" else "/"
    return _sent_to(request, f"{reverse('sign-in')}?{urlencode({'next': onward})}")


def _first(request: HttpRequest, page: str) -> HttpResponse:
    if request.path.startswith(API_PREFIX):
        return _problem(403, _("请先在网页上完成密码修改或二次验证设置"))
    return _sent_to(request, reverse(page))


def _sent_to(request: HttpRequest, address: str) -> HttpResponse:
    """htmx would put a redirected page into a corner of the old one; this header makes the browser go."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=401, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)


def _problem(status: int, message: str) -> HttpResponse:
    """The API's error form (RFC 9457)."""
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    body = {"title": message, "status": status, "detail": message}
    return JsonResponse(body, status=status, headers=headers, content_type="application/problem+json")
