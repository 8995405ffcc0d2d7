"""Run inside the installation under test: two colleges, one teacher, who moves people, and who is told of it."""

import json
import os
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from yanta.kernel.access.models import RoleGrant
from yanta.kernel.identity import tokens
from yanta.kernel.identity.models import Account
from yanta.kernel.organisation.models import OrgUnit
from yanta.kernel.people.models import Affiliation, Person
from yanta.masterdata import services
from yanta.masterdata.models import StaffMember
from yanta.sso.applications.models import AccessRule, Application, AttributeRelease
from yanta.sso.cas.models import CasService
from yanta.sso.ldap.models import Door
from yanta.sso.oidc.issuing import digest_of
from yanta.sso.scim.models import Target

HOMES = json.loads(os.environ["DOORS_MOVING"])
TOLD = ("username", "name", "staff_number", "unit_code", "unit_name", "affiliation", "roles", "email")


def account(username: str, name: str, unit: OrgUnit) -> Account:
    person = Person.objects.create(
        number=f"PM-{username}", name=name, home_unit=unit, email=f"{username}@campus.example"
    )
    made = Account(
        username=username, name=name, person=person, state="active", password_changed_at=timezone.now()
    )
    made.set_password("Heron-Tower-652")
    made.save()
    return made  # fmt: skip


def officer(username: str, name: str, role: str, unit: OrgUnit) -> str:
    """Somebody with one role in one unit; the key of the program that acts for them."""
    holder = account(username, name, unit)
    RoleGrant.objects.create(
        account=holder, role=role, org_unit=unit, reason=f"因任{name}", valid_from=timezone.localdate()
    )
    _row, secret = tokens.issue(
        holder, name="试验", scope="write", valid_for=timedelta(days=1), at=timezone.now()
    )
    return secret  # fmt: skip


def application(code: str, name: str, owner: OrgUnit, unit: OrgUnit | None = None) -> Application:
    app = Application.objects.create(
        code=code, name=name, summary="试验", home_url=HOMES["app"], owner=owner, contact_words="8001", state="active",
        audience="ruled" if unit else "everyone", asking="never",
    )  # fmt: skip
    for attribute in TOLD:
        AttributeRelease.objects.create(application=app, attribute=attribute, purpose="试验")
    if unit:
        AccessRule.objects.create(application=app, unit=unit)
        CasService.objects.create(application=app, url=f"{HOMES['app']}{code}/")
    return app


def build() -> dict[str, object]:
    owner = OrgUnit.objects.get(code="0001")
    units = {code: OrgUnit.add_root(code=code, name=name, kind=kind) for code, name, kind in (
        ("M100", "文学院", "college"), ("M200", "理学院", "college"), ("M900", "人事处", "office"),
    )}  # fmt: skip
    old, new, hr = units["M100"], units["M200"], units["M900"]
    Target.objects.create(
        application=application("campus-mail", "邮件系统", owner),
        url=HOMES["scim"],
        secret="of-the-mail-system",
    )
    Door.objects.create(
        application=application("campus-ldap", "目录", owner), secret_digest=digest_of("of-the-directory")
    )
    application("of-letters", "文学院资料室", old, old)
    application("of-science", "理学院实验室", new, new)
    heron = account("heron", "苍鹭", old)
    yesterday = timezone.localdate() - timedelta(days=1)
    with transaction.atomic():
        Affiliation.objects.create(
            person=heron.person, role="staff", number="TM01", org_unit=old, valid_from=yesterday
        )
        row = StaffMember.objects.create(person=heron.person, number="TM01", department=old)
        services.follow_facts(on=yesterday, people={heron.person_id})
    return {
        "staff": row.pk, "account": heron.pk, "old": old.pk, "new": new.pk,
        "hr": officer("crane", "人事科科员", "clerk", hr), "old_dean": officer("egret", "文学院院长", "head", old),
        "new_dean": officer("ibis", "理学院院长", "head", new),
    }  # fmt: skip


print(json.dumps(build()))
