"""Applications for tests, and rows for conformance where none can be made up."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from yanta.kernel.organisation.models import OrgUnit
from yanta.kernel.testing.factories import AccountFactory, OrgUnitFactory, PersonFactory
from yanta.sso.applications.models import (
    AccessRule,
    Application,
    AttributeRelease,
    Consent,
    Decision,
    Entry,
    SsoSession,
)

EXAMPLES = {
    Application: lambda n: {"code": f"app-{n}", "home_url": "https://app.example/", "state": "draft", "contact_words": "8001"},
    AccessRule: {"role": "teacher", "effect": "allow"},
    AttributeRelease: {"attribute": "name", "purpose": "显示姓名", "alias": ""},
    Consent: lambda n: {"attributes": ["name"], "given_at": timezone.now()},
    SsoSession: lambda n: {"sid": f"sid-{n}", "session_id": 10_000 + n},
    Entry: lambda n: {"protocol": "cas", "entered_at": timezone.now(), "used_at": timezone.now(), "notice": "open"},
    Decision: lambda n: {"at": timezone.now(), "protocol": "cas", "step": "ticket", "outcome": "granted"},
}  # fmt: skip


def unit(**given: Any) -> OrgUnit:
    made: OrgUnit = OrgUnitFactory.create(**given)
    return made


def account(**given: Any) -> Any:
    person = PersonFactory.create(
        home_unit=given.pop("unit", None), email="somebody@campus.example", phone="13800000001"
    )
    return AccountFactory.create(person=person, **given)


def application(code: str = "library", **given: Any) -> Application:
    """An application in use that everybody may enter and that asks nobody."""
    values = {
        "name": "图书馆", "summary": "借书", "home_url": "https://lib.example/", "contact_words": "8001",
        "state": Application.State.ACTIVE, "audience": Application.Audience.EVERYONE, "asking": Application.Asking.NEVER,
        "owner": given.pop("owner", None) or unit(),
    }  # fmt: skip
    return Application.objects.create(code=code, **(values | given))


def released(app: Application, *attributes: str, approved: bool = False, **given: Any) -> None:
    for attribute in attributes:
        AttributeRelease.objects.create(
            application=app,
            attribute=attribute,
            purpose="试验",
            approved_at=timezone.now() if approved else None,
            **given,
        )
