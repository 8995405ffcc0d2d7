"""The demo school: one application with a branch of the directory."""

from __future__ import annotations

from datetime import date

from yanta.sso.applications.models import Application
from yanta.sso.ldap.models import Door


def fill(today: date) -> None:
    for app in Application.objects.filter(code="library"):
        Door.objects.create(application=app)
