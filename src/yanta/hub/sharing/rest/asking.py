"""What the address of a request asks for; anything unknown is refused, never passed over."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from yanta.hub.sharing.contents import Contents
from yanta.hub.sharing.rest.access import Denied
from yanta.hub.subjects import conditions
from yanta.kernel.base import Refused

LIMIT, MOST = 100, 5000
KNOWN = frozenset({"limit", "cursor", "changed_since", "filter", "fields", "format"})
CONTROL = frozenset({"limit", "cursor", "format"})


@dataclass(frozen=True, slots=True)
class Asked:
    """One page: after which id, how many, which fields, what else must hold."""

    limit: int
    after: int
    position: str
    since: str
    names: tuple[str, ...]
    condition: dict[str, Any]
    is_lines: bool

    def cursor(self, last: int) -> str:
        """Where the next page begins; the position is that of the first page, so nothing in between is lost."""
        return packed({"after": last, "position": self.position, "since": self.since})


def packed(value: dict[str, Any]) -> str:
    return urlsafe_b64encode(json.dumps(value, separators=(",", ":")).encode()).decode().rstrip("=")


def unpacked(text: str, what: str) -> dict[str, Any]:
    try:
        value = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except ValueError as error:
        raise Denied(400, "读不懂的请求", f"{what} 应原样使用上一次应答里的值") from error
    if not isinstance(value, dict):
        raise Denied(400, "读不懂的请求", f"{what} 应原样使用上一次应答里的值")
    return value


def read(query: QueryDict, contents: Contents, *, wants_lines: bool) -> Asked:
    """The query, checked against the grant."""
    cursor = _cursor(query)
    since = str(cursor.get("since", ""))
    if query.get("changed_since"):
        since = str(unpacked(query.get("changed_since", ""), "changed_since").get("position", ""))
    try:
        condition = _condition(query, contents)
    except Refused as refusal:
        raise Denied(400, "筛选条件有误", refusal.message) from refusal
    return Asked(
        _limit(query), int(cursor.get("after", 0)), str(cursor.get("position", "")), since, _names(query, contents),
        condition, wants_lines or query.get("format") == "ndjson",
    )  # fmt: skip


def _cursor(query: QueryDict) -> dict[str, Any]:
    if not query.get("cursor"):
        return {}
    cursor = unpacked(query.get("cursor", ""), "cursor")
    if not isinstance(cursor.get("after"), int):
        raise Denied(400, "读不懂的请求", "cursor 应原样使用上一次应答里的值")
    return cursor


def _limit(query: QueryDict) -> int:
    text = query.get("limit", str(LIMIT))
    if not text.isdecimal() or not 0 < int(text) <= MOST:
        raise Denied(400, "读不懂的请求", f"limit 应为 1 到 {MOST} 的整数")
    return int(text)


def _names(query: QueryDict, contents: Contents) -> tuple[str, ...]:
    if not query.get("fields"):
        return contents.names
    wanted = query.get("fields", "").split(",")
    for name in wanted:
        _granted(name, contents)
    return tuple(name for name in contents.names if name in wanted)


def _granted(name: str, contents: Contents) -> None:
    if name not in contents.names:
        raise Denied(403, "未授权的字段", f"“{name}”不在这份授权的字段里", grant=contents.grant)


def _condition(query: QueryDict, contents: Contents) -> dict[str, Any]:
    """`?field=value` for each granted field, and `filter` for a whole condition."""
    parts: list[dict[str, Any]] = []
    for name in query:
        if name not in KNOWN:
            _granted(name, contents)
            parts.append({"field": name, "is": "in", "value": query.getlist(name)})
    if query.get("filter"):
        try:
            parts.append(dict(json.loads(query.get("filter", ""))))
        except (ValueError, TypeError) as error:
            raise Refused("filter 须是 JSON 写法的条件") from error
    condition = {"all": parts}
    for name in conditions.fields_of(condition):
        _granted(name, contents)
        if name in contents.hidden:
            raise Denied(
                403,
                "不能按此字段筛选",
                f"“{name}”以标记代替，只有带签名的请求才能按它筛选",
                grant=contents.grant,
            )
    conditions.check(contents.subject, condition)
    return condition
