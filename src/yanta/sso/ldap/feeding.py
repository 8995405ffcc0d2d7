"""The OpenLDAP wire: a directory of their own is kept in step, entry by entry."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import ldap3
from ldap3.core.exceptions import LDAPException
from ldap3.utils.dn import escape_rdn, parse_dn

from yanta.sso.scim.models import Copy, Target
from yanta.sso.scim.provisioning.speaking import refusal_of_address
from yanta.sso.scim.provisioning.wires import Trouble, wire

SECONDS = 15
PAGE = 500
_GONE, _EXISTS = 32, 68
_LASTING = (17, 19, 21, 34, 49, 50, 65)
User = Copy.Noun.USER.value


@wire("openldap")
@contextmanager
def line(target: Target) -> Iterator[OpenLdap]:
    refusal = refusal_of_address(target.url)
    if refusal:
        raise Trouble(refusal, lasting=True)
    try:
        # As the server will write it, which names are compared with: without the blanks that people put behind commas.
        base = ",".join(f"{kind}={value}" for kind, value, _ in parse_dn(target.base, strip=True))
        server = ldap3.Server(target.url, connect_timeout=SECONDS, get_info=ldap3.NONE)
        connection = ldap3.Connection(server, target.login, target.secret, receive_timeout=SECONDS)
        if not connection.bind():
            raise Trouble(f"绑定失败：{connection.result['description']}")
    except LDAPException as error:
        raise Trouble(f"{type(error).__name__} {error}".strip()) from None
    try:
        yield OpenLdap(connection, base)
    finally:
        connection.unbind()


class OpenLdap:
    """One conversation; a remote id is a distinguished name."""

    def __init__(self, connection: ldap3.Connection, base: str) -> None:
        self.connection, self.base = connection, base
        self._branches = False

    def _ask(self, verb: str, *arguments: Any, bears: tuple[int, ...] = ()) -> int:
        """The result code; raises `Trouble` for any but success and those that are borne."""
        try:
            getattr(self.connection, verb)(*arguments)
        except LDAPException as error:
            raise Trouble(f"{type(error).__name__} {error}".strip()) from None
        result = self.connection.result
        code = int(result["result"])
        if code and code not in bears:
            said = f"对方回答 {code} {result['description']} {result['message']}".strip()
            raise Trouble(said, lasting=code in _LASTING)
        return code

    def _prepare(self) -> None:
        """The two branches, made where they are missing."""
        if not self._branches:
            for name in ("people", "groups"):
                self._ask("add", f"ou={name},{self.base}", "organizationalUnit", {"ou": name}, bears=(_EXISTS,))  # fmt: skip
            self._branches = True

    def put(self, noun: str, key: str, remote_id: str, content: dict[str, Any]) -> str:
        self._prepare()
        dn, classes, values = self._person(content) if noun == User else self._group(content)
        if remote_id and remote_id != dn:
            self.end(noun, key, remote_id, delete=True)
        if self._ask("add", dn, classes, values, bears=(_EXISTS,)) == _EXISTS:
            changes = {name: [(ldap3.MODIFY_REPLACE, _listed(values.get(name)))] for name in _written(noun)}
            self._ask("modify", dn, changes)
        return dn

    def _person(self, content: dict[str, Any]) -> tuple[str, list[str], dict[str, Any]]:
        name = content.get("displayName") or content["userName"]
        campus = content.get("urn:yanta:params:scim:schemas:campus:2.0:User", {})
        values = {
            "cn": name, "sn": name, "displayName": name, "employeeNumber": content["externalId"],
            "mail": [one["value"] for one in content.get("emails", ())],
            "mobile": [one["value"] for one in content.get("phoneNumbers", ())],
            "departmentNumber": campus.get("unitCode", ""), "ou": campus.get("unitName", ""),
        }  # fmt: skip
        dn = f"uid={escape_rdn(content['userName'])},ou=people,{self.base}"
        return dn, ["inetOrgPerson"], {name: one for name, one in values.items() if one}

    def _group(self, content: dict[str, Any]) -> tuple[str, list[str], dict[str, Any]]:
        dn = f"cn={escape_rdn(content['externalId'])},ou=groups,{self.base}"
        # The class wants a member: a group whose people are not there yet names itself.
        return dn, ["groupOfNames"], {"description": content["displayName"], "member": content["members"] or [dn]}  # fmt: skip

    def end(self, noun: str, key: str, remote_id: str, *, delete: bool) -> None:
        """An entry without a password opens nothing, and there is no flag to set: it is removed either way."""
        self._ask("delete", remote_id, bears=(_GONE,))

    def differs(self, noun: str, held: dict[str, Any], sent: dict[str, Any]) -> bool:
        """Every attribute that we write, as a set: LDAP knows no order."""
        _dn, _classes, values = self._person(sent) if noun == User else self._group(sent)
        there = held["attributes"]
        return any(set(_listed(there.get(name))) != set(_listed(values.get(name))) for name in _written(noun))

    def held(self, noun: str) -> Iterator[tuple[str, dict[str, Any]]]:
        branch, kind = ("people", "inetOrgPerson") if noun == User else ("groups", "groupOfNames")
        self._prepare()
        try:
            found = self.connection.extend.standard.paged_search(
                f"ou={branch},{self.base}", f"(objectClass={kind})", attributes=["cn", *_written(noun)], paged_size=PAGE, generator=True
            )  # fmt: skip
            for one in found:
                if one["type"] == "searchResEntry":
                    yield one["dn"], _comparable(noun, one["attributes"])
        except LDAPException as error:
            raise Trouble(f"{type(error).__name__} {error}".strip()) from None


_PERSON = ("cn", "sn", "displayName", "mail", "mobile", "employeeNumber", "departmentNumber", "ou")
_GROUP = ("description", "member")


def _written(noun: str) -> tuple[str, ...]:
    return _PERSON if noun == User else _GROUP


def _listed(value: Any) -> list[Any]:
    if not value:
        return []
    return value if isinstance(value, list) else [value]


def _comparable(noun: str, values: Any) -> dict[str, Any]:
    """Our key and whatever is there; the key of a group is its name."""
    found = _listed(values.get("employeeNumber" if noun == User else "cn"))
    return {"externalId": str(found[0]) if found else "", "attributes": dict(values)}
