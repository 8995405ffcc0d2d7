"""Endpoints that programs call: token, device authorization, revocation, introspection, userinfo."""

from __future__ import annotations

import json
import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from yanta.sso.applications import public as sso
from yanta.sso.oidc import issuing, trace
from yanta.sso.oidc.models import AccessToken, Client, DeviceGrant, RefreshToken
from yanta.sso.oidc.validator import access_token
from yanta.sso.oidc.views.authorize import core

DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
GRANTS = ("authorization_code", "refresh_token", "client_credentials", DEVICE)
DEVICE_LASTS, DEVICE_PAUSE = timedelta(minutes=10), timedelta(seconds=5)
# Letters and figures that are not taken for one another.
CODE_SIGNS = "BCDFGHJKLMNPQRSTVWXZ23456789"


@csrf_exempt
@require_POST
def token(request: HttpRequest) -> HttpResponse:
    """Codes, refresh tokens, device codes and a client's own credentials become tokens."""
    known = trace.begin()
    if "client_assertion" in request.POST:
        # We register no client keys, so an assertion could only be signed by somebody with something else.
        return _refused(request, known, "invalid_client", "不支持用 client_assertion 证明身份", 401)
    if "resource" in request.POST:
        return _refused(request, known, "invalid_target", "不支持 resource 参数")
    if request.POST.get("grant_type") not in GRANTS:
        # Before the library looks: it would try a password first and ask later whether it may.
        return _refused(request, known, "unsupported_grant_type", "没有开放这种 grant_type")
    if request.POST.get("grant_type") == DEVICE:
        return _device_token(request, known)
    _uri, headers, body, status = core().create_token_response(request)
    answer = HttpResponse(body, status=status, headers=headers)
    _log(request, known, status, body)
    return answer


def _log(request: HttpRequest, known: trace.Trace, status: int, body: str) -> None:
    app = known.client.application if known.client else None
    told: dict[str, Any] = {"request": request, "application": app, "account": known.account}
    service = f"{request.POST.get('grant_type', '')[:40]} {known.client or request.POST.get('client_id', '')}"
    if status == 200:
        sso.granted("oidc", "token", service=service, **told)
        return
    error = json.loads(body).get("error", "") if body else ""
    sso.refused(
        "oidc", "token", rule=known.rule or error, reason=known.reason or error, service=service, **told
    )


def _refused(
    request: HttpRequest, known: trace.Trace, error: str, reason: str, status: int = 400
) -> HttpResponse:
    body = json.dumps({"error": error, "error_description": reason})
    trace.note(rule=error, reason=reason)
    _log(request, known, status, body)
    return HttpResponse(
        body, status=status, content_type="application/json", headers={"Cache-Control": "no-store"}
    )


# Devices


@csrf_exempt
@require_POST
def device_authorization(request: HttpRequest) -> HttpResponse:
    """A device asks for a code that its owner types elsewhere (RFC 8628)."""
    known = trace.begin()
    client = _client_of(request)
    if client is None or not client.uses_device:
        return _refused(request, known, "unauthorized_client", "客户端没有登记设备登录", 401)
    scopes = request.POST.get("scope", "openid").split()
    if not set(scopes) <= set(client.scopes.split()):
        return _refused(request, known, "invalid_scope", "申请的范围超出登记")
    secret = secrets.token_urlsafe(32)
    code = "".join(secrets.choice(CODE_SIGNS) for _ in range(8))
    DeviceGrant.objects.create(
        owner=client, client_id=client.client_id, device_code=issuing.digest_of(secret), user_code=code,
        scope=" ".join(scopes), expires=timezone.now() + DEVICE_LASTS,
    )  # fmt: skip
    page, shown = f"{settings.SITE_ADDRESS}/oidc/device", f"{code[:4]}-{code[4:]}"
    return JsonResponse({
        "device_code": secret, "user_code": shown, "verification_uri": page, "verification_uri_complete": f"{page}?user_code={shown}",
        "expires_in": int(DEVICE_LASTS.total_seconds()), "interval": int(DEVICE_PAUSE.total_seconds()),
    })  # fmt: skip


def _client_of(request: HttpRequest) -> Client | None:
    """The client that calls: with its secret, or public and named."""
    engine = core()
    uri, method, body, headers = engine._extract_params(request)
    from oauthlib.common import Request

    asked = Request(uri, method, body, headers)
    validator = engine.server.request_validator
    if validator.authenticate_client(asked) or validator.authenticate_client_id(asked.client_id, asked):
        client: Client = asked.client
        return client
    return None


def _device_token(request: HttpRequest, known: trace.Trace) -> HttpResponse:
    client = _client_of(request)
    if client is None:
        return _refused(request, known, "invalid_client", "客户端没有登记，或密钥不正确", 401)
    rows = DeviceGrant.objects.select_related("user__person__home_unit", "entry__session")
    found = rows.filter(
        device_code=issuing.digest_of(request.POST.get("device_code", "")), owner=client
    ).first()
    waiting = _device_fault(found)
    if waiting or found is None or found.user is None or found.entry is None:
        error = waiting or "invalid_grant"
        if error in ("authorization_pending", "slow_down"):
            return JsonResponse({"error": error}, status=400)
        return _refused(request, known, error, "设备码无效、过期、被拒绝或已用过")
    used = DeviceGrant.objects.filter(pk=found.pk, status=DeviceGrant.AUTHORIZED).update(
        status=DeviceGrant.EXPIRED
    )
    if not used or not sso.is_live(found.entry.session, at=timezone.now()):
        return _refused(request, known, "invalid_grant", "设备码已用过，或会话已结束")
    trace.note(account=found.user)
    body = json.dumps(issuing.pair_for(client, found.user, found.scope.split(), found.entry, found.shown_at))
    _log(request, known, 200, body)
    return HttpResponse(body, content_type="application/json", headers={"Cache-Control": "no-store"})


def _device_fault(found: DeviceGrant | None) -> str:
    """Why a device gets nothing yet, or ever; asking too often is told, too."""
    now = timezone.now()
    if found is None:
        return "invalid_grant"
    if found.expires <= now or found.status == DeviceGrant.EXPIRED:
        return "expired_token"
    if found.status == DeviceGrant.DENIED:
        return "access_denied"
    too_soon = found.asked_at is not None and now - found.asked_at < DEVICE_PAUSE
    DeviceGrant.objects.filter(pk=found.pk).update(asked_at=now)
    if found.status == DeviceGrant.AUTHORIZATION_PENDING:
        return "slow_down" if too_soon else "authorization_pending"
    return ""


# Revocation, introspection, userinfo


@csrf_exempt
@require_POST
def revoke(request: HttpRequest) -> HttpResponse:
    known = trace.begin()
    _uri, headers, body, status = core().create_revocation_response(request)
    app = known.client.application if known.client else None
    outcome = sso.granted if status == 200 else sso.refused
    outcome(
        "oidc",
        "revoke",
        request=request,
        application=app,
        reason=known.reason,
        service=str(known.client or ""),
    )
    return HttpResponse(body or "", status=status, headers=headers)


@csrf_exempt
@require_POST
def introspect(request: HttpRequest) -> HttpResponse:
    """A client asks about its own tokens; a resource server, where that is registered, about anybody's."""
    known = trace.begin()
    if not core().authenticate_client(request):
        return _refused_call(request, known, "introspect")
    client: Client = known.client
    secret = request.POST.get("token", "")
    told = _introspected(client, secret) if "\0" not in secret else None
    outcome = sso.granted if told else sso.refused
    outcome(
        "oidc", "introspect", request=request, application=client.application, service=str(client),
        reason="" if told else "令牌无效、过期、吊销，或是别的应用的",
    )  # fmt: skip
    return JsonResponse(
        {"active": True, **told} if told else {"active": False}, headers={"Cache-Control": "no-store"}
    )


def _refused_call(request: HttpRequest, known: trace.Trace, step: str) -> HttpResponse:
    reason = known.reason or "没有带上客户端的身份"
    sso.refused("oidc", step, request=request, application=known.client.application if known.client else None, rule="client", reason=reason)  # fmt: skip
    return JsonResponse({"error": "invalid_client"}, status=401, headers={"WWW-Authenticate": "Basic"})


def _introspected(client: Client, secret: str) -> dict[str, Any] | None:
    found: AccessToken | RefreshToken | None = access_token(secret) or _refresh_token(secret)
    if found is None or (found.application_id != client.pk and not client.may_introspect):
        return None
    told = {
        "client_id": found.application.client_id, "scope": found.scope, "exp": int(found.expires.timestamp()),
        "iat": int(found.created.timestamp()), "iss": settings.SITE_ADDRESS,
        "token_type": "Bearer" if isinstance(found, AccessToken) else "refresh_token",
    }  # fmt: skip
    if found.user is not None:
        told["sub"] = sso.stable_subject_for(found.application.application, found.user)
    return told


def _refresh_token(secret: str) -> RefreshToken | None:
    rows = RefreshToken.objects.select_related("application__application", "user", "entry__session")
    found: RefreshToken | None = rows.filter(token_checksum=issuing.digest_of(secret), revoked=None).first()
    return found if found is not None and issuing.is_in_force(found, at=timezone.now()) else None


@csrf_exempt
@require_http_methods(["GET", "POST"])
def userinfo(request: HttpRequest) -> HttpResponse:
    """What may be told about whoever the token is for."""
    known = trace.begin()
    valid, asked = core().verify_request(request, scopes=["openid"])
    if not valid or asked.user is None:
        error = getattr(asked, "oauth2_error", None) or {"error": "invalid_token"}
        sso.refused(
            "oidc",
            "userinfo",
            request=request,
            rule=error["error"],
            reason="访问令牌无效、过期、吊销或范围不足",
        )
        status = 403 if error["error"] == "insufficient_scope" else 401
        return HttpResponse(status=status, headers={"WWW-Authenticate": f'Bearer error="{error["error"]}"'})
    trace.note(client=asked.client)
    claims = issuing.user_claims(asked.client, asked.user, set(asked.scopes))
    sso.granted("oidc", "userinfo", request=request, application=asked.client.application, account=asked.user, service=str(known.client))  # fmt: skip
    headers = {"Cache-Control": "no-store"}
    origin = request.headers.get("Origin", "")
    if origin and origin in asked.client.allowed_origins.split():
        headers |= {"Access-Control-Allow-Origin": origin}
    return JsonResponse(claims, headers=headers)
