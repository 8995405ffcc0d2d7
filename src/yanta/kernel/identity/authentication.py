"""Who may call the API: a session (with the CSRF token for writes) or a token."""

from __future__ import annotations

from django.http import HttpRequest
from ninja.utils import check_csrf

from yanta.kernel.base import Actor


def api_authentication(request: HttpRequest) -> Actor | None:
    """Give this to ninja as `auth`; the middleware has found session or token already."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if actor.account_id is None:
        return None
    # ninja exempts its views from Django's own check; a token cannot be forged, a cookie can.
    if request.token is None and check_csrf(request) is not None:  # type: ignore[attr-defined]
        return None
    return actor
