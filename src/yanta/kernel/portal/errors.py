"""What people see when something is wrong: what happened, and what to do next."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from yanta.kernel.portal.assets import asset
from yanta.kernel.resource.problems import problem


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return _page(request, 400, "这个请求读不懂", "地址或表单内容不完整。请返回上一页，重新操作一次。")


def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return _page(
        request, 403, "您没有这项权限", "权限来自您的任职或学籍。需要办理时，请联系负责这项业务的部门。"
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Mostly a page left open over night."""
    return _page(
        request, 403, "页面已经过期", "这一页打开太久，为了安全没有提交。请返回后刷新，写过的内容还在。"
    )


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    said = (
        exception.args[0]
        if exception is not None and exception.args and isinstance(exception.args[0], str)
        else ""
    )
    return _page(
        request, 404, "没有找到这一页", said or "地址可能写错了，或者内容已经移走、不在您的管理范围内。"
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """Asks nothing of the database or the session, for they may be what failed."""
    number = uuid.uuid4().hex[:8].upper()
    text = render_to_string(
        "portal/500.html",
        {"number": number, "style": asset("style.css"), "icon": asset("favicon.svg")},
        request=None,
    )
    return HttpResponse(text, status=500)


def _page(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    if request.path.startswith("/api/"):
        return problem(status, title, text)
    return render(
        request, "portal/error.html", {"status": status, "title": title, "text": text}, status=status
    )
