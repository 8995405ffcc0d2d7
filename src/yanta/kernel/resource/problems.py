"""Every refusal of the API is an RFC 9457 problem in the user's language, and OpenAPI says so."""

from __future__ import annotations

from typing import Any

import orjson
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema

from yanta.kernel.base import Refused
from yanta.kernel.base.refused import NotAllowed, OutOfScope
from yanta.kernel.identity.gate import public_page

PROBLEM_TYPE = "application/problem+json"
# What any address may answer before its own code is reached.
ANYWHERE = {
    "400": "读不懂的请求",
    "401": "没有登录",
    "403": "没有权限",
    "404": "没有找到",
    "422": "数据不合格",
}
_REFERENCE = {"schema": {"$ref": "#/components/schemas/Problem"}}


def problem(status: int, title: str, detail: str, errors: Any = None) -> HttpResponse:
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    if errors:
        body["errors"] = errors
    return HttpResponse(orjson.dumps(body, default=str), status=status, content_type=PROBLEM_TYPE)


class ProblemAPI(NinjaAPI):
    """Answers with problems instead of ninja's own words."""

    open_prefixes: tuple[str, ...] = ()

    def _get_urls(self) -> list[URLResolver | URLPattern]:
        found = super()._get_urls()
        for one in found:
            if one.callback and self.open_prefixes and str(one.pattern).startswith(self.open_prefixes):
                public_page(one.callback)
        return found

    def set_default_exception_handlers(self) -> None:
        super().set_default_exception_handlers()
        self.add_exception_handler(NotAllowed, lambda _, e: problem(403, "没有权限", e.message))
        self.add_exception_handler(OutOfScope, lambda _, e: problem(404, "没有找到", e.message))
        self.add_exception_handler(Refused, _refused)
        self.add_exception_handler(
            ValidationError, lambda _, e: problem(422, "数据不合格", "请检查参数", e.errors)
        )
        self.add_exception_handler(
            Http404, lambda _, e: problem(404, "没有找到", "没有这一条，或它不在您的管理范围内")
        )
        self.add_exception_handler(
            AuthenticationError, lambda _, e: problem(401, "没有登录", "请先登录，或带上令牌")
        )
        self.add_exception_handler(HttpError, lambda _, e: problem(e.status_code, "不能这样请求", str(e)))

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(**options)
        for methods in schema["paths"].values():
            for operation in methods.values():
                _tell_problems(operation["responses"])
        return schema


def _tell_problems(responses: dict[Any, Any]) -> None:
    known = {str(status) for status in responses}
    responses.update(
        {int(status): {"description": title} for status, title in ANYWHERE.items() if status not in known}
    )
    for status, answer in responses.items():
        if str(status).startswith("4"):
            answer["content"] = {PROBLEM_TYPE: _REFERENCE}


def _refused(_: HttpRequest, refusal: Any) -> HttpResponse:
    errors = {refusal.field: [refusal.message]} if refusal.field else None
    return problem(409, "不能这样做", refusal.message, errors)
