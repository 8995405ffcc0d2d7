"""身份码: the person's page, and the gate's question."""

from __future__ import annotations

import json

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from yanta.kernel.identity.models import ApiToken
from yanta.kernel.identity.scanning import personal
from yanta.kernel.identity.scanning.views.pictures import picture
from yanta.kernel.identity.views.own import OwnPage, account_of


class PersonalCodeView(OwnPage):
    """Made anew by htmx in time, or by the browser itself where nothing runs."""

    template = "scanning/personal_code.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        account, now = account_of(request), timezone.now()
        seconds = int(personal.CHANGES_EVERY.total_seconds())
        left = seconds - int(now.timestamp()) % seconds
        shown = picture(personal.code_of(account, at=now)) if account.person else ""
        return self.shown(own=account, picture=shown, left=left)


@require_POST
def verify_code(request: HttpRequest) -> HttpResponse:
    """`{"code", "gate"}` with a token of the scope gate; the answer names the person only when the code is good."""
    token = getattr(request, "token", None)
    if token is None or token.scope != ApiToken.Scope.GATE:
        return JsonResponse(
            {"title": "需要“身份码核验”令牌", "status": 403},
            status=403,
            content_type="application/problem+json",
        )
    try:
        asked = json.loads(request.body)
        code, gate = str(asked["code"])[:100], str(asked["gate"])
    except (ValueError, KeyError, TypeError):
        return JsonResponse(
            {"title": "需要 code 和 gate", "status": 422}, status=422, content_type="application/problem+json"
        )
    verdict = personal.check(code, gate=gate, by=token.account, at=timezone.now())
    told: dict[str, object] = {"valid": verdict.is_valid, "reason": verdict.reason}
    person = verdict.account.person if verdict.account else None
    if person is not None:
        unit = person.home_unit
        told |= {"name": person.name, "number": person.number, "unit": unit.name if unit else None}
    return JsonResponse(told)
