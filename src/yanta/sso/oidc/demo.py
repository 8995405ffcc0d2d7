"""The demo school's applications that speak OpenID Connect."""

from __future__ import annotations

from datetime import date

from yanta.sso.applications.models import Application
from yanta.sso.oidc.models import Client

CODES = ("gym", "journals", "clinic")


def fill(today: date) -> None:
    for app in Application.objects.filter(code__in=CODES):
        Client.objects.create(
            application=app, redirect_uris=f"{app.home_url}oidc/callback", post_logout_redirect_uris=app.home_url,
            backchannel_logout_uri=f"{app.home_url}oidc/gone", scopes="openid profile phone",
        )  # fmt: skip
