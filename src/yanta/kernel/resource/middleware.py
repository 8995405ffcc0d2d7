"""A refusal anywhere becomes a page that says why and what to do next."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from yanta.kernel.base import Refused
from yanta.kernel.base.refused import NotAllowed, OutOfScope


class RefusalMiddleware:
    """403 for what one may not do, 404 for what is out of sight, 409 for what cannot be done now."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refused):
            return None
        status = (
            403 if isinstance(exception, NotAllowed) else 404 if isinstance(exception, OutOfScope) else 409
        )
        return render(
            request, "resource/refused.html", {"refusal": exception, "status": status}, status=status
        )
