"""Test clients for whoever wants to try a door from outside: `yanta sso testkit`."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from yanta.kernel.organisation.models import OrgUnit
from yanta.kernel.portal.demo import demo_accounts
from yanta.sso.applications import protocols
from yanta.sso.applications.catalogue import ATTRIBUTES
from yanta.sso.applications.models import Application, AttributeRelease

# Whatever listens on this port of this machine, at any path.
TEST_SERVICE = "http://127.0.0.1:8999/"
_TOLD = ("username", "name", "number", "student_number", "staff_number", "unit_code", "unit_name", "affiliation", "roles", "email")  # fmt: skip


def test_application(code: str, name: str) -> Application:
    """The application of one test client: open to everybody, told everything that is not sensitive, asks nobody."""
    owner = OrgUnit.objects.filter(name="信息中心").first() or OrgUnit.objects.first()
    app, _new = Application.objects.update_or_create(
        code=code,
        defaults={
            "name": name, "summary": "用来试通登录协议，不保存任何人的信息", "home_url": TEST_SERVICE, "owner": owner,
            "contact_words": "信息中心", "state": Application.State.ACTIVE, "audience": Application.Audience.EVERYONE,
            "asking": Application.Asking.NEVER,
        },
    )  # fmt: skip
    for attribute in _TOLD:
        AttributeRelease.objects.get_or_create(
            application=app, attribute=attribute, defaults={"purpose": f"测试{ATTRIBUTES[attribute].title}"}
        )
    return app


def kit() -> dict[str, Any]:
    """One client of each protocol, endpoints and credentials, and somebody to sign in as."""
    return {
        "issuer": settings.SITE_ADDRESS,
        "sign_in": {"url": f"{settings.SITE_ADDRESS}/sign-in/", "fields": ["login", "password"]},
        "user": _user(),
        "clients": {one.code: one.test_client() for one in protocols.protocols()},
    }


def _user() -> dict[str, str] | None:
    offered = {one.username: one for one in demo_accounts()}
    chosen = offered.get("teacher") or next(iter(offered.values()), None)
    return {"username": chosen.username, "password": chosen.password} if chosen else None
