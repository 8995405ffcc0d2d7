"""Accounts and groups as SCIM resources, as far as the application is told; many at once, in a fixed number of queries."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from typing import Any

from scim2_models import Meta, Reference

from yanta.kernel.access.roles import ROLES
from yanta.kernel.identity.models import Account
from yanta.sso.applications import public as sso
from yanta.sso.directory import groups, people
from yanta.sso.scim import schema
from yanta.sso.scim.models import Link

_PLAIN = {
    "number": "person_number",
    "latin_name": "latin_name",
    "unit_code": "unit_code",
    "unit_name": "unit_name",
}
_MANY = {"student_number": "student_numbers", "staff_number": "staff_numbers", "affiliation": "affiliations"}


def users(
    app: sso.Application, accounts: Sequence[Account], *, on: date, with_groups: bool = True, told: frozenset[str] | None = None
) -> list[Any]:  # fmt: skip
    """Resources in the order of the accounts; `told` narrows what policy releases."""
    released = {one.attribute for one in sso.releases_of(app)}
    told = frozenset(released) if told is None else told & released
    keys = groups.memberships(app, [one.pk for one in accounts], on=on) if with_groups else {}
    titles = groups.titles_of(app, {key for found in keys.values() for key in found})
    links = Link.objects.filter(application=app, ended_at=None, account__in=[one.pk for one in accounts])
    kept = {pk: (name, note) for pk, name, note in links.values_list("account_id", "external_id", "note")}
    made = []
    for holder in people.holders_of(accounts, on=on):
        account = holder.account
        user = _user(app, holder, told, *kept.get(account.pk, ("", "")))
        member_of = [
            schema.GroupMembership(value=key, ref=Reference(f"Groups/{key}"), display=titles[key])
            for key in keys.get(account.pk, ())
            if key in titles
        ]
        user.groups = member_of or None
        made.append(_stamped(user, account.created_at, account.updated_at))
    return made


def _user(app: sso.Application, holder: sso.Holder, told: frozenset[str], external_id: str, note: str) -> Any:
    values = sso.values_for(holder, sorted(told))
    name, email, phone = (str(values.get(one, "")) for one in ("name", "email", "phone"))
    # A guest is nobody to master data yet.
    known = (
        values
        if holder.affiliations or (holder.account.person and holder.account.person.home_unit_id)
        else {}
    )
    campus: dict[str, Any] = {_PLAIN[one]: known[one] for one in _PLAIN if one in known}
    campus |= {"note": note} if note else {}
    campus |= {_MANY[one]: known[one] for one in _MANY if one in known}
    user = schema.Person(
        id=str(holder.account.pk), external_id=external_id or None, user_name=sso.subject_for(app, holder.account),
        display_name=name or sso.subject_for(app, holder.account), name=schema.Name(formatted=name) if name else None,
        active=holder.account.state in people.LIVE, emails=[schema.Email(value=email)] if email else None,
        phone_numbers=[schema.PhoneNumber(value=phone)] if phone else None,
        roles=[schema.Role(value=one, display=ROLES[one].title) for one in values.get("roles", ())] or None,
    )  # fmt: skip
    if campus:
        user[schema.Campus] = schema.Campus(**campus)
    return user


def group(app: sso.Application, found: groups.Group, *, on: date, with_members: bool = True) -> Any:
    members: list[Any] = []
    if with_members:
        rows = groups.members_of(app, found.key, on=on).order_by("pk").values_list("pk", flat=True)
        members = [schema.Member(value=str(pk), ref=Reference(f"Users/{pk}"), type="User") for pk in rows]
    made = schema.Group(
        id=found.key, external_id=found.external_id or None, display_name=found.title, members=members or None
    )
    return _stamped(made, found.made_at, found.changed_at)


def _stamped(resource: Any, created: Any, changed: Any) -> Any:
    """The version is the content's digest, so it changes with whatever the facts change, and with nothing else."""
    content = resource.model_dump_json(exclude={"meta"})
    version = hashlib.sha256(content.encode()).hexdigest()[:20]
    resource.meta = Meta(
        resource_type=type(resource).__name__.partition("[")[0], created=schema.since(created), last_modified=schema.since(changed),
        version=f'W/"{version}"',
    )  # fmt: skip
    return resource
