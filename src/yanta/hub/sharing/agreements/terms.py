"""The text that both nodes sign, and whether they did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson

from yanta.hub import subjects
from yanta.hub.nodes import public as nodes
from yanta.hub.sharing import rules
from yanta.hub.sharing.models import Agreement
from yanta.hub.subjects import conditions
from yanta.kernel.base import Refused, signatures

FORMAT = "yanta-agreement/1"
TEXTS = ("number", "provider", "consumer", "dataset", "title", "subject", "purpose", "valid_from", "valid_to")
NUMBERS = ("version", "per_minute", "rows_per_day", "level")
RULE = "sharing.terms"


def written(one: Agreement) -> str:
    """Canonical JSON: equal terms give equal bytes on both sides."""
    own, other = nodes.own_code(), one.node
    terms = {
        "format": FORMAT, "number": one.number, "provider": own if one.gives else other,
        "consumer": other if one.gives else own, "dataset": one.dataset, "title": one.title, "subject": one.subject,
        "version": one.version, "fields": list(one.names), "condition": one.condition, "purpose": one.purpose,
        "valid_from": one.valid_from.isoformat(), "valid_to": one.valid_to.isoformat(), "per_minute": one.per_minute,
        "rows_per_day": one.rows_per_day, "level": one.level,
    }  # fmt: skip
    return orjson.dumps(terms, option=orjson.OPT_SORT_KEYS).decode()


@dataclass(frozen=True, slots=True)
class Terms:
    """A text that was read and makes sense."""

    number: str
    provider: str
    consumer: str
    values: dict[str, Any]


def read(text: str) -> Terms:
    """Refuses, in words, what is no agreement."""
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Refused("协议文本读不懂", rule=RULE) from error
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise Refused("不认识的协议格式", rule=RULE)
    _check_shape(found)
    about = subjects.subject(found["subject"])
    for name in found["fields"]:
        about.field(name)
    if found["condition"]:
        conditions.check(about, found["condition"])
    values = {name: found[name] for name in ("dataset", "title", "subject", "purpose", "condition", *NUMBERS)}
    values |= {
        "names": found["fields"],
        "valid_from": _day(found["valid_from"]),
        "valid_to": _day(found["valid_to"]),
    }
    return Terms(found["number"], found["provider"], found["consumer"], values)


def _check_shape(found: dict[str, Any]) -> None:
    wrong = [name for name in TEXTS if not isinstance(found.get(name), str) or "\x00" in found[name]]
    wrong += [name for name in NUMBERS if type(found.get(name)) is not int]
    names = found.get("fields")
    if not isinstance(names, list) or not names or not all(isinstance(one, str) for one in names):
        wrong.append("fields")
    if not isinstance(found.get("condition"), dict):
        wrong.append("condition")
    if wrong:
        raise Refused(f"协议文本缺少或写错了 {'、'.join(wrong)}", rule=RULE)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Refused("协议文本里的日期读不懂", rule=RULE) from error


def sign(one: Agreement) -> str:
    """Our node's signature under the text."""
    return signatures.sign(one.terms.encode()).as_text()


def check_signed(one: Agreement, text: str, signature: str) -> None:
    """Refuses a text that the other node did not sign."""
    if not nodes.is_signed_by(one.node, text.encode(), signature):
        raise Refused(f"协议文本不是{one.partner}所签，或签署后被改动", rule="nodes.signature")


def is_narrower(new: Terms, old: Agreement) -> str:
    """Why what is offered is not within what was asked for; empty when it is."""
    values = new.values
    if (new.number, values["dataset"], values["subject"]) != (old.number, old.dataset, old.subject):
        return "对方返回的不是这份协议"
    if not set(values["names"]) <= set(old.names):
        return "对方给出了没有申请的字段"
    if values["purpose"] != old.purpose or values["valid_to"] > old.valid_to:
        return "对方改了用途或延长了期限"
    return ""


def words(one: Agreement) -> dict[str, str]:
    """Fields and rows as people say them."""
    about = subjects.subject(one.subject)
    return {
        "fields": "、".join(about.field(name).title for name in one.names),
        "rows": conditions.words(about, one.condition) or "全部",
        "term": f"{one.valid_from} 至 {one.valid_to}",
        "level": rules.LEVEL_WORDS[one.level],
    }
