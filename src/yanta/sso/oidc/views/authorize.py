"""The authorization endpoint: a client sends somebody here and gets a code back, or an error it understands."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods
from oauth2_provider.exceptions import FatalClientError, OAuthToolkitError
from oauth2_provider.http import OAuth2ResponseRedirect
from oauth2_provider.views.mixins import OAuthLibMixin

from yanta.sso.applications import public as sso
from yanta.sso.applications.catalogue import in_scopes
from yanta.sso.oidc import issuing, keys, trace
from yanta.sso.oidc.models import Client

UNSUPPORTED = {
    "request": "request_not_supported",
    "request_uri": "request_uri_not_supported",
    "resource": "invalid_target",
}


@cache
def core() -> Any:
    """The library's engine with our validator."""
    return OAuthLibMixin.get_oauthlib_core()


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def authorize(request: HttpRequest) -> HttpResponse:
    """A POST becomes the same request as a GET, so that the way over other pages leads back."""
    if request.method == "POST":
        return HttpResponseRedirect(f"{request.path}?{urlencode(list(request.POST.items()))}")
    known = trace.begin()
    try:
        scopes, credentials = core().validate_authorization_request(request)
    except FatalClientError as error:
        return _unusable(request, known, error.oauthlib_error.description or error.oauthlib_error.error)
    except OAuthToolkitError as error:
        wrong = error.oauthlib_error
        _refused(request, known, wrong.error, f"{wrong.error} {wrong.description or ''}".strip())
        return _sent_back(request, known.client, error=wrong.error, error_description=wrong.description or "")
    return _judged(request, known.client, scopes, credentials)


def _unusable(request: HttpRequest, known: trace.Trace, words: str) -> HttpResponse:
    """Nothing is sent to an address that nobody has registered."""
    reason = known.reason or f"请求中的客户端或回调地址没有登记：{words}"
    _refused(request, known, known.rule or "redirect_uri", reason)
    app = known.client.application if known.client else None
    return sso.refusal_page(request, app, f"{reason}（{request.GET.get('redirect_uri', '')[:200]}）")


def _refused(request: HttpRequest, known: trace.Trace, rule: str, reason: str) -> None:
    sso.refused(
        "oidc", "authorize", request=request, application=known.client.application if known.client else None,
        rule=rule, reason=reason, service=f"{request.GET.get('client_id', '')} {request.GET.get('redirect_uri', '')}".strip(),
    )  # fmt: skip


def _judged(
    request: HttpRequest, client: Client, scopes: list[str], credentials: dict[str, Any]
) -> HttpResponse:
    for name, error in UNSUPPORTED.items():
        if name in request.GET:
            return _sent_back(request, client, error=error)
    wish = _wish(request, client, scopes)
    found = sso.admit(request, wish)
    if isinstance(found, sso.Declined):
        return _sent_back(request, client, error=found.code) if wish.passive else found.answer
    if not _is_meant(request, client, found):
        return _sent_back(request, client, error="login_required")
    return _with_code(request, client, scopes, credentials, found)


def _wish(request: HttpRequest, client: Client, scopes: list[str]) -> sso.Wish:
    prompt = set(request.GET.get("prompt", "").split())
    age = request.GET.get("max_age", "")
    return sso.Wish(
        client.application, "oidc", client.client_id,
        attributes=sso.wanted_from(client.application, in_scopes(set(scopes))), passive="none" in prompt,
        fresh=bool(prompt & {"login", "select_account"}), must_agree="consent" in prompt,
        longest=timedelta(seconds=int(age)) if age.isascii() and age.isdecimal() and len(age) < 9 else None,
    )  # fmt: skip


def _is_meant(request: HttpRequest, client: Client, found: sso.Admitted) -> bool:
    """A hint names somebody: nobody else is let in, and a forged one names nobody."""
    hint = request.GET.get("id_token_hint")
    if not hint:
        return True
    claims = keys.claims_of(hint)
    return claims is not None and claims.get("sub") == sso.stable_subject_for(
        client.application, found.account
    )


def _with_code(
    request: HttpRequest, client: Client, scopes: list[str], credentials: dict[str, Any], found: sso.Admitted
) -> HttpResponse:
    given = {**credentials, "entry": issuing.entry_for(found.session, client), "shown_at": found.shown_at}
    given.pop("request", None)
    if isinstance(given.get("ui_locales"), list):
        given["ui_locales"] = " ".join(given["ui_locales"])
    try:
        uri, _headers, _body, _status = core().create_authorization_response(
            request, scopes, given, allow=True
        )
    except OAuthToolkitError as error:
        return _sent_back(request, client, error=error.oauthlib_error.error)
    sso.granted(
        "oidc", "code", request=request, application=client.application, account=found.account,
        service=f"{client.client_id} {given['redirect_uri']}", reason=" ".join(scopes),
    )  # fmt: skip
    return OAuth2ResponseRedirect(uri, client.get_allowed_schemes())


def _sent_back(request: HttpRequest, client: Client, **told: str) -> HttpResponse:
    """An error for the client, at its registered address, with the state that it gave."""
    uri = request.GET.get("redirect_uri") or client.redirect_uris.split()[0]
    known = {name: value for name, value in told.items() if value}
    known |= {"state": request.GET["state"]} if "state" in request.GET else {}
    query = urlencode({**known, "iss": settings.SITE_ADDRESS})
    return OAuth2ResponseRedirect(f"{uri}{'&' if '?' in uri else '?'}{query}", client.get_allowed_schemes())
