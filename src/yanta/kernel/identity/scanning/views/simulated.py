"""The demo's imitation of the apps: the page with the code, and the vendor's server behind it."""

from __future__ import annotations

import json
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.csrf import csrf_exempt

from yanta.kernel.identity.models import Account
from yanta.kernel.identity.scanning import simulating
from yanta.kernel.identity.scanning.models import ScanApp
from yanta.kernel.identity.scanning.views.pictures import picture
from yanta.kernel.portal.demo import demo_accounts

_PAGES = {
    "wwlogin/sso/login", "oauth2/auth", "open-apis/authen/v1/authorize", "connect/qrconnect",
}  # fmt: skip


@csrf_exempt  # programs of ours ask it without a cookie; nothing here changes anything
def simulated(request: HttpRequest, kind: str, path: str) -> HttpResponse:
    """Page or interface, by the vendor's own path; absent everywhere but at the demo."""
    app = get_object_or_404(ScanApp, kind=kind, is_simulated=True)
    if not simulating.is_simulating():
        raise Http404
    if path in _PAGES:
        return _page(request, app)
    told = simulating.answer(app, path, {**request.GET.dict(), **_body(request)}, request.headers)
    if told is None:
        raise Http404
    return JsonResponse(told)


def _body(request: HttpRequest) -> dict[str, Any]:
    try:
        found = json.loads(request.body or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _page(request: HttpRequest, app: ScanApp) -> HttpResponse:
    """Links instead of a phone: whose phone it is, is chosen here."""
    asked = request.GET.dict()
    names = [one.username for one in demo_accounts()]
    numbers = dict(
        Account.objects.filter(username__in=names, person__isnull=False).values_list(
            "username", "person__number"
        )
    )
    try:
        phones = [
            (one, numbers[one.username], simulating.way_back(app, asked, numbers[one.username]))
            for one in demo_accounts() if one.username in numbers
        ]  # fmt: skip
    except ValueError:
        return HttpResponseBadRequest("redirect_uri")
    answer = render(
        request, "scanning/simulated.html",
        {"app": app, "phones": phones, "picture": picture(request.build_absolute_uri())},
    )  # fmt: skip
    answer["Cache-Control"] = "no-store"
    return answer
