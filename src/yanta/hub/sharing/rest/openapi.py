"""The OpenAPI document of one grant: its fields, its terms, nothing of others."""

from __future__ import annotations

from typing import Any

from yanta.hub.sharing.contents import Contents
from yanta.hub.sharing.rest.asking import LIMIT, MOST
from yanta.hub.subjects import Field, conditions

_TYPES: dict[str, dict[str, Any]] = {
    "text": {"type": ["string", "null"]},
    "integer": {"type": ["integer", "null"]},
    "decimal": {"type": ["string", "null"], "format": "decimal"},
    "date": {"type": ["string", "null"], "format": "date"},
    "instant": {"type": ["string", "null"], "format": "date-time"},
    "flag": {"type": ["boolean", "null"]},
}
_PROBLEMS = {
    "400": "读不懂的请求", "401": "凭证不对、签名过期或重复", "403": "授权暂停、收回、到期，或字段未授权",
    "410": "数据集已下线", "429": "超过约定的速度，等 Retry-After 秒再来",
}  # fmt: skip


def document_of(contents: Contents, server: str) -> dict[str, Any]:
    """OpenAPI 3.1."""
    grant, dataset = contents.grant, contents.grant.dataset
    path = f"/share/v1/{dataset.code}/"
    terms = (
        f"使用方：{grant.consumer.title}；有效期 {grant.valid_from} 至 {grant.valid_to}；"
        f"每分钟 {grant.per_minute} 次，每日 {grant.rows_per_day} 行。"
        f"行范围：{conditions.words(contents.subject, contents.condition) or '全部'}。"
    )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": dataset.title,
            "version": str(dataset.version),
            "description": f"{dataset.meaning}\n\n{terms}",
        },
        "servers": [{"url": server}],
        "paths": {path: {"get": _operation(contents)}},
        "components": {
            "schemas": {"Row": _row(contents), "Problem": _problem()},
            "securitySchemes": _security(),
        },
        "security": [{"bearer": []}, {"signature": []}],
        **({"x-deprecated": {"ends_on": str(dataset.ends_on)}} if dataset.ends_on else {}),
    }


def _operation(contents: Contents) -> dict[str, Any]:
    dataset = contents.grant.dataset
    page = {
        "type": "object",
        "required": ["dataset", "version", "rows", "removed", "next", "position"],
        "properties": {
            "dataset": {"type": "string"},
            "version": {"type": "integer"},
            "rows": {"type": "array", "items": {"$ref": "#/components/schemas/Row"}},
            "removed": {
                "type": "array",
                "items": {"type": "string"},
                "description": "不再属于授权范围的行的 _id",
            },
            "next": {"type": ["string", "null"], "description": "下一页的 cursor；到底为 null"},
            "position": {"type": ["string", "null"], "description": "全部读完后给出，下次作为 changed_since"},
        },
    }
    found = {"application/json": {"schema": page}, "application/x-ndjson": {"schema": {"type": "string"}}}
    problems = {
        status: {
            "description": words,
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status, words in _PROBLEMS.items()
    }
    return {
        "operationId": f"read_{dataset.code.replace('-', '_')}", "summary": f"读取{dataset.title}",
        "deprecated": dataset.state == "deprecated", "parameters": _parameters(contents),
        "responses": {"200": {"description": "一页", "content": found}, "304": {"description": "与上次相同"}, **problems},
    }  # fmt: skip


def _parameters(contents: Contents) -> list[dict[str, Any]]:
    plain = [
        ("limit", {"type": "integer", "minimum": 1, "maximum": MOST, "default": LIMIT}, "每页行数"),
        ("cursor", {"type": "string"}, "上一页的 next"),
        ("changed_since", {"type": "string"}, "上次的 position：只要此后变更的行"),
        ("filter", {"type": "string"}, "JSON 写法的条件，只能用授权的字段"),
        ("fields", {"type": "string"}, "只要其中几个字段，逗号分开"),
        ("format", {"type": "string", "enum": ["json", "ndjson"]}, "也可用 Accept 头"),
    ]
    known = [
        {"name": name, "in": "query", "schema": schema, "description": words} for name, schema, words in plain
    ]
    own = [
        {
            "name": name,
            "in": "query",
            "schema": {"type": "string"},
            "description": f"{contents.subject.field(name).title}等于",
        }
        for name in contents.names
    ]
    return known + own


def _row(contents: Contents) -> dict[str, Any]:
    properties: dict[str, Any] = {"_id": {"type": "string", "description": "行的标识，只在这份授权里有意义"}}
    for name in contents.names:
        properties[name] = {
            **_TYPES[contents.subject.field(name).kind],
            **_described(contents.subject.field(name)),
        }
    return {"type": "object", "required": ["_id"], "properties": properties}


def _described(field: Field) -> dict[str, Any]:
    words = [field.title, f"{field.standard} {field.element}".strip(), field.level.label]
    if field.level >= 4:
        words.append("只在带签名的请求中给原值，否则给标记")
    found: dict[str, Any] = {"description": "；".join(word for word in words if word)}
    if field.code_set:
        found["x-code-set"] = field.code_set
    return found


def _problem() -> dict[str, Any]:
    names = {"type": "string", "title": "string", "detail": "string", "status": "integer"}
    return {"type": "object", "properties": {name: {"type": kind} for name, kind in names.items()}}


def _security() -> dict[str, Any]:
    how = "YANTA-HMAC-SHA256（或 -SM3） key=…, time=秒, nonce=…, signature=十六进制；见 docs/how-to/read-a-dataset.md"
    return {
        "bearer": {"type": "http", "scheme": "bearer", "description": "密钥编号.密钥"},
        "signature": {"type": "apiKey", "in": "header", "name": "Authorization", "description": how},
    }
