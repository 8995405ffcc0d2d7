"""Doors, targets and tokens for tests."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from django.utils import timezone

from yanta.sso.applications.models import Application
from yanta.sso.applications.tests import factories as sso
from yanta.sso.oidc import issuing
from yanta.sso.oidc.tests import factories as oidc
from yanta.sso.scim.models import Copy, Door, Link, OwnGroup, Reconciliation, Target

TOLD = ("username", "name", "number", "staff_number", "unit_code", "unit_name", "affiliation", "roles", "email", "phone")  # fmt: skip
EXAMPLES = {
    Door: {"may_write": False, "days": 30, "rows_an_hour": 1000},
    Link: {"external_id": ""},
    OwnGroup: lambda n: {"name": f"分组{n}", "external_id": ""},
    Target: {"wire": "scim", "url": "https://mail.example/scim/v2", "is_on": False},
    Copy: lambda n: {"noun": "user", "key": str(n), "state": "current"},
    Reconciliation: lambda n: {"began_at": timezone.now(), "ended_at": timezone.now()},
}


def door(app: Application | None = None, *, writes: bool = True, **given: Any) -> Door:
    """A door whose host is a member of staff; with `writes`, guests may be opened."""
    app = app or sso.application("mail")
    sso.released(app, *TOLD, approved=True)
    host = sso.account(unit=app.owner).person
    values = {"may_write": writes, "sponsor": host, "unit": app.owner, "days": 30}
    return Door.objects.create(application=app, **(values | given))


def token(door: Door, scope: str = "scim.read scim.write", *, account: Any = None, **given: Any) -> str:
    """A bearer token as the token endpoint would have given it."""
    client = door.application.oidc_clients.first() or oidc.client(
        door.application, uses_client_credentials=True
    )
    secret = secrets.token_urlsafe(32)
    issuing.store_access(
        secret, client=client, account=account, scope=scope, lasts=timedelta(hours=1), **given
    )
    return secret
