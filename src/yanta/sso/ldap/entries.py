"""What the directory says: attributes by policy of the application, conditions as SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import Q
from ldaptor.protocols import pureldap

from yanta.kernel.identity.models import Account
from yanta.sso.applications import public as sso
from yanta.sso.directory import groups, people
from yanta.sso.directory.columns import NOTHING, Column, UnfitFilter, where
from yanta.sso.ldap import names

PERSON_CLASSES = ("top", "person", "organizationalPerson", "inetOrgPerson", "eduPerson")
GROUP_CLASSES = ("top", "groupOfNames")
DEEPEST = 40
# LDAP's words for the attributes of the registry.
ATTRIBUTES = {
    "displayname": "name", "mail": "email", "mobile": "phone", "telephonenumber": "phone", "employeenumber": "staff_number",
    "studentnumber": "student_number", "departmentnumber": "unit_code", "ou": "unit_name",
    "edupersonaffiliation": "affiliation", "edupersonentitlement": "roles", "personnumber": "number", "givenname": "latin_name",
}  # fmt: skip
_WRITTEN = {
    "name": ("displayName",), "email": ("mail",), "phone": ("mobile",), "staff_number": ("employeeNumber",),
    "student_number": ("studentNumber",), "unit_code": ("departmentNumber",), "unit_name": ("ou",),
    "affiliation": ("eduPersonAffiliation",), "roles": ("eduPersonEntitlement",), "number": ("personNumber",),
    "latin_name": ("givenName",),
}  # fmt: skip
Entry = tuple[str, dict[str, list[str]]]


def person_entries(app: sso.Application, accounts: Sequence[Account], *, base: str, on: date) -> list[Entry]:
    """As inetOrgPerson (RFC 2798), each with the groups that it is in."""
    told = [one.attribute for one in sso.releases_of(app)]
    keys = groups.memberships(app, [one.pk for one in accounts], on=on)
    made: list[Entry] = []
    for holder in people.holders_of(accounts, on=on):
        subject = sso.subject_for(app, holder.account)
        values = sso.values_for(holder, told)
        name = str(values.get("name") or subject)
        entry = {"objectClass": list(PERSON_CLASSES), "uid": [subject], "cn": [name], "sn": [name]}
        for code, value in values.items():
            for written in _WRITTEN.get(code, ()):
                entry[written] = value if isinstance(value, list) else [value]
        member_of = [names.group(base, app.code, key) for key in keys.get(holder.account.pk, ())]
        entry |= {"memberOf": member_of} if member_of else {}
        made.append((names.person(base, app.code, subject), entry))
    return made


def group_entries(app: sso.Application, found: Sequence[groups.Group], *, base: str, on: date) -> list[Entry]:
    """As groupOfNames (RFC 4519); a group of nobody names itself, for the class wants a member."""
    subject = people.subject_column(app).path
    made: list[Entry] = []
    for one in found:
        dn = names.group(base, app.code, one.key)
        rows = groups.members_of(app, one.key, on=on).order_by("pk").values_list(subject, flat=True)
        members = [names.person(base, app.code, str(row)) for row in rows]
        entry = {
            "objectClass": list(GROUP_CLASSES),
            "cn": [one.key],
            "description": [one.title],
            "member": members or [dn],
        }
        made.append((dn, entry))
    return made


# Conditions


def person_columns(app: sso.Application, *, base: str, on: date) -> Mapping[str, Column | None]:
    told = people.told_columns(app, on=on)
    subject = people.subject_column(app)
    columns: dict[str, Column | None] = {name: told[code] for name, code in ATTRIBUTES.items()}
    columns |= {"uid": subject, "cn": told["name"] or subject, "sn": told["name"] or subject}

    def in_group(value: Any) -> list[int] | None:
        place = names.place_of(str(value), base=base)
        if place is None or place.application != app.code or place.branch != "groups":
            return None
        return list(groups.members_of(app, place.leaf, on=on).values_list("pk", flat=True)) or None

    return columns | {"memberof": Column("pk", "number", stored=in_group)}


def group_columns(app: sso.Application, *, base: str, on: date) -> Mapping[str, Column | None]:
    def of_member(value: Any) -> list[str] | None:
        place = names.place_of(str(value), base=base)
        if place is None or place.application != app.code or place.branch != "people":
            return None
        who = (
            people.accounts_of(app, on=on).filter(people.subject_column(app).where("eq", place.leaf)).first()
        )
        return groups.memberships(app, [who.pk], on=on).get(who.pk) if who else None

    return {
        "cn": Column("gid", "exact"),
        "description": Column("title"),
        "member": Column("gid", "exact", stored=of_member),
    }


class Conditions:
    """A filter over one kind of entry (RFC 4511 section 4.5.1.7); what is unknown is undefined and matches nothing."""

    def __init__(self, columns: Mapping[str, Column | None], classes: Sequence[str]) -> None:
        self.columns = columns
        self.classes = {one.lower() for one in classes}

    def of(self, node: Any, depth: int = 0) -> Q:
        if depth > DEEPEST:
            raise UnfitFilter("查询条件嵌套太深")
        if isinstance(node, pureldap.LDAPFilter_and | pureldap.LDAPFilter_or):
            return self._joined(node, depth)
        if isinstance(node, pureldap.LDAPFilter_not):
            return ~self.of(node.value, depth + 1)
        if isinstance(node, pureldap.LDAPFilter_present):
            return self._compared(_text(node.value), "pr", None)
        if isinstance(node, pureldap.LDAPFilter_substrings):
            return self._compared(_text(node.type), "like", _parts(node))
        operator = _OPERATORS.get(type(node))
        if operator is None:
            return NOTHING
        return self._compared(_text(node.attributeDesc.value), operator, _text(node.assertionValue.value))

    def _joined(self, node: Any, depth: int) -> Q:
        terms = [self.of(one, depth + 1) for one in node]
        found = Q() if isinstance(node, pureldap.LDAPFilter_and) or not terms else NOTHING
        for one in terms:
            found = found & one if isinstance(node, pureldap.LDAPFilter_and) else found | one
        return found

    def _compared(self, attribute: str, operator: str, value: Any) -> Q:
        name = attribute.lower().partition(";")[0]
        if name == "objectclass":
            return Q() if operator == "pr" or str(value).lower() in self.classes else NOTHING
        if name not in self.columns:
            return NOTHING
        return where(self.columns, name, operator, value)


_OPERATORS = {
    pureldap.LDAPFilter_equalityMatch: "eq", pureldap.LDAPFilter_approxMatch: "eq",
    pureldap.LDAPFilter_greaterOrEqual: "ge", pureldap.LDAPFilter_lessOrEqual: "le",
}  # fmt: skip


def _text(value: Any) -> str:
    raw = getattr(value, "value", value)
    return raw.decode("utf-8", "replace") if isinstance(raw, bytes) else str(raw)


def _parts(node: Any) -> list[str]:
    first, last, middle = "", "", []
    for one in node.substrings:
        if isinstance(one, pureldap.LDAPFilter_substrings_initial):
            first = _text(one)
        elif isinstance(one, pureldap.LDAPFilter_substrings_final):
            last = _text(one)
        else:
            middle.append(_text(one))
    # An open beginning or end is an empty text there; the pattern joins what is given in order.
    return [first, *middle, last]
