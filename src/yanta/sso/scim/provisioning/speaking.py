"""The SCIM wire: RFC 7644 as a client."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx

from yanta.sso.scim.models import Copy, Target
from yanta.sso.scim.provisioning.wires import Trouble, wire

TIMEOUT = httpx.Timeout(15, connect=5)
PAGE, MOST = 200, 1_000_000
_ENDPOINTS = {Copy.Noun.USER.value: "Users", Copy.Noun.GROUP.value: "Groups"}
_SCHEMAS = {
    Copy.Noun.USER.value: "urn:ietf:params:scim:schemas:core:2.0:User",
    Copy.Noun.GROUP.value: "urn:ietf:params:scim:schemas:core:2.0:Group",
}
_CAMPUS = "urn:yanta:params:scim:schemas:campus:2.0:User"
_ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
_ENTERPRISE_NAMES = {"personNumber": "employeeNumber", "unitName": "department", "unitCode": "division"}
_PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
_LASTING = (400, 401, 403, 405, 413, 501)


def refusal_of_address(url: str) -> str | None:
    """People's data leave encrypted, or not at all; plain only to this machine."""
    parts = urlsplit(url)
    if parts.scheme in ("https", "ldaps") and parts.hostname:
        return None
    if parts.scheme in ("http", "ldap") and parts.hostname and _is_here(parts.hostname):
        return None
    return "地址须为 https 或 ldaps（本机调试除外）"


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@wire("scim")
@contextmanager
def line(target: Target) -> Iterator[Scim]:
    """Redirects are not followed: a target does not send us elsewhere with our token."""
    refusal = refusal_of_address(target.url)
    if refusal:
        raise Trouble(refusal, lasting=True)
    headers = {"Authorization": f"Bearer {target.secret}", "Accept": "application/scim+json"}
    with httpx.Client(timeout=TIMEOUT, headers=headers, follow_redirects=False) as http:
        yield Scim(http, target.url.rstrip("/"))


class Scim:
    """One conversation."""

    def __init__(self, http: httpx.Client, base: str) -> None:
        self.http, self.base = http, base

    def _ask(self, method: str, path: str, body: Any = None, **params: Any) -> httpx.Response:
        try:
            return self.http.request(
                method, f"{self.base}/{path}", json=body, params=params or None,
                headers={"Content-Type": "application/scim+json"} if body is not None else {},
            )  # fmt: skip
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Trouble(f"{type(error).__name__} {error}".strip()) from None

    def put(self, noun: str, key: str, remote_id: str, content: dict[str, Any]) -> str:
        body = _foreign(noun, content)
        if noun == Copy.Noun.GROUP:
            body["members"] = [{"value": one} for one in content["members"]]
        if remote_id:
            answer = self._ask("PUT", f"{_ENDPOINTS[noun]}/{remote_id}", {**body, "id": remote_id})
            if answer.status_code != 404:
                return str(_checked(answer).get("id", remote_id))
        answer = self._ask("POST", _ENDPOINTS[noun], body)
        if answer.status_code == 409:
            return self._adopt(noun, body)
        return str(_checked(answer)["id"])

    def _adopt(self, noun: str, body: dict[str, Any]) -> str:
        """Somebody of this name is there already: it is ours from now on."""
        name = "userName" if noun == Copy.Noun.USER else "displayName"
        quoted = str(body[name]).replace("\\", "\\\\").replace('"', '\\"')
        found = _checked(self._ask("GET", _ENDPOINTS[noun], filter=f'{name} eq "{quoted}"')).get(
            "Resources", []
        )
        if len(found) != 1:
            raise Trouble(f"对方说“{body[name]}”已存在，但查到 {len(found)} 个", lasting=True)
        remote_id = str(found[0]["id"])
        _checked(self._ask("PUT", f"{_ENDPOINTS[noun]}/{remote_id}", {**body, "id": remote_id}))
        return remote_id

    def end(self, noun: str, key: str, remote_id: str, *, delete: bool) -> None:
        path = f"{_ENDPOINTS[noun]}/{remote_id}"
        if delete:
            answer = self._ask("DELETE", path)
        else:
            change = {"op": "replace", "path": "active", "value": False}
            answer = self._ask("PATCH", path, {"schemas": [_PATCH], "Operations": [change]})
        if answer.status_code != 404:
            _checked(answer)

    def differs(self, noun: str, held: dict[str, Any], sent: dict[str, Any]) -> bool:
        """In what both sides know; a target that does not tell members is believed."""
        if "members" in held and {str(one.get("value", "")) for one in held["members"] or ()} != set(
            sent["members"]
        ):
            return True
        return any(held[name] != sent[name] for name in held if name in sent and name != "members")

    def held(self, noun: str) -> Iterator[tuple[str, dict[str, Any]]]:
        start, total = 1, 1
        while start <= min(total, MOST):
            page = _checked(self._ask("GET", _ENDPOINTS[noun], startIndex=start, count=PAGE))
            rows, total = page.get("Resources") or [], int(page.get("totalResults", 0))
            for one in rows:
                yield str(one["id"]), one
            if not rows:
                return
            start += len(rows)


def _foreign(noun: str, content: dict[str, Any]) -> dict[str, Any]:
    """In words that every target knows: what our own extension says goes into the one for enterprises (RFC 7643 section 4.3)."""
    body = {name: value for name, value in content.items() if name not in (_CAMPUS, "schemas")}
    campus, schemas = content.get(_CAMPUS, {}), [_SCHEMAS[noun]]
    told = {theirs: campus[ours] for ours, theirs in _ENTERPRISE_NAMES.items() if ours in campus}
    if told:
        schemas, body[_ENTERPRISE] = [*schemas, _ENTERPRISE], told
    return {"schemas": schemas, **body}


def _checked(answer: httpx.Response) -> dict[str, Any]:
    """The body, or what is wrong in the target's own words."""
    if answer.is_success:
        try:
            found = answer.json() if answer.content else {}
        except ValueError:
            raise Trouble("对方的回答不是 JSON") from None
        return found if isinstance(found, dict) else {}
    try:
        said = str(answer.json().get("detail", ""))
    except (ValueError, AttributeError):
        said = ""
    raise Trouble(f"对方回答 {answer.status_code} {said}".strip(), lasting=answer.status_code in _LASTING)
