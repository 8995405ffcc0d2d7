"""Dynamic client registration (RFC 7591): only with a token that somebody was given for it."""

from __future__ import annotations

import json
import secrets
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from yanta.sso.applications import public as sso
from yanta.sso.oidc import issuing
from yanta.sso.oidc.models import Client, RegistrationToken

GRANTS = {
    "authorization_code": "uses_code", "client_credentials": "uses_client_credentials",
    "urn:ietf:params:oauth:grant-type:device_code": "uses_device",
}  # fmt: skip
State = sso.Application.State


@csrf_exempt
@require_POST
def register(request: HttpRequest) -> HttpResponse:
    """A client of a new application, in use at once or after the information centre's word."""
    by = _token_of(request)
    if by is None:
        sso.refused(
            "oidc", "register", request=request, rule="token", reason="没有注册令牌，或它已用完、过期"
        )
        return JsonResponse({"error": "invalid_token"}, status=401, headers={"WWW-Authenticate": "Bearer"})
    try:
        asked = json.loads(request.body)
        with transaction.atomic():
            client, secret = _registered(by, asked if isinstance(asked, dict) else {})
    except (ValueError, ValidationError, KeyError, TypeError) as error:
        sso.refused("oidc", "register", request=request, rule="metadata", reason=str(error)[:300])
        return JsonResponse(
            {"error": "invalid_client_metadata", "error_description": str(error)[:300]}, status=400
        )
    sso.granted(
        "oidc",
        "register",
        request=request,
        application=client.application,
        service=client.client_id,
        reason=by.name,
    )
    return JsonResponse(_told(client, secret), status=201, headers={"Cache-Control": "no-store"})


def _token_of(request: HttpRequest) -> RegistrationToken | None:
    """One conditional update takes one use."""
    kind, _space, secret = request.headers.get("Authorization", "").partition(" ")
    rows = RegistrationToken.objects.filter(
        digest=issuing.digest_of(secret.strip()), expires_at__gt=timezone.now()
    )
    if kind.lower() != "bearer" or not rows.filter(uses_left__gt=0).update(uses_left=F("uses_left") - 1):
        return None
    return rows.select_related("owner").first()


def _texts(asked: dict[str, Any], name: str) -> list[str]:
    value = asked.get(name, [])
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise ValueError(f"{name} must be a list of strings")
    return value


def _registered(by: RegistrationToken, asked: dict[str, Any]) -> tuple[Client, str]:
    grants = _texts(asked, "grant_types") or ["authorization_code"]
    if not set(grants) <= {*GRANTS, "refresh_token"}:
        raise ValueError("unsupported grant type")
    is_public = asked.get("token_endpoint_auth_method") == "none"
    app = sso.Application.objects.create(
        code=f"dcr-{secrets.token_hex(6)}", name=str(asked.get("client_name") or "程序登记的应用")[:60],
        summary=f"由注册令牌“{by.name}”登记"[:200], home_url=str(asked.get("client_uri") or "https://invalid.example/")[:300],
        owner=by.owner, contact_words="、".join(_texts(asked, "contacts"))[:100] or by.owner.name,
        state=State.ACTIVE if by.activates else State.SUBMITTED,
    )  # fmt: skip
    secret = secrets.token_urlsafe(36)
    client = Client(
        application=app, client_type=Client.Kind.PUBLIC if is_public else Client.Kind.CONFIDENTIAL, client_secret=secret,
        redirect_uris="\n".join(_texts(asked, "redirect_uris")),
        post_logout_redirect_uris="\n".join(_texts(asked, "post_logout_redirect_uris")),
        backchannel_logout_uri=str(asked.get("backchannel_logout_uri") or ""),
        frontchannel_logout_uri=str(asked.get("frontchannel_logout_uri") or ""),
        algorithm=str(asked.get("id_token_signed_response_alg") or "RS256"), scopes=str(asked.get("scope") or "openid profile"),
        **{field: grant in grants for grant, field in GRANTS.items()},
    )  # fmt: skip
    client.full_clean(exclude=["client_secret"])
    client.save()
    return client, "" if is_public else secret


def _told(client: Client, secret: str) -> dict[str, Any]:
    told = {
        "client_id": client.client_id, "client_id_issued_at": int(client.created_at.timestamp()),
        "client_name": client.application.name, "redirect_uris": client.redirect_uris.split(),
        "post_logout_redirect_uris": client.post_logout_redirect_uris.split(), "scope": client.scopes,
        "grant_types": [grant for grant, field in GRANTS.items() if getattr(client, field)],
        "token_endpoint_auth_method": "none" if client.is_public else "client_secret_basic",
        "id_token_signed_response_alg": client.algorithm, "response_types": ["code"],
    }  # fmt: skip
    return {**told, "client_secret": secret, "client_secret_expires_at": 0} if secret else told
