"""CAS services for tests."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from yanta.sso.applications.models import Application
from yanta.sso.applications.tests import factories as sso
from yanta.sso.cas.models import CasService, Ticket

EXAMPLES = {
    CasService: lambda n: {"url": f"https://app{n}.example/", "matching": "under", "may_proxy": False},
    Ticket: lambda n: {"digest": f"{n:064d}", "kind": "ST", "service": "https://app.example/", "shown_at": timezone.now()},
}  # fmt: skip


def service(url: str = "https://lib.example/app", app: Application | None = None, **given: Any) -> CasService:
    return CasService.objects.create(url=url, application=app or sso.application(), **given)
