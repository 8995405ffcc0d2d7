"""`/scim/v2/…`: tokens, limits and the log around scim2-server's protocol."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from scim2_models import (
    Error,
    ForbiddenException,
    PayloadTooLargeException,
    SCIMException,
    UnauthorizedException,
)
from scim2_server.handler import ScimHandler
from scim2_server.requests import ScimRequest
from scim2_server.responses import ScimResponse

from yanta.kernel.base import Refused
from yanta.kernel.identity import devices
from yanta.sso.applications import public as sso
from yanta.sso.applications.catalogue import in_scopes
from yanta.sso.oidc.validator import access_token
from yanta.sso.scim import limits, schema, service
from yanta.sso.scim.models import Door
from yanta.sso.scim.storage import Storage

OPEN = ("ServiceProviderConfig", "ResourceTypes", "Schemas")


class TooMany(SCIMException):
    """More than the application may ask in this minute, or read in this hour."""

    status = 429
    scim_type = "tooMany"


@csrf_exempt
def scim(request: HttpRequest, path: str) -> HttpResponse:
    """One request; whatever the answer, it is in the log with its reason."""
    protocol = service.made()
    subject: service.Subject | None = None
    asked = _asked(request, path)
    try:
        subject = subject_of(request, path)
        asked.subject = subject
        answer = _handled(protocol, asked, subject, request)
    except (SCIMException, Refused) as refusal:
        answer = _refused(protocol, refusal, request, subject, asked)
    return _sent(answer)


def _asked(request: HttpRequest, path: str) -> ScimRequest:
    return ScimRequest(
        method=request.method or "GET", base_url=f"{settings.SITE_ADDRESS}/scim/v2", path=f"/{path}",
        query={name: value for name, value in request.GET.items() if isinstance(value, str)}, headers=dict(request.headers),
    )  # fmt: skip


def subject_of(request: HttpRequest, path: str) -> service.Subject | None:
    """Whose token it is; what the server says of itself may be read without one."""
    at, address = timezone.now(), devices.address_of(request)
    if path.split("/")[0] in OPEN and "Authorization" not in request.headers:
        return None
    if limits.is_shut_out(address, at=at):
        raise TooMany(detail="错误的令牌太多，请一分钟后再试")
    kind, _space, secret = request.headers.get("Authorization", "").partition(" ")
    token = access_token(secret.strip()) if kind.lower() == "bearer" and "\0" not in secret else None
    if token is None:
        limits.failed(address, at=at)
        raise UnauthorizedException(detail="没有访问令牌，或令牌无效、过期、已吊销")
    app = token.application.application
    door = Door.objects.select_related("application__owner", "sponsor", "unit").filter(application=app).first()  # fmt: skip
    if door is None:
        raise ForbiddenException(detail="这个应用没有登记 SCIM 接口")
    if limits.too_often(app.pk, at=at):
        raise TooMany(detail="请求太频繁，请一分钟后再试")
    return service.Subject(door, frozenset(token.scope.split()), token.user)


def _handled(
    protocol: service.Service, asked: ScimRequest, subject: service.Subject | None, request: HttpRequest
) -> ScimResponse:
    at = timezone.now()
    limit = protocol.max_body_size(asked)
    if request.method in ("POST", "PUT", "PATCH"):
        asked.body = request.read(schema.BULK_BYTES + 1)
        if limit is not None and len(asked.body) > limit:
            raise PayloadTooLargeException(detail=f"请求体最大 {limit} 字节")
    if subject is None:
        return ScimHandler(protocol, _nothing()).handle(asked)
    if limits.read(subject.door.application_id, 0, at=at) > subject.door.rows_an_hour:
        raise TooMany(detail=f"每小时最多读取 {subject.door.rows_an_hour} 条，请稍后再试或联系信息中心")
    told = in_scopes(set(subject.scopes)) if subject.account else None
    storage = Storage(subject.door, on=timezone.localdate(), told=told)
    answer = ScimHandler(protocol, storage).handle(asked)
    limits.read(subject.door.application_id, storage.rows, at=at)
    _log(request, subject, asked, f"{answer.status.value}，读取 {storage.rows} 条" if storage.rows else f"{answer.status.value}")  # fmt: skip
    return answer


def _nothing() -> Storage:
    """Discovery reads no rows."""
    return Storage(Door(), on=timezone.localdate())


def _step(asked: ScimRequest) -> str:
    words = [one for one in asked.path.split("/") if one]
    return f"{asked.method} {words[0] if words else ''}"[:16]


def _log(request: HttpRequest, subject: service.Subject, asked: ScimRequest, reason: str) -> None:
    sso.granted(
        "scim", _step(asked), request=request, application=subject.door.application, account=subject.account,
        reason=reason, service=_service(request),
    )  # fmt: skip


def _service(request: HttpRequest) -> str:
    return f"{request.method} {request.get_full_path()}"


def _refused(
    protocol: service.Service,
    refusal: Exception,
    request: HttpRequest,
    subject: service.Subject | None,
    asked: ScimRequest,
) -> ScimResponse:
    if isinstance(refusal, Refused):
        error = Error(status=400, scim_type="invalidValue", detail=refusal.message)
        answer = ScimResponse(HTTPStatus.BAD_REQUEST, error.model_dump())
    else:
        answer = protocol.error_response(refusal)
    detail = str((answer.body or {}).get("detail", ""))
    sso.refused(
        "scim", _step(asked), request=request, application=subject.door.application if subject else None,
        account=subject.account if subject else None, service=_service(request), reason=detail,
        rule=f"scim.{(answer.body or {}).get('scimType') or answer.status.value}",
    )  # fmt: skip
    return answer


def _sent(answer: ScimResponse) -> HttpResponse:
    body: Any = b"" if answer.body is None else orjson.dumps(answer.body)
    sent = HttpResponse(body, status=int(answer.status), headers=answer.headers)
    sent["Cache-Control"] = "no-store"
    if int(answer.status) == HTTPStatus.TOO_MANY_REQUESTS:
        sent["Retry-After"] = "60"
    return sent
