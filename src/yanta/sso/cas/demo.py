"""The demo school's applications that speak CAS."""

from __future__ import annotations

from datetime import date

from yanta.sso.applications.models import Application
from yanta.sso.cas.models import CasService

CODES = ("library", "mail", "mooc", "reimburse", "alumni", "oldforum")


def fill(today: date) -> None:
    apps = Application.objects.filter(code__in=CODES)
    CasService.objects.bulk_create(CasService(application=app, url=app.home_url) for app in apps)
