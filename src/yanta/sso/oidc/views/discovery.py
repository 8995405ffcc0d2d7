"""What clients read before they come: both discovery documents and the keys."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET

from yanta.sso.applications.catalogue import ATTRIBUTES, SCOPES
from yanta.sso.oidc import keys
from yanta.sso.oidc.models import Client, RegistrationToken
from yanta.sso.oidc.views.tokens import DEVICE

OPEN = {"Access-Control-Allow-Origin": "*", "Cache-Control": "public, max-age=300"}
METHODS = ["client_secret_basic", "client_secret_post"]


def endpoint(name: str) -> str:
    return f"{settings.SITE_ADDRESS}/oidc/{name}"


def _common() -> dict[str, Any]:
    told = {
        "issuer": settings.SITE_ADDRESS, "authorization_endpoint": endpoint("authorize"), "token_endpoint": endpoint("token"),
        "jwks_uri": endpoint("jwks"), "scopes_supported": list(SCOPES), "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials", DEVICE],
        "token_endpoint_auth_methods_supported": [*METHODS, "none"], "revocation_endpoint": endpoint("revoke"),
        "revocation_endpoint_auth_methods_supported": [*METHODS, "none"], "introspection_endpoint": endpoint("introspect"),
        "introspection_endpoint_auth_methods_supported": METHODS, "code_challenge_methods_supported": ["S256"],
        "device_authorization_endpoint": endpoint("device_authorization"),
        "authorization_response_iss_parameter_supported": True, "ui_locales_supported": ["zh-CN", "en"],
    }  # fmt: skip
    # Told only while somebody holds a token to register with: by default nobody does.
    if RegistrationToken.objects.filter(uses_left__gt=0).exists():
        told["registration_endpoint"] = endpoint("register")
    return told


@require_GET
def openid_configuration(request: HttpRequest) -> HttpResponse:
    return JsonResponse({
        **_common(), "userinfo_endpoint": endpoint("userinfo"), "end_session_endpoint": endpoint("logout"),
        "subject_types_supported": ["public", "pairwise"], "id_token_signing_alg_values_supported": Client.Algorithm.values,
        "claims_supported": ["sub", "iss", "aud", "exp", "iat", "auth_time", "sid", *(one.claim for one in ATTRIBUTES.values())],
        "claims_parameter_supported": False, "request_parameter_supported": False, "request_uri_parameter_supported": False,
        "prompt_values_supported": ["none", "login", "consent", "select_account"], "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True, "frontchannel_logout_supported": True,
        "frontchannel_logout_session_supported": True,
    }, headers=OPEN)  # fmt: skip


@require_GET
def authorization_server(request: HttpRequest) -> HttpResponse:
    """RFC 8414."""
    return JsonResponse(_common(), headers=OPEN)


@require_GET
def jwks(request: HttpRequest) -> HttpResponse:
    return JsonResponse(keys.published(), headers=OPEN)
