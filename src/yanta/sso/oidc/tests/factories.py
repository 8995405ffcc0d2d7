"""Clients for tests."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from yanta.sso.applications.models import Application
from yanta.sso.applications.tests import factories as sso
from yanta.sso.oidc.models import Client, RegistrationToken

SECRET = "a-long-random-secret-of-a-program"
BACK = "https://lib.example/back"
EXAMPLES = {
    Client: lambda n: {
        "client_id": f"client{n}", "redirect_uris": f"https://app{n}.example/back", "client_type": "confidential", "scopes": "openid",
    },
    RegistrationToken: lambda n: {"digest": f"{n:064d}", "expires_at": timezone.now() + timedelta(days=1)},
}  # fmt: skip


def client(app: Application | None = None, **given: Any) -> Client:
    values = {
        "client_id": "library",
        "client_secret": SECRET,
        "redirect_uris": BACK,
        "scopes": "openid profile email phone offline_access",
    }
    return Client.objects.create(application=app or sso.application(), **(values | given))
